using System.Globalization;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Tests.Live;

/// <summary>
/// A scenario as a line of a table: steps between semicolons, the expected result after an arrow, <c>ok</c> where there is none. A
/// notation for tests of the host alone; the scenario language has its own parser.
/// </summary>
internal sealed record ScenarioText(Scenario Scenario, IReadOnlyList<string> Texts, IReadOnlyList<string> Expected)
{
    public static ScenarioText Of(string text)
    {
        var (steps, texts, expected) = (new List<Step>(), new List<string>(), new List<string>());
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var sides = part.Split("->", StringSplitOptions.TrimEntries);
            texts.Add(sides[0]);
            steps.Add(Parse(sides[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            expected.Add(sides.Length > 1 ? sides[1] : StepResult.Ok);
        }
        return new ScenarioText(new Scenario("", [.. steps]), texts, expected);
    }

    /// <summary>Plays it to its end.</summary>
    /// <returns>Each step with the result that it had.</returns>
    public IEnumerable<string> PlayOn(LivePool pool)
    {
        using var host = pool.Lease(ScenarioNeeds.Of(Scenario));
        return [.. Texts.Select((text, index) => $"{text} -> {host.Play(Scenario.Steps[index]).Result}")];
    }

    /// <summary>Each step with the result that it should have.</summary>
    public IEnumerable<string> Lines => Texts.Select((text, index) => $"{text} -> {Expected[index]}");

    private static Step Parse(string[] word) => word[0] switch
    {
        "tcp4" => Open(word, Protocol.Tcp, IpFamily.IPv4),
        "tcp6" => Open(word, Protocol.Tcp, IpFamily.IPv6),
        "udp4" => Open(word, Protocol.Udp, IpFamily.IPv4),
        "udp6" => Open(word, Protocol.Udp, IpFamily.IPv6),
        "set" => new SetStep(word[1], Option(word[2]), Value(word[3])),
        "bind" => Bind(word),
        "listen" => new ListenStep(word[1]),
        "connect" when word[2][0] == '@' => new ConnectStep(word[1], default, 0) { To = word[2][1..] },
        "connect" => new ConnectStep(word[1], Address(word[2]), Port(word[3])),
        "disconnect" => new DisconnectStep(word[1]),
        "accept" => new AcceptStep(word[1], word[2]),
        "send" => new SendStep(word[1], Number(word[2])) { To = word.Length > 3 ? new IpEndpoint(Address(word[3]), Port(word[4])) : null },
        "receive" => new ReceiveStep(word[1], Number(word[2])),
        "shutdown" => new ShutdownStep(word[1], Enum.Parse<ShutdownHow>(word[2], ignoreCase: true)),
        "close" => new CloseStep(word[1]),
        "abort" => new AbortStep(word[1]),
        "sysctl" => new SysctlStep(word[1], string.Join(' ', word[2..])),
        "wait" => new WaitStep(decimal.Parse(word[1], CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException("no such step: " + word[0], nameof(word)),
    };

    private static OpenStep Open(string[] word, Protocol protocol, IpFamily family) => new(word[1], protocol, family)
    {
        User = word.FirstOrDefault(static w => w.StartsWith("user=", StringComparison.Ordinal)) is { } user ? uint.Parse(user[5..], CultureInfo.InvariantCulture) : null,
        Device = word.FirstOrDefault(static w => w.StartsWith("device=", StringComparison.Ordinal))?[7..],
    };

    private static BindStep Bind(string[] word)
    {
        var scoped = word[2].Split('%');
        return new BindStep(word[1], Address(scoped[0]), Port(word[3])) { Scope = scoped.Length > 1 ? scoped[1] : null };
    }

    private static SocketOption Option(string name) =>
        SocketOptionNames.TryParse(name, out var option) ? option : throw new ArgumentException("no such option: " + name, nameof(name));

    private static OptionValue Value(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? new(number) : new(0, text == "none" ? "" : text);

    private static IpAddress Address(string text) =>
        IpAddress.TryParse(text, out var address) ? address : throw new ArgumentException("no address: " + text, nameof(text));

    private static ushort Port(string text) => ushort.Parse(text, CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
