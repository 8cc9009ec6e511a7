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

    [Theory]
    [InlineData("nginx", "nginx: worker process", true)]
    [InlineData("nginx", "nginx: worker process is shutting down", true)]
    [InlineData("php-fpm8.2", "php-fpm: pool www", true)]
    [InlineData("gunicorn", "gunicorn: worker [shop:app]", true)]
    [InlineData("puma", "puma: cluster worker 0: 5 [shop]", true)]
    [InlineData("unicorn", "unicorn worker[0] -c unicorn.rb", true)]
    [InlineData("pgpool", "pgpool: wait for connection request", true)]
    // Without a master, or one that lost nothing.
    [InlineData("nginx", "nginx|-g|master_process off;", false)]
    [InlineData("nginx", "nginx: master process nginx -c worker.conf", false)]
    [InlineData("lighttpd", "lighttpd|-D|-f|worker.conf", false)]
    [InlineData("haproxy", "haproxy|-f|h.cfg", false)]
    [InlineData("apache2", "/usr/sbin/apache2|-X", false)]
    [InlineData("gunicorn", "gunicorn: master [worker:app]", false)]
    [InlineData("puma", "puma 6.4.2 (tcp://0.0.0.0:9292) [worker]", false)]
    [InlineData("uwsgi", "uwsgi|--http-socket|:8080", false)]
    public void OneWhoseParentIsGone_LostItsMaster_IfItsTitleSaysThatItHadOne(string program, string arguments, bool hasLost)
    {
        var server = Process(6, program, parent: 1, group: 5) with { Arguments = [.. arguments.Split('|')] };

        var inContainer = With("tcp 0.0.0.0 LISTEN").HeldBy(server with { GroupId = 1 });
        foreach (var host in new[] { With("tcp 0.0.0.0 LISTEN").HeldBy(server), inContainer with { Processes = [.. inContainer.Processes, Process(1, "sh", parent: 0)] } })
        {
            var answer = Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host);

            Assert.Equal(hasLost, answer.Cause == Cause.InheritedDescriptor);
            Assert.Equal(hasLost, answer.Remedies[0].Text.Contains("a worker that lost its master", StringComparison.Ordinal));
            Assert.EndsWith(" 6", answer.Remedies[0].Command, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WorkerOfProcessOne_HasItsMaster()
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(6, "nginx", parent: 1, group: 1) with { Arguments = ["nginx: worker process"] });
        var master = Process(1, "nginx", parent: 0) with { Arguments = ["nginx: master process nginx"] };

        Assert.NotEqual(Cause.InheritedDescriptor, Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host with { Processes = [.. host.Processes, master] }).Cause);
    }

    [Theory]
    [InlineData("lighttpd", true)]
    // One that the server started over a shell that has ended.
    [InlineData("python3", false)]
    public void TwoOfOneProgram_ThatShareASocket_LostTheirMaster(string other, bool hasLost)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(6, "lighttpd", parent: 1, group: 5), Process(7, other, parent: 1, group: 5));

        var remedies = Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies;

        Assert.Equal(hasLost ? "Stop these 2 workers, which lost their master." : "Stop both processes that hold it.", remedies[0].Text);
        Assert.All(FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights()).Actions, static action => Assert.False(action.IsAskedSeparately));
    }
}
