using System.Collections.Immutable;
using System.Globalization;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>What starts a server again stands above the tool that runs it, or is that tool.</summary>
public sealed class StarterTests
{
    private const ulong Terminate = 1UL << 14;

    private static readonly ProcessRecord[] Session = [Process(20, "zsh", parent: 10) with { Arguments = ["-zsh"] }, Process(10, "sshd", parent: 1)];

    [Theory]
    [InlineData("npm start", "npm start")]
    [InlineData("make|dev", "make dev")]
    [InlineData("node|/srv/node_modules/.bin/nodemon|server.js", "nodemon server.js")]
    public void LoopAboveATool_IsEndedWithIt(string arguments, string tool)
    {
        var loop = Process(30, "bash", parent: 20, group: 30) with { Arguments = ["bash", "keep.sh"] };
        var host = Host(Process(40, "node", parent: 35, group: 30) with { Arguments = ["node", "server.js"] }, Tool(35, 30, 30, arguments), loop);

        var remedy = Remedies(host)[0];

        Assert.Equal(("stop-tool", $"Stop {tool} and the script that runs it.", "kill 30 35 40"), (remedy.Id, remedy.Text, remedy.Command));
        Assert.Equal([30, 35, 40], Plan(host).Actions.Select(static action => action.Process!.Id));
    }

    [Fact]
    public void ParentAboveATool_MayStartItAgain()
    {
        var parent = Process(30, "python3", parent: 20) with { Arguments = ["python3", "keeper.py"] };
        var host = Host(Process(40, "node", parent: 35) with { Arguments = ["node", "server.js"] }, Tool(35, 30, 35, "npm start"), parent);

        var remedies = Remedies(host);

        Assert.Equal(["kill 35 40", "kill 30 35 40"], remedies.Take(2).Select(static remedy => remedy.Command));
        Assert.Equal("If it comes back, keeper.py (python3, pid 30) restarts it; stop that too.", remedies[1].Text);
        Assert.Equal([(35, false), (40, false), (30, true)], Plan(host).Actions.Select(static action => (action.Process!.Id, action.IsIfTakenAgain)));
    }

    // dev.sh runs all.sh, which runs run.sh, which has the loop: the others may have other work to do.
    [Theory]
    [InlineData(null, "Stop srv (pid 40) and the script that runs it.", "kill 35 40", "kill 28 30 35 40")]
    [InlineData("npm start", "Stop npm start and the script that runs it.", "kill 35 38 40", "kill 28 30 35 38 40")]
    public void ScriptsAboveTheNearest_AreEndedOnlyIfTheyStartItAgain(string? tool, string text, string command, string withScripts)
    {
        ProcessRecord[] scripts = [.. new[] { (35, 30, "run.sh"), (30, 28, "all.sh"), (28, 20, "dev.sh") }
            .Select(static one => Process(one.Item1, "bash", parent: one.Item2) with { Arguments = ["bash", one.Item3] })];
        var host = Host([.. tool is null ? new[] { Process(40, "srv", parent: 35) } : [Process(40, "srv", parent: 38), Tool(38, 35, 38, tool)], .. scripts]);

        var remedies = Remedies(host);

        Assert.Equal([(text, command), ("If it comes back, all.sh (bash, pid 30) or dev.sh (bash, pid 28) restarts it; stop those too.", withScripts)],
            remedies.Take(2).Select(static remedy => (remedy.Text, remedy.Command)));
        Assert.Equal([.. command.Split(' ').Skip(1).Select(static id => (id, false)), ("30", true), ("28", true)],
            Plan(host).Actions.Select(static action => (action.Process!.Id.ToString(CultureInfo.InvariantCulture), action.IsIfTakenAgain)));
    }

    [Fact]
    public void ShellThatBecameBindwise_RestartsNothing()
    {
        // bash -c 'server & bindwise why 8080' executes its last command itself.
        var asker = Process(30, "bindwise", parent: 20) with { Arguments = ["bindwise", "why", "8080"], HasReapedChildren = true };
        var host = Host(Process(40, "node", parent: 30) with { Arguments = ["node", "server.js"] }, asker);
        host = host with { Caller = host.Caller with { ProcessId = 30, AncestorIds = [20, 10] } };

        Assert.Equal("kill 40", Remedies(host)[0].Command);
        Assert.DoesNotContain(Remedies(host), static remedy => remedy.Id == "end-parent");
        Assert.DoesNotContain(Plan(host).Actions, static action => action.IsIfTakenAgain);
    }

