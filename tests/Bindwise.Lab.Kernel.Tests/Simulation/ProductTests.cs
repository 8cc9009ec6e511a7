using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>
/// Whole products over small tables: everything that can hold a port, met by everything that can ask for it. Model and kernel must say
/// the same at every step; which answer is right stands in scenarios/rules/.
/// </summary>
[Trait("Lane", "second")]
[Collection(BusyCollection.Name)]
public sealed class ProductTests
{
    // Every scenario has a port of its own, for which @ stands: so thousands share a namespace.
    private const int FirstPort = 2000;
    private const int Ports = 14_000;

    private static readonly string[] Options = ["", " reuseaddr", " reuseport", " reuseaddr reuseport"];
    private static readonly string[] FewOptions = ["", " reuseaddr", " reuseport"];

    /// <summary>What is bound, after the protocol, and where a client of it connects to.</summary>
    private static readonly (string Socket, string Client)[] Held =
    [
        ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("dual [::]", "127.0.0.1"), ("dual [::]", "[::1]"), ("v6only [::]", "[::1]"),
        ("[::1]", "[::1]"), ("dual [::ffff:127.0.0.1]", "127.0.0.1"), ("dual [::ffff:0.0.0.0]", "127.0.0.1"),
    ];

    private static readonly string[] Asking =
        ["0.0.0.0", "127.0.0.1", "127.0.0.6", "dual [::]", "v6only [::]", "[::1]", "dual [::ffff:127.0.0.1]", "dual [::ffff:0.0.0.0]"];

    private static readonly string[] Third = ["0.0.0.0", "127.0.0.1", "dual [::]", "v6only [::]", "[::1]", "dual [::ffff:127.0.0.1]"];

    /// <summary>What becomes of a bound socket <c>l</c>, with C for where its client connects.</summary>
    private static readonly string[] Lives =
    [
        "close x", // bound
        "listen l",
        "listen l; c = tcp connect C", // a child that nobody accepted
        "listen l; c = tcp connect C; s = accept l; close l",
        "listen l; c = tcp connect C; s = accept l; close l; set s reuseaddr reuseport",
        "listen l; c = tcp connect C; s = accept l; close l; set s SO_REUSEADDR=0 SO_REUSEPORT=0",
        "listen l; c = tcp connect C; s = accept l; set l reuseaddr; close l",
        "listen l; c = tcp connect C; s = accept l; close l; close s", // FIN_WAIT2 without an owner
        "listen l; c = tcp connect C; s = accept l; close s", // the same beside the listener
        "listen l; c = tcp connect C; s = accept l; close l; close s; close c", // TIME_WAIT
        "listen l; c = tcp connect C; s = accept l; close l; close c", // CLOSE_WAIT
        "listen l; c = tcp connect C; s = accept l; close l; close c; close s", // TIME_WAIT is the client's
        "listen l; c = tcp connect C; s = accept l; close l; shutdown s both; shutdown c both", // TIME_WAIT and a socket in CLOSE
        "listen l; c = tcp connect C; s = accept l; close l; abort c",
        "listen l; c = tcp connect C; s = accept l; close l; send c 5; close s", // unread data
        "listen l; c = tcp connect C; s = accept l; close l; disconnect s",
        "listen l; c = tcp connect C; s = accept l; shutdown l read",
        "listen l; c = tcp connect C; shutdown l read; listen l",
    ];

    private const string Connection = "s = tcp reuseaddr 127.0.0.1:80 listen\nc = tcp 127.0.0.1:@ connect s\na = accept s\n";

    /// <summary>What an end @ does while the other receives nothing: one segment, since of two the last is soon sent again.</summary>
    private static readonly string[] Acts =
        ["close x", "send @ 10", "shutdown @ write", "shutdown @ both", "close @", "abort @", "shutdown @ read; send @ 10"];

    /// <summary>How a connection ends whose four-tuple may be used again at once.</summary>
    private static readonly string[] Ends =
    [
        "abort c; close a", "abort a; close c", "send c 5; abort c", "send a 5; abort a; close c", "send a 5; close c; close a", "send c 5; close a; close c",
        "close c; close a; repeat a ack", "close a; close c; repeat c syn", "close c; close a", "send c 5; receive a 5; close c; close a",
    ];

