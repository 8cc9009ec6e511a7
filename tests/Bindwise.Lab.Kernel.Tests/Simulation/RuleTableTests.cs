using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Model.Scenarios;
using Bindwise.Tests.Tables;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>The tables of scenarios/rules/ on the running kernel: the same rows that Bindwise.Model.Tests plays on the model.</summary>
public sealed class RuleTableTests
{
    /// <summary>Rows that wait a minute do it together.</summary>

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public async Task Rows_OnTheKernel_GiveTheirResults()
    {
        // The tables are those of the documented release; of what others answer, what this one does.
        var running = KernelHosts.Rules;
        IReadOnlyList<TableRow> rows = [.. running.AsReleased == KernelRelease.Documented ? RuleTables.Read() : [], .. ReleaseTable.Read().Where(row => row.IsOf(running)).Select(static row => row.Row)];
        Assert.NotEmpty(rows);
        var faults = await Task.Run(() => Play(rows));
        // All network namespaces share the kernel's hash slots, and udp_lib_get_port() goes by how many sockets two of them hold: by chance, those
        // of another row. A fresh namespace has slots of its own (net_hash_mix()).
        if (faults.Count > 0)
            faults = await Task.Run(() => Play([.. faults.Select(static one => one.Row)]));
        Assert.True(faults.Count == 0, $"{faults.Count} of {rows.Count} rows differ, twice:\n{string.Join('\n', faults.Select(static one => one.Fault))}");
    }

    private static List<(TableRow Row, string Fault)> Play(IReadOnlyList<TableRow> rows)
    {
        var faults = new List<(TableRow Row, string Fault)>();
        var played = 0;
        // The model beside it knows which rows the machine held up: those are played again.
        new ScenarioStream<TableRow>(KernelHosts.WithModel, new StreamLimits { Patience = Patience.OfAWait }, row => row.Scenario, (row, result) =>
        {
            played++;
            if ((result!.Error ?? FaultOf(row, result)) is { } fault)
                faults.Add((row, fault));
            return true;
        }).Play(rows, CancellationToken.None);
        Assert.Equal(rows.Count, played);
        return faults;
    }

    /// <summary>What a kernel answers otherwise because it was built so, the model knows.</summary>
    private static string? FaultOf(TableRow row, ScenarioResult result)
    {
        if (BuiltKernel.AnswersOtherwise(row.Scenario))
            return result.Steps.FirstOrDefault(static step => step.IsMismatch) is { } step ? $"{row.At}: the model says {step.Model!.Result}, the kernel {step.Kernel!.Result}\n  {row.Text}" : null;
        return TableJudge.Fault(row, [.. result.Steps.Where(static step => step.Step is not ExpectStep).Select(static step => step.Kernel!)], knowsRules: false);
    }
}