    // VS Code runs its tasks from a script of Node.js; a session of tmux has ended children before.
    [Theory]
    [InlineData("node", "/root/.vscode-server/bin/1/node")]
    [InlineData("tmux: server", "/usr/bin/tmux")]
    public void EditorOrSessionAboveATool_StartsNothingAgain(string name, string executable)
    {
        var editor = Process(30, name, parent: 20) with { Arguments = ["node", "/root/.vscode-server/bin/1/out/bootstrap-fork.js"], Executable = executable, HasReapedChildren = true };
        var task = Process(33, "bash", parent: 30) with { Arguments = ["/bin/bash", "-c", "npm run dev"] };
        var host = Host(Process(40, "node", parent: 35) with { Arguments = ["node", "server.js"] }, Tool(35, 33, 35, "npm run dev"), task, editor);

        Assert.DoesNotContain(Remedies(host), static remedy => remedy.Id == "end-parent");
        Assert.DoesNotContain(Plan(host).Actions, static action => action.IsIfTakenAgain);
    }

    [Theory]
    [InlineData("node|/srv/node_modules/.bin/concurrently|--restart-tries|-1|node server.js", "kill -INT -- -30", "SIGINT")]
    [InlineData("node|/srv/node_modules/concurrently/dist/bin/concurrently.js|--restart-tries=3|node server.js", "kill -INT -- -30", "SIGINT")]
    [InlineData("node|/srv/node_modules/.bin/concurrently|node server.js", "kill -- -30", "SIGTERM")]
    public void Concurrently_TakesSigtermForAFault_WhereItRestarts(string arguments, string command, string signal)
    {
        var host = Host(Process(40, "node", parent: 30, group: 30) with { Arguments = ["node", "server.js"] }, Tool(30, 20, 30, arguments));

        var remedy = Remedies(host)[0];

        Assert.Equal(command, remedy.Command);
        Assert.Equal(signal == "SIGINT", remedy.Text.EndsWith(", with SIGINT: concurrently" + (arguments.Contains(".js|", StringComparison.Ordinal) ? ".js" : "")
            + " (node, pid 30) answers SIGTERM by starting its commands again.", StringComparison.Ordinal));
        Assert.All(Plan(host).Actions, action => Assert.Equal(signal, action.Signal));
    }

    // What runs it passes on what it gets; a shell would go on after SIGINT.
    [Fact]
    public void Concurrently_BelowOtherTools_GetsNoSigtermFromThem()
    {
        var tool = Tool(35, 34, 30, "node|/srv/node_modules/.bin/concurrently|--restart-tries|-1|node server.js");
        var host = Host(Process(40, "node", parent: 35, group: 30) with { Arguments = ["node", "server.js"] }, tool,
            Process(34, "sh", parent: 33, group: 30) with { Arguments = ["sh", "-c", "concurrently"] }, Tool(33, 30, 30, "npm run dev"),
            Process(30, "bash", parent: 20, group: 30) with { Arguments = ["bash", "keep.sh"] });

        Assert.Equal("kill 30 && kill -INT 33 35 40", Remedies(host)[0].Command);
        Assert.Equal("30 SIGTERM, 33 SIGINT, 35 SIGINT, 40 SIGINT", string.Join(", ", Plan(host).Actions.Select(static action => $"{action.Process!.Id} {action.Signal}")));
    }

