using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Bindwise.Lab.Coverage;
using Bindwise.Model.Rules;

namespace Bindwise.Lab.Fuzzing;

/// <summary>A fuzz report as one line of JSON, without anything that names the machine.</summary>
public static class FuzzReportJson
{
    /// <summary>Writes the report as one line of UTF-8, without the line's end.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="report">What was found.</param>
    /// <param name="kernel">The kernel's release.</param>
    /// <param name="version">The version of this program.</param>
    /// <param name="scenarioText">A scenario as a .bind file.</param>
    public static void Write(IBufferWriter<byte> output, FuzzReport report, string kernel, string version, Func<Finding, string> scenarioText)
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
