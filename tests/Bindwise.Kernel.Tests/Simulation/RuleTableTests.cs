using Bindwise.Kernel.Tests.Staging;
using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;
using Bindwise.Tests.Tables;

namespace Bindwise.Kernel.Tests.Simulation;

/// <summary>The tables of scenarios/rules/ on the running kernel: the same rows that Bindwise.Model.Tests plays on the model.</summary>
[Collection(AloneCollection.Name)]
public sealed class RuleTableTests
{
    /// <summary>Rows that wait a minute do it together.</summary>
    private const int LongestMilliseconds = 240_000;

    [KernelFact(Timeout = LongestMilliseconds)]
    public async Task Rows_OnTheKernel_GiveTheirResults()
    {
        var rows = RuleTables.Read();
        var faults = await Task.Run(() => Play(rows));
        Assert.NotEmpty(rows);
        Assert.True(faults.Count == 0, $"{faults.Count} of {rows.Count} rows differ:\n{string.Join('\n', faults)}");
    }

    private static List<string> Play(IReadOnlyList<TableRow> rows)
    {
        var faults = new List<string>();
        var played = 0;
        new ScenarioStream<TableRow>(Lab.Playing.Stage.OfKernel, new StreamLimits(), row => row.Scenario, (row, result) =>
        {
            played++;
            if ((result!.Error ?? TableJudge.Fault(row, [.. result.Steps.Where(step => step.Step is not ExpectStep).Select(step => step.Kernel!)], knowsRules: false)) is { } fault)
                faults.Add(fault);
            return true;
        }).Play(rows, CancellationToken.None);
        Assert.Equal(rows.Count, played);
        return faults;
    }
}