    // A text, a script on standard input, a loop in the background: none has to have started it again before. Who types ignores SIGTERM.
    [Theory]
    [InlineData("python3|-c|while True: run()", 0UL, true)]
    [InlineData("perl|-e|system 'server' while 1", 0UL, true)]
    [InlineData("tclsh|loop.tcl", 0UL, true)]
    [InlineData("mawk|BEGIN { while (1) system(\"srv\") }", 0UL, true)]
    [InlineData("lua5.4|loop.lua", 0UL, true)]
    [InlineData("tclsh", 0UL, false)]
    [InlineData("bash", 0UL, true)]
    [InlineData("bash", Terminate, false)]
    [InlineData("dash|-i", Terminate, false)]
    [InlineData("busybox|sh|sup.sh", 0UL, true)]
    [InlineData("busybox|sh", Terminate, false)]
    [InlineData("nu", 0UL, false)]
    [InlineData("bash|-c|server; true", 0UL, false)]
    [InlineData("server", 0UL, false)]
    public void ParentThatNeverStartedItAgain_IsNamedIfItMay(string arguments, ulong ignored, bool mayRestart)
    {
        string[] words = arguments.Split('|');
        var parent = Process(30, words[0], parent: 20) with { Arguments = [.. words], Signals = new SignalMasks(0, ignored, 0) };
        var host = Host(Process(40, "srv", parent: 30), parent);

        Assert.Equal(mayRestart, Remedies(host).Any(static remedy => remedy.Command?.Split(' ').Contains("30") == true));
        Assert.Equal(mayRestart, Plan(host).Actions.Any(static action => action.Process!.Id == 30));
    }

