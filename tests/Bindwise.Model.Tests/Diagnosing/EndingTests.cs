using System.Globalization;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>By which signal the holders of a socket are ended, and that one command reaches all of them.</summary>
public sealed class EndingTests
{
    private const ulong Interrupt = 1UL << 1;
    private const ulong Quit = 1UL << 2;
    private const ulong Terminate = 1UL << 14;

    [Theory]
    [InlineData(0UL, 0UL, 0UL, "kill 5")]
    [InlineData(Terminate, 0UL, Terminate, "kill 5")]
    [InlineData(Terminate, 0UL, 0UL, "kill -INT 5")]
    [InlineData(Terminate | Interrupt, 0UL, 0UL, "kill -QUIT 5")]
    [InlineData(Terminate | Interrupt, 0UL, Quit, "kill -QUIT 5")]
    [InlineData(Terminate | Interrupt, 0UL, Interrupt, "kill -QUIT 5")]
    [InlineData(Terminate | Interrupt | Quit, 0UL, Interrupt, "kill -KILL 5")]
    [InlineData(0UL, Terminate | Interrupt | Quit, 0UL, "kill -KILL 5")]
    public void Signal_IsTheGentlestThatIsTakenSoonerOrLater(ulong blocked, ulong ignored, ulong caught, string command) =>
        Assert.Equal(command, First(Process(5, "srv") with { Signals = new SignalMasks(blocked, ignored, caught) }).Command);

    // What a worker of mpm_event has: it blocks SIGHUP, SIGINT, SIGQUIT…, and has a handler of SIGTERM that does nothing. One of mpm_prefork blocks nothing.
    [Theory]
    [InlineData(0xfffffffe3ffbaa07UL, "kill -KILL 5")]
    [InlineData(0UL, "kill 5")]
    public void WorkerOfApacheWithThreads_EndsByNothingGentlerThanItsMaster(ulong blocked, string command) =>
        Assert.Equal(command, First(Process(5, "apache2") with { Signals = new SignalMasks(blocked, 0x1001000, 0x1080046eb) }).Command);

