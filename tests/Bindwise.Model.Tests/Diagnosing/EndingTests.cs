using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>By which signal the holders of a socket are ended, and that one command reaches all of them.</summary>
public sealed class EndingTests
{
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

    private static Remedy First(params ProcessRecord[] processes) =>
        Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, With("tcp 0.0.0.0 LISTEN").HeldBy(processes)).Remedies.First(static remedy => remedy.Id == "end-process");

    private static FreePlan Plan(params ProcessRecord[] processes) =>
        FreePlanner.Of(PortTarget(), ProgramOptions.None, With("tcp 0.0.0.0 LISTEN").HeldBy(processes), new FreeRights());
}
