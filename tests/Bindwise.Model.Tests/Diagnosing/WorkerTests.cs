using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Workers that another command line starts are told from programs that only inherited the socket.</summary>
public sealed class WorkerTests
{
    private const string Spawned = "-c|from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5, pipe_handle=7)|--multiprocessing-fork";

    [Theory]
    [InlineData("python3", "python3", Spawned, true)]
    [InlineData("python3", "python3", "-c|from multiprocessing.forkserver import main; main(4, 5)", true)]
    [InlineData("python3", "python3", "-B|worker.py", true)]
    [InlineData("node", "node", "worker.js", true)]
    [InlineData("ruby", "ruby", "worker.rb", true)]
    // PHP does not close its sockets where it starts another program.
    [InlineData("php8.2", "php8.2", "artisan|queue:work", false)]
    [InlineData("python3", "sleep", "1000", false)]
    [InlineData("python3", "node", "worker.js", false)]
    public void Child_IsAWorker_WhereItMustHaveBeenGivenTheSocket(string maker, string program, string arguments, bool isWorker)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(
            Process(5, maker) with { Arguments = [maker, "/usr/bin/server"] },
            Process(6, program, parent: 5, group: 5) with { Arguments = [program, .. arguments.Split('|')] });

        var plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights());

        Assert.Null(plan.Refusal);
        Assert.Equal(!isWorker, plan.Actions[1].IsAskedSeparately);
        Assert.EndsWith(isWorker ? ", its worker" : ", which only inherited the socket", plan.Actions[1].Text, StringComparison.Ordinal);
        var text = Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies[0].Text;
        Assert.Equal(isWorker, text == $"Stop server ({maker}, pid 5) and its worker.");
    }

    [Fact]
    public void WorkerOfMultiprocessing_MayHaveLostItsMaster()
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(6, "python3", parent: 1, group: 5) with { Arguments = ["python3", .. Spawned.Split('|')] });

        Assert.Equal("Stop python3 (pid 6), a worker that lost its master.", Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies[0].Text);
        Assert.False(Assert.Single(FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights()).Actions).IsAskedSeparately);
    }
}