    // mysqld_safe: trap '' 1 2 3 15. It ends after its server, unless that has crashed.
    [Fact]
    public void ScriptThatIgnoresSigterm_LeavesItToItsServer()
    {
        var script = Process(30, "mysqld_safe", parent: 20) with { Arguments = ["/bin/sh", "/usr/bin/mysqld_safe"], Executable = "/usr/bin/dash", Signals = new SignalMasks(0, Terminate | 7, 0) };
        var host = Host(Process(40, "mysqld", parent: 30), script);

        Assert.Equal(["kill 40", "kill -KILL 30 && kill 40"], Remedies(host).Take(2).Select(static remedy => remedy.Command));
        Assert.Equal("If it comes back, its parent mysqld_safe (pid 30) restarts it; stop that too.", Remedies(host)[1].Text);
        var plan = Plan(host);
        Assert.Equal((null, 40, "SIGTERM"), (plan.Refusal, Assert.Single(plan.Actions).Process!.Id, plan.Actions[0].Signal));
        Assert.StartsWith("If it comes back, mysqld_safe (pid 30) restarts it; stop that too: ", Assert.Single(plan.Notes), StringComparison.Ordinal);
        plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights(Forces: true));
        Assert.Equal([(40, "SIGTERM", false), (30, "SIGKILL", true)], plan.Actions.Select(static action => (action.Process!.Id, action.Signal, action.IsIfTakenAgain)));
    }

    [Fact]
    public void LoopAboveAServerWithWorkers_IsNamedWithAllOfThem()
    {
        var loop = Process(30, "sh", parent: 20) with { Arguments = ["sh", "-c", "while :; do srv; done"] };
        var host = Host(Process(40, "srv", parent: 30), loop, Process(41, "srv", parent: 40));
        host = host with { Holders = host.Holders.Add(host.Holders[0] with { ProcessId = 41 }) };

        Assert.Equal(["kill 40 41", "kill 30 40 41"], Remedies(host).Take(2).Select(static remedy => remedy.Command));
        Assert.Equal([(40, false), (41, false), (30, true)], Plan(host).Actions.Select(static action => (action.Process!.Id, action.IsIfTakenAgain)));
    }

    [Fact]
    public void LoopAboveBindwiseThatKeepsTheSocket_IsNamed()
    {
        var keeper = Process(35, "bindwise", parent: 30) with { Arguments = ["bindwise", "run", "--hold", "--", "srv"] };
        var host = Host(Process(40, "srv", parent: 35), keeper, Process(30, "sh", parent: 20) with { Arguments = ["sh", "-c", "while :; do bindwise run --hold -- srv; done"] });
        host = host with { Holders = host.Holders.Add(host.Holders[0] with { ProcessId = 35 }) };

        Assert.Equal("If it comes back, sh (pid 30) restarts it; stop that too.", Remedies(host)[1].Text);
        Assert.Contains(Plan(host).Actions, static action => action is { Process.Id: 30, IsIfTakenAgain: true });
    }

    // Not even SIGKILL reaches it from in there.
    [Fact]
    public void ScriptThatIsProcess1_IsNamedWithWhatEndsIt()
    {
        var host = Host(Process(40, "srv", parent: 1, group: 1), Process(1, "bash") with { Arguments = ["bash", "/entry.sh"], Signals = new SignalMasks(0, 0, 0) });

        var remedy = Remedies(host)[1];
        Assert.Equal(("end-parent", "If it comes back, entry.sh (bash, pid 1) restarts it; end that from the host, or stop the container.", null), (remedy.Id, remedy.Text, remedy.Command));
        Assert.Equal("If it comes back, entry.sh (bash, pid 1) restarts it; end that from the host, or stop the container.", Assert.Single(Plan(host).Notes));
    }

    // It gets every orphan.
    [Fact]
    public void ScriptThatIsProcess1_OfAServerInAnotherGroup_IsNotNamed()
    {
        var host = Host(Process(40, "srv", parent: 1), Process(1, "bash") with { Arguments = ["bash", "/entry.sh"], Signals = new SignalMasks(0, 0, 0) });

        Assert.DoesNotContain(Remedies(host), static remedy => remedy.Id == "end-parent");
        Assert.Empty(Plan(host).Notes);
    }

    [Theory]
    // Each time a new child of the supervisor's starts the server.
    [InlineData("41 srv 40 40, 40 python3+sup.py 30 30, 30 python3+sup.py 20 30", 30)]
    // It has executed itself.
    [InlineData("32 srv 31 31, 31 python3+sup.py 30 30, 30 python3+sup.py 20 30", 32)]
    [InlineData("41 srv 40 40, 40 worker 30 30, 30 python3+sup.py 20 30", null)]
    [InlineData("41 srv 1 41, 1 bash+entry.sh 0 1", null)]
    [InlineData("41 srv 1 1, 1 bash+entry.sh 0 1", 1)]
    public void ServerThatIsThereAgain_TellsWhoStartedIt(string chain, int? starter)
    {
        static ProcessRecord Read(string line)
        {
            var words = line.Split(' ');
            var arguments = words[1].Split('+');
            return Process(int.Parse(words[0], CultureInfo.InvariantCulture), arguments[0], int.Parse(words[2], CultureInfo.InvariantCulture),
                group: int.Parse(words[3], CultureInfo.InvariantCulture)) with
            { Arguments = [.. arguments] };
        }
        var formers = "32 srv 31 31, 31 python3+sup.py 30 30, 30 python3+sup.py 20 30, 1 bash+entry.sh 0 1".Split(", ").Select(Read).ToList();
        var now = chain.Split(", ").Select(Read).ToList();

        Assert.Equal(starter, Restarters.Of(now[0], now[1..], formers)?.Id);
    }

    [Fact]
    public void ParentOfAnotherUser_IsNamedInThePlanToo()
    {
        var host = Host(Process(40, "python3", parent: 30) with { Arguments = ["python3", "good.py"], UserId = 1000 }, Process(30, "python3", parent: 20) with { Arguments = ["python3", "keeper.py"] });
        host = host with { Caller = host.Caller with { UserId = 1000 } };

        Assert.Equal("kill 40", Remedies(host)[0].Command);
        Assert.Equal([40], Plan(host).Actions.Select(static action => action.Process!.Id));
        Assert.Equal("If it comes back, keeper.py (python3, pid 30) restarts it; stop that too: sudo kill 30.", Assert.Single(Plan(host).Notes));
    }

    private static ProcessRecord Tool(int id, int parent, int group, string arguments)
    {
        string[] words = arguments.Split('|');
        var isMake = words[0] == "make";
        return Process(id, isMake ? "make" : words[0] == "node" ? "node" : words[0][..Math.Min(15, words[0].Length)], parent, group: group) with
        {
            Executable = isMake ? "/usr/bin/make" : "/usr/bin/node",
            Arguments = [.. words],
        };
    }

    // The first one holds the socket; the others are its parents.
    private static Snapshot Host(params ProcessRecord[] processes)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        return host with { Holders = [new Holder(host.Sockets[0].Inode, processes[0].Id, 3)], Processes = [.. processes, .. Session] };
    }

    private static ImmutableArray<Remedy> Remedies(Snapshot host) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies;

    private static FreePlan Plan(Snapshot host) => FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights());
}
