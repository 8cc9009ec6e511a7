using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Model.Scenarios;
using Xunit.Abstractions;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>Real processes end, with real signals and by exit(2), and leave what the model says.</summary>
[Trait("Lane", "second")]
[Collection(BusyCollection.Name)]
public sealed class ProcessTests(ITestOutputHelper output)
{
    private const int Random = 120;

    private static readonly string[] Ends = ["signal p INT", "signal p TERM", "signal p KILL", "exit p"];

    // What happens between the handshake and the end of process p, and what then stands on the server's port.
    private static readonly (string Steps, string Tail)[] Cases =
    [
        ("{end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by s; b = tcp reuseaddr 127.0.0.1:8080 -> EADDRINUSE by s"),
        ("{end}; state s -> FIN_WAIT2; state c -> CLOSE_WAIT; close c; state s -> TIME_WAIT", "state c -> CLOSED"),
        ("d = connect a; {end}; state d -> CLOSED; state a -> CLOSED", "name a -> ENOSOCK; name c -> 127.0.0.1:auto"),
        ("close c; d = tcp in p user 1000 127.0.0.1:80 -> EACCES; e = tcp in p user 1000 127.0.0.1:8081 -> ok; {end}", "e = tcp 127.0.0.1:8081 -> ok"),
        ("set s reuseaddr; name s -> 127.0.0.1:8080; name a -> 127.0.0.1:8080; {end}", "b = tcp in p reuseaddr 127.0.0.1:8080 listen -> ok; c = connect b -> ok; s = accept b -> ok; {end}; {end} -> ESRCH"),
        ("{end}; close c", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by TIME_WAIT"),
        ("close c; {end}", "b = tcp 127.0.0.1:8080 -> ok"),
        ("send c 10; {end}", "b = tcp 127.0.0.1:8080 -> ok; receive c 1 -> ECONNRESET"),
        ("send s 10; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by FIN_WAIT2; receive c 10 -> ok; receive c 1 -> ok; close c"),
        ("send s 10; {end}; close c", "b = tcp 127.0.0.1:8080 -> ok"),
        ("shutdown c write; {end}", "b = tcp 127.0.0.1:8080 -> ok; receive c 1 -> ok"),
        ("shutdown s write; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by FIN_WAIT2"),
        ("shutdown s write; close c; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by TIME_WAIT"),
        ("set s SO_LINGER=0; {end}", "b = tcp 127.0.0.1:8080 -> ok; send c 1 -> ECONNRESET"),
        ("set s SO_LINGER=5; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by FIN_WAIT2"),
        ("d = connect a; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by s; receive d 1 -> ECONNRESET"),
        ("d = connect a; {end}; close c; close d", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by TIME_WAIT"),
        ("close s; d = connect a; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by FIN_WAIT2; close c; receive d 1 -> ECONNRESET"),
        ("close a; {end}", "b = tcp reuseaddr 127.0.0.1:8080 -> EADDRINUSE by s"),
        ("set s reuseaddr; {end}", "b = tcp reuseaddr 127.0.0.1:8080 listen -> ok"),
        ("{end}; send c 10", "b = tcp 127.0.0.1:8080 -> ok; send c 1 -> EPIPE"),
        ("d = tcp in p connect a; t = accept a; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by t"),
        ("d = tcp in p connect a; close c; close s; t = accept a; {end}", "b = tcp 127.0.0.1:8080 -> ok"),
        ("u = udp in p 127.0.0.1:8080; {end}", "b = udp 127.0.0.1:8080 -> ok"),
        ("d = tcp in q connect a; t = accept a; signal q KILL; {end}", "close c; b = tcp 127.0.0.1:8080 -> EADDRINUSE by s"),
        ("d = tcp in q connect a; t = accept a; {end}; exit q; close c", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by t"),
        ("{end}; {end} -> ESRCH; send s 1 -> ENOSOCK; b = accept a -> ENOSOCK; c = connect a -> ENOSOCK", "a = tcp in p 127.0.0.1:8080 -> EADDRINUSE by s"),
        ("a = tcp; {end}", "a = tcp 127.0.0.1:8080 -> EADDRINUSE by s"),
        ("s = accept a; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by FIN_WAIT2"),
        ("s = tcp in q; {end}", "b = tcp 127.0.0.1:8080 -> EADDRINUSE by FIN_WAIT2; bind s 127.0.0.1:8081 -> ok"),
    ];

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public async Task Ends_OfAServer_LeaveWhatTheModelSays()
    {
        var scenarios = new List<Scenario>();
        foreach (var (scenario, tail) in Cases)
        {
            var end = Ends[scenarios.Count % Ends.Length];
            var text = $"a = tcp in p 127.0.0.1:8080 listen; c = connect a; s = accept a\n{scenario.Replace("{end}", end, StringComparison.Ordinal)}\n{tail.Replace("{end}", end, StringComparison.Ordinal)}\n";
            scenarios.Add(Parse(text, text));
        }
        // The same end by every way that there is.
        foreach (var end in Ends)
            scenarios.Add(Parse($"a = tcp in p 127.0.0.1:8080 listen; c = connect a; s = accept a; {end} -> ok\nb = tcp 127.0.0.1:8080 -> EADDRINUSE by FIN_WAIT2", end));
        await AgreeAsync(scenarios);
    }

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    [Trait("Seed", "any")]
    public async Task Ends_AfterRandomDeeds_LeaveWhatTheModelSays()
    {
        output.WriteLine($"seed {Seed.Number}");
        var random = new Random((int)Seed.Number);
        var scenarios = Enumerable.Range(0, Random).Select(index => ProcessScenario.Make(random, $"{Seed.Number}-{index}")).ToList();
        await AgreeAsync(scenarios);
    }

    private static async Task AgreeAsync(List<Scenario> scenarios)
    {
        var faults = await Task.Run(() => Play(scenarios));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static Scenario Parse(string text, string name)
    {
        var parse = BindText.Parse(text);
        Assert.True(parse.IsSuccess, $"{text}: {parse.Fault}");
        return parse.Scenario! with { Name = name.Replace('\n', ';') };
    }

    private static List<string> Play(List<Scenario> scenarios)
    {
        var faults = new List<string>();
        var played = 0;
        new ScenarioStream<Scenario>(KernelHosts.WithModel, new StreamLimits { Patience = Patience.OfAWait }, static scenario => scenario, (scenario, result) =>
        {
            played++;
            var bad = result!.Steps.Index().Where(static step => step.Item.IsMismatch || step.Item.IsFailedExpectation)
                .Select(static step => $"  step {step.Index}: model {step.Item.Model!.Result}, kernel {step.Item.Kernel!.Result}: {step.Item.Because}").ToList();
            if (result.Error is not null || bad.Count > 0)
                faults.Add($"{BindText.Write(scenario)}{string.Join('\n', bad)}{result.Error}");
            return true;
        }).Play(scenarios, CancellationToken.None);
        Assert.Equal(scenarios.Count, played);
        return faults;
    }
}
