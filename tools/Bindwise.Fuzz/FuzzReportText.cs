using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using static System.FormattableString;

namespace Bindwise.Fuzz;

/// <summary>
/// A fuzz report as text that can be attached to a bug report: kernel, seed, version and counts, and nothing that names the machine.
/// </summary>
internal static class FuzzReportText
{
    private const int NameCells = 34;
    private const int NumberCells = 14;

    /// <summary>Writes the report as lines of text, each ended by a line feed.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="kernel">The kernel's release.</param>
    /// <param name="version">The version of this program.</param>
    public static string Render(FuzzReport report, string kernel, string version)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        Append(text, Invariant(
            $"bindwise {version}, Linux {kernel}, seed {report.Seed}, {(report.OnKernel ? "model and kernel" : "model alone")}"));
        var coverage = report.Coverage;
        var seconds = report.Elapsed.TotalSeconds;
        var pace = coverage.Scenarios / Math.Max(seconds, 0.001);
        Append(text, Invariant($"{coverage.Scenarios:N0} scenarios, {coverage.Steps:N0} steps in {seconds:F1} s ({pace:N0} a second)"));
        if (report.LeftOut > 0)
            Append(text, Invariant($"{report.LeftOut:N0} scenarios were left out: they wait longer than the run had left"));
        if (report.WhyUnplayed is { } whyNot)
            Append(text, Invariant($"{report.Unplayed:N0} scenarios cannot be played here: {whyNot}"));
        foreach (var kind in Enum.GetValues<CoverageKind>())
            AppendCounts(text, Title(kind), coverage.Of(kind), report.OnKernel);
        text.Append('\n');
        AppendRules(text, report);
        AppendFindings(text, report);
        return text.ToString();
    }

    /// <summary>The title of a table of counts.</summary>
    internal static string Title(CoverageKind kind) => kind switch
    {
        CoverageKind.Op => "ops",
        CoverageKind.Option => "options",
        CoverageKind.Sysctl => "sysctls",
        CoverageKind.Rule => "rules",
        CoverageKind.State => "states",
        _ => "results",
    };

    private static void AppendCounts(StringBuilder text, string title, ImmutableArray<KeyValuePair<string, CoverageCount>> counts,
        bool onKernel)
    {
        Append(text, "");
        Append(text, title.PadRight(NameCells) + "model".PadLeft(NumberCells) + (onKernel ? "kernel".PadLeft(NumberCells) : ""));
        foreach (var (name, count) in counts)
            Append(text, ("  " + name).PadRight(NameCells) + Number(count.Model) + (onKernel ? Number(count.Kernel) : ""));
    }

    private static void AppendRules(StringBuilder text, FuzzReport report)
    {
        if (!report.TooShortFor.IsEmpty)
            Append(text, $"too short a run for: {Ids(report.TooShortFor)} (met only after a wait)");
        if (report.Unmet.IsEmpty)
            Append(text, report.TooShortFor.IsEmpty ? "every rule was met" : "every other rule was met");
        else if (report.IsEnoughToJudge)
            Append(text, $"never met, which is a fault: {Ids(report.Unmet)}");
        else
            Append(text, Invariant(
                $"not met yet: {Ids(report.Unmet)} (fewer than {FuzzPlan.EnoughToJudge:N0} scenarios: too few to judge)"));
    }

    private static void AppendFindings(StringBuilder text, FuzzReport report)
    {
        foreach (var finding in report.Findings)
        {
            Append(text, Invariant($"mismatch in {finding.First.Scenario.Name}, {finding.Count:N0} like it: {finding.Summary}"));
            if (finding.Smallest is null)
                Append(text, "  it did not happen again when played alone");
        }
        Append(text, Invariant($"{report.Mismatches:N0} mismatches"));
    }

    private static string Ids(ImmutableArray<Rule> rules) => string.Join(", ", rules.Select(static rule => rule.Id));

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture).PadLeft(NumberCells);

    private static void Append(StringBuilder text, string line) => text.Append(line).Append('\n');
}

/// <summary>A fuzz report as one line of JSON, without anything that names the machine.</summary>
internal static class FuzzReportJson
{
    /// <summary>Writes the report as one line of UTF-8, without the line's end.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="report">What was found.</param>
    /// <param name="kernel">The kernel's release.</param>
    /// <param name="version">The version of this program.</param>
    /// <param name="scenarioText">A scenario as a .bind file.</param>
    public static void Write(IBufferWriter<byte> output, FuzzReport report, string kernel, string version,
        Func<Finding, string> scenarioText)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(scenarioText);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteString("version", version);
        writer.WriteString("kernel", kernel);
        writer.WriteNumber("seed", report.Seed);
        writer.WriteBoolean("onKernel", report.OnKernel);
        writer.WriteNumber("scenarios", report.Coverage.Scenarios);
        writer.WriteNumber("steps", report.Coverage.Steps);
        writer.WriteNumber("leftOut", report.LeftOut);
        writer.WriteNumber("unplayed", report.Unplayed);
        writer.WriteString("whyUnplayed", report.WhyUnplayed);
        writer.WriteNumber("seconds", Math.Round(report.Elapsed.TotalSeconds, 3));
        foreach (var kind in Enum.GetValues<CoverageKind>())
            WriteCounts(writer, kind, report);
        WriteRules(writer, "unmetRules", report.Unmet);
        WriteRules(writer, "rulesThatNeedAWait", report.TooShortFor);
        writer.WriteBoolean("enoughToJudge", report.IsEnoughToJudge);
        writer.WriteNumber("mismatches", report.Mismatches);
        writer.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            writer.WriteStartObject();
            writer.WriteString("scenario", finding.First.Scenario.Name);
            writer.WriteNumber("count", finding.Count);
            writer.WriteString("summary", finding.Summary);
            writer.WriteBoolean("reproduced", finding.Smallest is not null);
            writer.WriteString("text", scenarioText(finding));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteRules(Utf8JsonWriter writer, string name, ImmutableArray<Rule> rules)
    {
        writer.WriteStartArray(name);
        foreach (var rule in rules)
            writer.WriteStringValue(rule.Id.Value);
        writer.WriteEndArray();
    }

    private static void WriteCounts(Utf8JsonWriter writer, CoverageKind kind, FuzzReport report)
    {
        writer.WriteStartObject(FuzzReportText.Title(kind));
        foreach (var (name, count) in report.Coverage.Of(kind))
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("model", count.Model);
            if (report.OnKernel)
                writer.WriteNumber("kernel", count.Kernel);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
