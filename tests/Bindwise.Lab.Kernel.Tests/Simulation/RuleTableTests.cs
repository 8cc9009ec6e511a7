using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Linux.Sysctls;
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
        var running = RunningKernel.Read();
        IReadOnlyList<TableRow> rows = [.. running == KernelRelease.Documented ? RuleTables.Read() : [], .. ReleaseTable.Read().Where(row => row.Releases.Includes(running)).Select(static row => row.Row)];
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
            if ((result!.Error ?? TableJudge.Fault(row, [.. result.Steps.Where(step => step.Step is not ExpectStep).Select(step => step.Kernel!)], knowsRules: false)) is { } fault)
                faults.Add((row, fault));
            return true;
        }).Play(rows, CancellationToken.None);
        Assert.Equal(rows.Count, played);
        return faults;
    }
}