    [Fact]
    public void WorkersOfApacheWithThreads_EndByTheirMaster()
    {
        var master = Process(5, "apache2") with { Signals = new SignalMasks(0, 0x1000, 0x180446cb) };
        var worker = Process(6, "apache2", parent: 5, group: 5) with { Signals = new SignalMasks(0xfffffffe3ffbaa07UL, 0x1001000, 0x1080046eb) };
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(master, worker, worker with { Id = 7, StartTicks = 7 });

        Assert.Equal(("Stop apache2 (pid 5) and its 2 workers.", "kill 5"), (First([.. host.Processes]).Text, First([.. host.Processes]).Command));
        var plan = Plan([.. host.Processes]);
        Assert.Null(plan.Refusal);
        Assert.Equal("send SIGTERM to apache2 (pid 5)", Assert.Single(plan.Actions).Text);
        // With force, what is left after the master's end.
        plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights(Forces: true));
        Assert.Equal([(5, "SIGTERM", false), (6, "SIGKILL", true), (7, "SIGKILL", true)], plan.Actions.Select(static action => (action.Process!.Id, action.Signal, action.IsFollowUp)));
        // Whoever gets SIGKILL tells its workers nothing, and nobody does whose master is gone.
        Assert.Equal("sigterm-ignored", Plan(master with { Signals = worker.Signals }, worker).Refusal?.Reason);
        Assert.Equal("sigterm-ignored", Plan(worker).Refusal?.Reason);
    }

    [Theory]
    [InlineData("postgres", "Stop postgres (pid 5), with SIGINT: it answers SIGTERM by waiting for its clients to leave.", "kill -INT 5")]
    [InlineData("pgpool", "Stop pgpool (pid 5), with SIGINT: it answers SIGTERM by waiting for its clients to leave.", "kill -INT 5")]
    [InlineData("uwsgi", "Stop uwsgi (pid 5), with SIGINT: it answers SIGTERM by reloading.", "kill -INT 5")]
    [InlineData("nginx", "Stop nginx (pid 5).", "kill 5")]
    public void Program_ThatTakesSigtermForAnotherOrder_GetsTheSignalThatEndsIt(string name, string text, string command)
    {
        var remedy = First(Process(5, name));

        Assert.Equal((text, command), (remedy.Text, remedy.Command));
        var action = Assert.Single(Plan(Process(5, name)).Actions);
        Assert.Equal(command.Contains("-INT", StringComparison.Ordinal) ? "SIGINT" : "SIGTERM", action.Signal);
    }

    [Theory]
    [InlineData("zsh|-f|-i", "kill -HUP 5")]
    [InlineData("-zsh", "kill -HUP 5")]
    [InlineData("zsh|loop.sh", "kill -HUP 5")]
    [InlineData("dash|-c|while :; do server; done", "kill -HUP 5")]
    public void ShellThatIgnoresSigterm_IsHungUp_SinceItGoesOnAfterSigint(string arguments, string command)
    {
        var words = arguments.Split('|');
        var shell = Process(5, words[0].TrimStart('-')) with { Arguments = [.. words], Signals = new SignalMasks(0, Terminate | Quit, Interrupt) };
        Assert.Equal(command, First(shell).Command);
        Assert.Equal(1, EndSignal.NumberOf(Assert.Single(Plan(shell).Actions).Signal));
    }

    [Fact]
    public void StarterThatIsAShellOfSomebody_IsEndedWhereItsLoopWasTyped()
    {
        var shell = Process(6, "bash") with { Arguments = ["bash", "--norc", "-i"], Signals = new SignalMasks(0, Terminate | Quit, Interrupt) };
        var server = new Owner { Process = Process(28, "srv", parent: 6), Role = OwnerRole.Creator, Descriptors = [] };
        Assert.Equal(", which ignores SIGTERM: end its loop there, or close that shell: kill -HUP 6", EndRemedies.Starter(shell, server, 0));
        server = server with { StartedFrom = new ProcessProvenance { Terminal = "pts/3", Session = "tmux" } };
        Assert.Equal(", which ignores SIGTERM: end its loop in tmux (pts/3), or close that shell: kill -HUP 6", EndRemedies.Starter(shell, server, 0));
        Assert.Equal(", which has to end first: kill 6", EndRemedies.Starter(shell with { Signals = new SignalMasks(0, 0, 0) }, server, 0));
    }

    [Fact]
    public void SessionOfPostgreSql_TakesSigintForTheEndOfAQuery() =>
        Assert.Equal("kill 5", First(Process(5, "postgres") with { Arguments = ["postgres: shop postgres 127.0.0.1(40000) idle"] }).Command);

    [Fact]
    public void Uwsgi_EndsItsWorkersBySigint()
    {
        var remedy = First(Process(5, "uwsgi"), Process(6, "uwsgi", parent: 5, group: 5), Process(7, "uwsgi", parent: 5, group: 5));

        Assert.Equal("Stop uwsgi (pid 5) and its 2 workers, with SIGINT: it answers SIGTERM by reloading.", remedy.Text);
        Assert.Equal("kill -INT 5", remedy.Command);
    }

    [Fact]
    public void Master_ThatOnlySigkillEnds_EndsNobodyElse()
    {
        var master = Process(5, "nginx") with { Signals = new SignalMasks(0, Terminate | Interrupt | Quit, 0) };

        Assert.Equal("kill -KILL 5 && kill 6", First(master, Process(6, "nginx", parent: 5, group: 5)).Command);
    }

    [Theory]
    [InlineData(7, "kill 5 6 7 8 9 10 11 12")]
    [InlineData(10, "kill -- -5")]
    public void ManyWorkersOfOneGroup_AreReachedByIt(int workers, string command)
    {
        var remedy = First([Process(5, "srv"), .. Workers(workers, group: 5)]);

        Assert.Equal(command, remedy.Command);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"and its {workers} workers"), remedy.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void ManyWorkersOfAGroupWithOthers_AreLeftToFree() =>
        Assert.Equal("bindwise free 8080 --yes", First([Process(5, "srv", group: 3), .. Workers(10, group: 3)]).Command);

    [Fact]
    public void ManyProcessesOfWhichNoneIsTheMaker_AreAllReached() =>
        Assert.Equal("bindwise free 8080 --yes", First([.. Enumerable.Range(11, 12).Select(static id => Process(id, "srv", parent: 1, group: 10))]).Command);

    [Theory]
    [InlineData(6, "Stop srv (pid 11), srv (pid 12), srv (pid 13) and 3 others.", "kill 11 12 13 14 15 16")]
    [InlineData(12, "Stop srv (pid 11), srv (pid 12), srv (pid 13) and 9 others.", "bindwise free 8080 --yes")]
    public void SocketsOfManyPrograms_AreAllToldAndReached(int count, string text, string command)
    {
        var host = Of([.. Enumerable.Range(1, count).Select(static number => SocketLine.Held($"tcp 127.0.0.{number} LISTEN") with { Inode = (ulong)(100 + number) })]);
        host = host with
        {
            Processes = [.. Enumerable.Range(11, count).Select(static id => Process(id, "srv"))],
            Holders = [.. Enumerable.Range(1, count).Select(static number => new Holder((ulong)(100 + number), 10 + number, 3))],
        };

        var remedy = Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies.First(static remedy => remedy.Id == "end-process");

        Assert.Equal((text, command), (remedy.Text, remedy.Command));
    }

    // Process 1 of a namespace below (5) and of this one (1); what it has a handler for.
    [Theory]
    [InlineData(5, "srv", 0UL, "kill -KILL 5")]
    [InlineData(5, "srv", Terminate, "kill 5")]
    [InlineData(5, "srv", Interrupt, "kill -INT 5")]
    [InlineData(5, "node", Terminate | Interrupt, "kill -KILL 5")]
    [InlineData(5, "node", 0UL, "kill -KILL 5")]
    [InlineData(1, "srv", Terminate, "kill 1")]
    [InlineData(1, "srv", Quit, "kill -QUIT 1")]
    [InlineData(1, "srv", 0UL, null)]
    [InlineData(1, "node", Terminate | Interrupt, null)]
    public void FirstProcessOfAPidNamespace_GetsOnlyWhatEndsIt(int id, string name, ulong caught, string? command)
    {
        var process = Process(id, name) with { NamespacePid = id == 1 ? null : 1, Signals = new SignalMasks(0, 0, caught) };

        var remedy = Asked(process).Remedies.First(static remedy => remedy.Id is "end-process" or "end-from-outside");

        Assert.Equal((command is null, command), (remedy.Id == "end-from-outside", remedy.Command));
        if (id == 1)
            Assert.EndsWith(command is null ? ": end it from the host, or restart the container." : "is never ended; to end it yourself: " + command, Plan(process).Refusal?.Text,
                StringComparison.Ordinal);
        else if (command!.Contains("KILL", StringComparison.Ordinal))
            Assert.Equal("sigterm-ignored", Plan(process).Refusal?.Reason);
    }

    [Fact]
    public void ScriptThatIsFirstOfItsPidNamespace_TakesItsServerWithIt()
    {
        var script = Process(5, "bash") with { Arguments = ["bash", "-c", "while :; do srv; done"], NamespacePid = 1, Signals = new SignalMasks(0, 0, Interrupt) };
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(6, "srv", parent: 5));
        host = host with { Processes = [.. host.Processes, script] };

        Assert.Equal("kill -KILL 5", Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies.First(static remedy => remedy.Id == "end-process").Command);
    }

    [Fact]
    public void NodeElsewhere_GetsSigterm() =>
        Assert.Equal("kill 5", First(Process(5, "node") with { Signals = new SignalMasks(0, 0, Terminate | Interrupt) }).Command);

    [Fact]
    public void AnotherProgramsWorkers_AreReachedAsWellAsItself()
    {
        var host = Of(SocketLine.Held("tcp 127.0.0.1 LISTEN") with { Inode = 7 }, SocketLine.Held("tcp 127.0.0.2 LISTEN") with { Inode = 8 });
        host = host with
        {
            Processes = [Process(5, "one"), Process(6, "two"), Process(9, "two", parent: 6, group: 6)],
            Holders = [new Holder(7, 5, 3), new Holder(8, 6, 3), new Holder(8, 9, 3)],
        };

        var remedy = Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies.First(static remedy => remedy.Id == "end-process");

        Assert.Equal(("Stop one (pid 5) and two (pid 6) and its worker.", "kill 5 6 9"), (remedy.Text, remedy.Command));
    }

    private static ProcessRecord[] Workers(int count, int group) =>
        [.. Enumerable.Range(6, count).Select(id => Process(id, "srv", parent: 5, group: group))];

    private static Diagnosis Asked(params ProcessRecord[] processes) =>
        Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, With("tcp 0.0.0.0 LISTEN").HeldBy(processes));

    private static Remedy First(params ProcessRecord[] processes) =>
        Asked(processes).Remedies.First(static remedy => remedy.Id == "end-process");

    private static FreePlan Plan(params ProcessRecord[] processes) =>
        FreePlanner.Of(PortTarget(), ProgramOptions.None, With("tcp 0.0.0.0 LISTEN").HeldBy(processes), new FreeRights());
}
