using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;
using Record = Bindwise.Lab.Recording.Record;

namespace Bindwise.Lab.Tests.Drawing;

/// <summary>Records as no host would make them: pictures must stand them all the same.</summary>
internal static class AnyRecord
{
    private static readonly string[] Names = ["a", "old", "conn", "a-rather-long-name-of-a-socket-that-fits-nowhere", "日本語のソケット", "<b>&\"'", "e\u0301\u202e", "peer"];
    private static readonly string[] Results = ["ok", "EADDRINUSE", "ENOSOCK", "TIME_WAIT", "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535"];

    public static Record Of(int seed)
    {
        var random = new Random(seed);
        var at = TimeSpan.Zero;
        var steps = new List<RecordedStep>();
        var index = 0;
        for (var count = random.Next(0, 25); count > 0; count--)
        {
            var begin = at += Pause(random);
            var events = new List<HostEvent>();
            for (var more = random.Next(0, 5); more > 0; more--)
                events.Add(Event(random, at += random.Next(3) == 0 ? Pause(random) : TimeSpan.Zero));
            var rows = new List<SocketRow>();
            for (var more = random.Next(0, 4); more > 0; more--)
                rows.Add(Row(random));
            var result = new StepResult(Pick(random, Results)) { Rule = random.Next(2) == 0 ? "BW005" : null, Blockers = random.Next(2) == 0 ? [Pick(random, Names) + " by TIME_WAIT", "b", "c", "d"] : [] };
            index += random.Next(3) == 0 ? 0 : 1;
            steps.Add(new RecordedStep(index, Step(random), result, begin, at, [.. events], [.. rows]));
        }
        return new Record(new Scenario(Pick(random, Names), []), new RecordedHost(random.Next(2) == 0, "Linux 6.18"), [.. steps]) { Means = Pick(random, ["", "states by polling"]) };
    }

    private static TimeSpan Pause(Random random) => TimeSpan.FromMilliseconds(random.Next(6) switch { 0 => 86_400_000, 1 => 60_000, 2 => 150, 3 => 0.25, _ => 0 });

    private static Step Step(Random random) => random.Next(11) switch
    {
        0 => new OpenStep(Pick(random, Names), Protocol.Tcp, IpFamily.IPv4),
        1 => new BindStep(Pick(random, Names), Address(random), Port(random)),
        2 => new ListenStep(Pick(random, Names)),
        3 => ConnectStep.Toward(Pick(random, Names), Pick(random, Names)),
        4 => new AcceptStep(Pick(random, Names), Pick(random, Names)),
        5 => new WaitStep(1),
        6 => new SysctlStep("net.ipv4.ip_local_reserved_ports", "1-40,50-60,70-80,90-100,110-120,130-140,150-160,170-180"),
        7 => new SignalStep("server", ProcessSignal.Interrupt),
        8 => new StateStep(Pick(random, Names)),
        9 => new SetStep(Pick(random, Names), SocketOption.ReuseAddress, OptionValue.Flag(true)),
        _ => new CloseStep(Pick(random, Names)),
    };

    private static HostEvent Event(Random random, TimeSpan at) => random.Next(2) == 0
        ? new SegmentEvent(at, End(random), End(random), (TcpFlags)random.Next(32), (uint)random.NextInt64(uint.MaxValue), (uint)random.NextInt64(uint.MaxValue), random.Next(2) * random.Next(), (SegmentFate)random.Next(5))
        : new StateEvent(at, End(random), random.Next(3) == 0 ? null : End(random), random.Next(2) == 0 ? null : State(random), random.Next(4) == 0 ? null : State(random))
        {
            Socket = random.Next(3) == 0 ? null : Pick(random, Names),
        };

    private static SocketRow Row(Random random) => new(random.Next(4) == 0 ? Protocol.Udp : Protocol.Tcp, End(random), random.Next(3) == 0 ? null : End(random), State(random))
    {
        Socket = random.Next(3) == 0 ? null : Pick(random, Names),
        Process = random.Next(3) == 0 ? Pick(random, Names) : null,
        SecondsLeft = random.Next(3) == 0 ? random.NextDouble() * 70 : null,
    };

    private static IpEndpoint End(Random random) => new(Address(random), Port(random));

    private static IpAddress Address(Random random) => random.Next(4) switch
    {
        0 => IpAddress.AnyIPv4,
        1 => new IpAddress(IpFamily.IPv6, UInt128.MaxValue - 1),
        _ => IpAddress.LoopbackIPv4,
    };

    private static ushort Port(Random random) => (ushort)(random.Next(4) switch { 0 => 0, 1 => 8080, 2 => 40000, _ => 65535 });

    // One more than there are: a kernel may know others.
    private static TcpSocketState State(Random random) => (TcpSocketState)random.Next(1, 15);

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
