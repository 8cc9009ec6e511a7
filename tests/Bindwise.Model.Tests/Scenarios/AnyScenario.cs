using System.Collections.Immutable;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Model.Tests.Scenarios;

/// <summary>Valid scenarios of every kind of step, with names as odd as both forms allow: for reading and writing, not for playing.</summary>
internal static class AnyScenario
{
    private static readonly string[] Names =
    [
        "a", "b", "c", "old", "new-1", "x_2", "v1.2", "listen", "tcp", "connect", "scenario", "ok", "BW004", "by", "TIME_WAIT", "127.0.0.1:80", "8080",
        "two words", "a=b", "a;b", "#1", "quo\"te", "back\\slash", "->", "a->b", " ", "[x]", "ключ", "🎉", "user", "of", "=", "\\\"", new('n', 200),
    ];

    private static readonly string[] Devices = ["lo", "v0", "v1", "eth0.5", "a;b", "#x", "\"", "=", "connect", "listen", "->", "veth@if2", "ключ"];

    private static readonly IpAddress[] Addresses =
        [.. new[] { "127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "fe80::1", "2001:db8::1", "ff02::1", "::127.0.0.6" }.Select(Ip)];

    private static readonly string[] Results = ["ok", "EADDRINUSE", "EADDRNOTAVAIL", "EINVAL", "EACCES", "EAGAIN", "ENOSOCK", "EXPECT", "E2BIG", "LISTEN", "TIME_WAIT", "CLOSED", "UNCONN", "127.0.0.1:8080", "[::1]:auto", "0.0.0.0:0"];

    private static readonly Gen<string> Name = Gen.Elements(Names);
    private static readonly Gen<string> Device = Gen.Elements(Devices);
    private static readonly Gen<IpAddress> Address = Gen.OneOf(Gen.Elements(Addresses), from bits in Gen.Choose(int.MinValue, int.MaxValue) select new IpAddress(IpFamily.IPv4, unchecked((uint)bits)));
    private static readonly Gen<ushort> Port = from port in Gen.OneOf(Gen.Choose(0, 65535), Gen.Elements(0, 80, 8080, 65535)) select (ushort)port;
    private static readonly Gen<decimal> Seconds = Gen.OneOf(Gen.Elements(0m, 0.5m, 1.5m, 66m, 66.0m, 60.000m, 0.001m, 62.048m, 86_400m), from ms in Gen.Choose(0, 100_000) select ms / 1000m);

    /// <summary>Any valid scenario of up to 40 steps.</summary>
    public static readonly Arbitrary<Scenario> Arbitrary = Arb.From(
        from name in Gen.OneOf(Gen.Constant(""), Name)
        from steps in Gen.ListOf(Gen.Frequency((3, Open), (3, Set), (3, Bind), (2, Listen), (3, Connect), (4, OnSocket), (2, Elsewhere), (4, Laboratory), (5, Expect)))
        select new Scenario(name, Valid(steps.Take(40))),
        Shrink);

    private static Gen<Step> Open =>
        from name in Name
        from protocol in Gen.Elements(Protocol.Tcp, Protocol.Udp)
        from family in Gen.Elements(IpFamily.IPv4, IpFamily.IPv6)
        from user in OrNone(Gen.Elements(0u, 1000u, 4294967294u).Select(static u => (uint?)u))
        from device in OrNone(Device)
        from process in OrNone(Name)
        select (Step)new OpenStep(name, protocol, family) { User = user, Device = device, Process = process };

    private static Gen<Step> Set =>
        from name in Name
        from option in Gen.Elements(Enum.GetValues<SocketOption>())
        from value in ValueOf(option)
        select (Step)new SetStep(name, option, value);

    private static Gen<Step> Bind =>
        from name in Name
        from address in Address
        from port in Port
        from scope in OrNone(Device)
        select (Step)new BindStep(name, address, port) { Scope = address.Family == IpFamily.IPv6 ? scope : null };

    private static Gen<Step> Listen => Name.Select(static name => (Step)new ListenStep(name));

    private static Gen<Step> Connect => Gen.OneOf(
        from name in Name from to in Name select (Step)ConnectStep.Toward(name, to),
        from name in Name from address in Address from port in Port select (Step)new ConnectStep(name, address, port));

    private static Gen<Step> OnSocket => Gen.OneOf(
        from name in Name from other in Name select (Step)new AcceptStep(name, other),
        from name in Name from bytes in Gen.Choose(0, 500) select (Step)new SendStep(name, bytes),
        from name in Name from address in Address from port in Port select (Step)new SendStep(name, 7) { To = new IpEndpoint(address, port) },
        from name in Name from bytes in Gen.Choose(1, ScenarioLimits.BytesInAll) select (Step)new ReceiveStep(name, bytes),
        from name in Name from how in Gen.Elements(Enum.GetValues<ShutdownHow>()) select (Step)new ShutdownStep(name, how),
        from name in Name from kind in Gen.Elements(0, 1, 2) select kind == 0 ? new CloseStep(name) : kind == 1 ? new AbortStep(name) : (Step)new DisconnectStep(name));

    private static Gen<Step> Elsewhere => Gen.OneOf(
        Seconds.Select(static seconds => (Step)new WaitStep(seconds)),
        from sysctl in Gen.Elements(ScenarioSysctls.All.Select(static s => s.Name))
        from value in Gen.Elements("0", "1", "", "40000 40010", " 1", "1;2", "#", "\"", "a -> b", "1,3-5", "-1", "\\")
        select (Step)new SysctlStep(sysctl, value));

    private static Gen<Step> Laboratory => Gen.OneOf(
        from name in Name from kind in Gen.Elements(0, 1, 2, 3, 4) select kind switch { 0 => new StateStep(name), 1 => new NameStep(name), 2 => new HoldStep(name), 3 => new ReleaseStep(name), _ => (Step)new LoseStep(name) },
        from name in Name from kind in Gen.Elements(Enum.GetValues<SegmentKind>()) select (Step)new RepeatStep(name, kind),
        from name in Name from to in Name from bytes in Gen.Elements(1L, 1000L, 1024L, 65536L, 300L << 20, 1L << 30, (1L << 20) + 1) select (Step)new StreamStep(name, to, bytes),
        from name in Name from signal in Gen.Elements(Enum.GetValues<ProcessSignal>()) select (Step)new SignalStep(name, signal),
        Name.Select(static name => (Step)new ExitStep(name)),
        from attempt in Gen.OneOf(Bind, Listen, Connect)
        from every in Gen.Elements(0.01m, 0.5m, 1m, 2.50m)
        from longest in Gen.Elements(2.5m, 66m, 70.0m, 90m)
        select (Step)new RetryStep((SocketStep)attempt, every, longest));

    private static Gen<Step> Expect =>
        from result in Gen.Elements(Results)
        from rule in OrNone(Gen.Elements("BW004", "BWA012", "BW1"))
        from blocker in OrNone(Name)
        from steps in Gen.Frequency((3, Gen.Constant(1)), (2, Gen.Choose(2, 5)))
        from claimed in OrNone(Gen.Elements(Results))
        select (Step)new ExpectStep(result) { Rule = rule, By = blocker, Steps = steps, Claimed = claimed };

    private static Gen<OptionValue> ValueOf(SocketOption option) => option switch
    {
        SocketOption.BindToDevice => Gen.OneOf(Gen.Constant(""), Device).Select(static text => new OptionValue(0, text)),
        SocketOption.LocalPortRange => Gen.Elements(new OptionValue(0, "40000-40010"), new OptionValue(0, "7-3"), new OptionValue(0), new OptionValue(uint.MaxValue)),
        _ => Gen.Elements(0L, 1L, 2L, -1L, int.MinValue, int.MaxValue).Select(static number => new OptionValue(number)),
    };

    private static Gen<T?> OrNone<T>(Gen<T> some) => Gen.Frequency((2, Gen.Constant(default(T?))), (1, some.Select(static value => (T?)value)));

    private static IEnumerable<Scenario> Shrink(Scenario scenario)
    {
        for (var i = 0; i < scenario.Steps.Length; i++)
            yield return scenario with { Steps = Valid(scenario.Steps.RemoveAt(i)) };
        if (scenario.Name.Length > 0)
            yield return scenario with { Name = "" };
    }

    // Leaves out the steps that the ones before them do not allow.
    private static ImmutableArray<Step> Valid(IEnumerable<Step> steps)
    {
        var valid = new Scenario("", []);
        foreach (var step in steps)
        {
            var longer = valid with { Steps = valid.Steps.Add(step) };
            if (ScenarioRules.FaultOf(longer) is null)
                valid = longer;
        }
        return valid.Steps;
    }

    private static IpAddress Ip(string text) => IpAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text);
}
