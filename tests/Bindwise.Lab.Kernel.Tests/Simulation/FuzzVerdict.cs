using System.Text;
using Bindwise.Fuzz;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>What a fuzz run has to give here.</summary>
internal static class FuzzVerdict
{
    /// <summary>Fails, with scenarios that anyone can replay and the seed, unless model and kernel always agreed and all were played.</summary>
    public static void Accept(FuzzReport report)
    {
        Assert.True(report is { Mismatches: 0, Unplayed: 0, Error: null }, Text(report));
        Assert.NotEqual(0, report.Coverage.Scenarios);
    }

    /// <summary>What was found as .bind texts, then the report, which names the seed.</summary>
    public static string Text(FuzzReport report)
    {
        var text = new StringBuilder();
        foreach (var finding in report.Findings)
            text.Append("# ").Append(finding.Summary).Append('\n').Append(BindText.Write((finding.Smallest ?? finding.First).Scenario)).Append('\n');
        return text.Append(FuzzReportText.Render(report, RunningKernel.ReadName(), "under test")).ToString();
    }
}
