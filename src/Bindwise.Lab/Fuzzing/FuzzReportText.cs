using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Bindwise.Lab.Coverage;
using Bindwise.Model.Rules;
using static System.FormattableString;

namespace Bindwise.Lab.Fuzzing;

/// <summary>
/// A fuzz report as text that can be attached to a bug report: kernel, seed, version and counts, and nothing that names the machine.
/// </summary>
public static class FuzzReportText
{
    private const int NameCells = 34;
    private const int NumberCells = 14;

    /// <summary>The report.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="kernel">The kernel's release.</param>
    /// <param name="version">The version of this program.</param>
    public static string Render(FuzzReport report, string kernel, string version)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        Append(text, Invariant($"bindwise {version}, Linux {kernel}, seed {report.Seed}, {(report.OnKernel ? "model and kernel" : "model alone")}"));
        var coverage = report.Coverage;
        var seconds = report.Elapsed.TotalSeconds;
        Append(text, Invariant($"{coverage.Scenarios:N0} scenarios, {coverage.Steps:N0} steps in {seconds:F1} s ({coverage.Scenarios / Math.Max(seconds, 0.001):N0} a second)"));
        if (report.LeftOut > 0)
            Append(text, Invariant($"{report.LeftOut:N0} scenarios were left out: they wait longer than the run had left"));
        if (report.WhyUnplayed is { } lack)
            Append(text, Invariant($"{report.Unplayed:N0} scenarios cannot be played here: {lack}"));
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

    private static void AppendCounts(StringBuilder text, string title, ImmutableArray<KeyValuePair<string, CoverageCount>> counts, bool onKernel)
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
            Append(text, Invariant($"not met yet: {Ids(report.Unmet)} (fewer than {FuzzPlan.EnoughToJudge:N0} scenarios: too few to judge)"));
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