    private static readonly string[] Repeats =
        [.. from end in "ac" from kind in new[] { "data", "fin", "ack", "reset", "syn" } select $"repeat {end} {kind}"];

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public Task EveryLostSegment_ThatComesAgain_IsAnsweredAlike() => PlayAsync(1_000,
        from ours in Acts
        from theirs in Acts
        from isOursFirst in new[] { true, false }
        from end in ours.Contains("send", StringComparison.Ordinal) ? [""] : new[] { "", "; close c" }
        from repeat in Repeats
        where repeat != "repeat c ack" // is it older by a millisecond (DV15)?
        let acts = isOursFirst ? new[] { ("c", ours), ("a", theirs) } : [("a", theirs), ("c", ours)]
        select $"{Connection}hold c; {string.Join("; ", acts.Select(static act => act.Item2.Replace("@", act.Item1, StringComparison.Ordinal)))}{end}\n"
            + $"lose c; {repeat}; state c; state a; n = tcp 127.0.0.1:@ listen");

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public Task EveryOldSegment_InTheNextConnection_IsAnsweredAlike() => PlayAsync(500,
        from end in Ends
        from first in Repeats
        from second in Repeats
        select $"{Connection}{end}\nd = tcp reuseaddr 127.0.0.1:@ connect s\nb = accept s\n{first}; {second}; state d; state b; send d 3; receive b 3");

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public Task EveryLifeOfASocket_MetByEveryOther_IsAnsweredAlike() => PlayAsync(5_000,
        from life in Lives
        from held in Held
        from options in Options
        from address in Asking
        from wanted in FewOptions
        select
            $"l = tcp{options} {held.Socket}:@\n{life.Replace("C", $"{held.Client}:@", StringComparison.Ordinal)}\n" +
            $"n = tcp{wanted} {address}:@ listen\nclose n\nm = tcp reuseaddr reuseport 127.0.0.1:@ listen");

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public Task EveryTripleOfTcpSockets_IsAnsweredAlike() => PlayAsync(5_000,
        from first in Sockets("tcp")
        from then in new[] { "", " listen" }
        from second in Sockets("tcp")
        from third in Sockets("tcp")
        select $"a = {first}:@{then}\nb = {second}:@\nc = {third}:@\nlisten c; listen b; listen a; close a; listen b; close c; listen b");

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public Task EveryTripleOfUdpSockets_IsAnsweredAlike() => PlayAsync(5_000,
        from first in Sockets("udp")
        from second in Sockets("udp")
        from third in Sockets("udp")
        select $"a = {first}:@\nb = {second}:@\nc = {third}:@\nclose b; b = {first}:@");

    private static IEnumerable<string> Sockets(string protocol) =>
        from address in Third
        from options in FewOptions
        select $"{protocol}{options} {address}";

    private static async Task PlayAsync(int least, IEnumerable<string> product)
    {
        var (played, differing) = await Task.Run(() => Play(product));
        Assert.True(played >= least);
        Assert.True(differing.Count == 0, $"{differing.Count} of {played} differ:\n" + string.Join("\n\n", differing.Take(10)));
    }

    private static (int Played, List<string> Differing) Play(IEnumerable<string> product)
    {
        var (played, differing) = (0, new List<string>());
        var texts = product.Select(static (text, index) => text.Replace("@", $"{FirstPort + (index % Ports)}", StringComparison.Ordinal));
        new ScenarioStream<string>(KernelHosts.WithModel, new StreamLimits { Patience = Patience.OfAWait }, Read, (text, result) =>
        {
            played++;
            if (result!.IsMismatch || result.Error is not null)
                differing.Add(text + "\n=> " + (result.Error ?? string.Join(' ', result.Steps.Select(static step => $"{step.Model?.Result}/{step.Kernel?.Result}"))));
            return true;
        }).Play(texts, CancellationToken.None);
        return (played, differing);
    }

    private static Scenario Read(string text)
    {
        var parse = BindText.Parse(text);
        return parse.Scenario ?? throw new FormatException($"{parse.Fault} in:\n{text}");
    }
}
