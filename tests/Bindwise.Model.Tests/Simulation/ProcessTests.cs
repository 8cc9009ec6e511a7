using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Model.Tests.Simulation;

/// <summary>Processes on the model: what belongs to them, and in which order it is closed.</summary>
public class ProcessTests
{
    private const string Pair = "a = tcp in p 127.0.0.1:8080 listen; ";

    [Theory]
    [InlineData(Pair + "c = connect a; s = accept a; exit p", "FIN_WAIT2", "CLOSE_WAIT")]
    [InlineData(Pair + "c = connect a; s = accept a; signal p INT; close c", "TIME_WAIT", "CLOSED")]
    [InlineData(Pair + "c = connect a; s = accept a; send c 1; signal p KILL", "CLOSED", "CLOSED")]
    // The highest descriptor first: s, then c.
    [InlineData(Pair + "c = tcp in p connect a; s = accept a; exit p", "TIME_WAIT", "CLOSED")]
    // A free descriptor is given out again: s gets that of x, below c.
    [InlineData("x = tcp in p; " + Pair + "c = tcp in p connect a; close x; s = accept a; exit p", "CLOSED", "TIME_WAIT")]
    // What another process has goes on.
    [InlineData(Pair + "c = tcp in q connect a; s = accept a; exit p; exit q", "TIME_WAIT", "CLOSED")]
    [InlineData(Pair + "c = tcp in q connect a; s = accept a; exit q", "CLOSE_WAIT", "FIN_WAIT2")]
    public void End_OfAProcess_ClosesItsSocketsAsTheKernelDoes(string text, string accepted, string client) =>
        Assert.Equal([accepted, client], Play(text + "\nstate s; state c")[^2..]);

    [Theory]
    [InlineData("exit p", "ESRCH")]
    [InlineData("a = tcp in p; exit p", "ok")]
    [InlineData("a = tcp in p; exit p; signal p KILL", "ESRCH")]
    [InlineData("a = tcp in p; exit p; a = tcp in p; signal p TERM", "ok")]
    [InlineData("a = tcp in p; close a; signal p INT", "ok")]
    [InlineData("a = tcp in p device nowhere; exit p", "ok")]
    [InlineData("a = tcp in p; exit p; bind a 127.0.0.1:80", "ENOSOCK")]
    [InlineData("a = tcp in p; a = tcp; exit p; bind a 127.0.0.1:80", "ok")]
    [InlineData("a = tcp in p; a = tcp in q; exit p; bind a 127.0.0.1:80", "ok")]
    [InlineData(Pair + "c = connect a; c = accept a; exit p; send c 1", "ENOSOCK")]
    [InlineData("u = udp in p 127.0.0.1:53; exit p; v = udp 127.0.0.1:53", "ok")]
    public void Name_OfAProcess_StandsForOneAsLongAsItRuns(string text, string last) => Assert.Equal(last, Play(text)[^1]);

    [Fact]
    public void Sockets_OfARecord_KnowTheirProcess()
    {
        var scenario = BindText.Parse(Pair + "c = connect a; d = tcp in q connect a; s = accept a; u = udp in q 127.0.0.1:53").Scenario!;
        using var host = new SimulatedHost(scenario, records: true);
        foreach (var step in scenario.Steps)
            _ = host.Play(step);
        (string?, string?)[] rows = [("a", "p"), ("c", null), ("d", "q"), ("s", "p"), ("u", "q"), (null, "p")];
        Assert.Equal(rows, host.Sockets().Select(row => (row.Socket, row.Process)).OrderBy(row => row.Socket ?? "~", StringComparer.Ordinal));
    }

    private static string[] Play(string text)
    {
        var parse = BindText.Parse(text);
        Assert.Null(parse.Fault);
        using var host = new SimulatedHost(parse.Scenario!);
        return [.. parse.Scenario!.Steps.Select(step => host.Play(step).Result)];
    }
}
