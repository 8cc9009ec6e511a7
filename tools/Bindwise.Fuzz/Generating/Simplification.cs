using System.Collections.Immutable;
using Bindwise.Fuzz.Generating.Templates;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating;

/// <summary>Makes one step plainer: no user, no interface, an ordinary address, few bytes, a short wait.</summary>
internal static class Simplification
{
    // Plainest first; every other address is less plain than all of them.
    private static readonly IpAddress[] Plain = [.. new[] { "127.0.0.1", "0.0.0.0", "::1", "::" }.Select(
        static text => BindAddress.Of(text).Address)];

    private static readonly decimal[] Waits = [0.1m, 1.2m, 6, 66];

    public static IEnumerable<ImmutableArray<Step>> Of(ImmutableArray<Step> steps)
    {
        for (var index = 0; index < steps.Length; index++)
        {
            foreach (var simpler in Of(steps[index]))
                yield return steps.SetItem(index, simpler);
        }
        // A family is changed with the addresses that go with it, or it would rarely go.
        foreach (var name in steps.OfType<OpenStep>().Where(static open => open.Family == IpFamily.IPv6).Select(static open => open.Socket)
            .Distinct())
            yield return [.. steps.Select(step => step is SocketStep socket && socket.Socket == name ? InIPv4(step) : step)];
    }

    private static IEnumerable<Step> Of(Step step) => step switch
    {
        OpenStep open => OfOpen(open),
        BindStep bind => Plainer(bind.Address).Select(address => (Step)(bind with { Address = address, Scope = null }))
            .Concat(bind.Scope is null ? [] : [bind with { Scope = null }]),
        ConnectStep { To: null } connect => Plainer(connect.Address).Select(address => connect with { Address = address }),
        SendStep send => OfSend(send),
        ReceiveStep { Bytes: > 1 } receive => [receive with { Bytes = 1 }],
        AbortStep abort => [new CloseStep(abort.Socket)],
        ShutdownStep { How: not ShutdownHow.Write } shutdown => [shutdown with { How = ShutdownHow.Write }],
        WaitStep wait => Waits.Where(seconds => seconds < wait.Seconds).Select(static seconds => new WaitStep(seconds)),
        _ => [],
    };

    private static IEnumerable<Step> OfOpen(OpenStep open)
    {
        if (open.User is not null)
            yield return open with { User = null };
        if (open.Device is not null)
            yield return open with { Device = null };
    }

    private static IEnumerable<Step> OfSend(SendStep send)
    {
        if (send.Bytes > 1)
            yield return send with { Bytes = 1 };
        if (send.To is not { } to)
            yield break;
        foreach (var address in Plainer(to.Address))
            yield return send with { To = to with { Address = address } };
    }

    private static IEnumerable<IpAddress> Plainer(IpAddress address) => Plain.TakeWhile(plain => plain != address);

    private static Step InIPv4(Step step) => step switch
    {
        OpenStep open => open with { Family = IpFamily.IPv4 },
        BindStep bind => bind with { Address = InIPv4(bind.Address), Scope = null },
        ConnectStep { To: null } connect => connect with { Address = InIPv4(connect.Address) },
        _ => step,
    };

    private static IpAddress InIPv4(IpAddress address)
    {
        if (address.AsIPv4 is { } v4)
            return v4;
        return address.IsAny ? IpAddress.AnyIPv4 : IpAddress.LoopbackIPv4;
    }
}

/// <summary>
/// Leaves steps out: runs of them (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input), then all of one socket.
/// </summary>
internal static class Removal
{
    public static IEnumerable<ImmutableArray<Step>> Of(ImmutableArray<Step> steps)
    {
        for (var size = (steps.Length + 1) / 2; size >= 1; size = size == 1 ? 0 : (size + 1) / 2)
        {
            // From the end: what comes last matters least often.
            for (var end = steps.Length; end > 0; end -= size)
            {
                var start = Math.Max(0, end - size);
                yield return steps.RemoveRange(start, end - start);
            }
        }
        foreach (var name in steps.OfType<SocketStep>().Select(static step => step.Socket).Distinct())
            yield return steps.RemoveAll(step => step is SocketStep socket && socket.Socket == name);
        for (var first = 0; first < steps.Length; first++)
        {
            for (var second = first + 1; second < steps.Length; second++)
                yield return steps.RemoveAt(second).RemoveAt(first);
        }
    }
}

/// <summary>Gives sockets the names a, b, c as they appear, and ports the numbers 8000, 8001, 8002: the last thing that is tried.</summary>
internal static class Renaming
{
    private const ushort FirstPort = 8000;
    private const int Letters = 26;

    // Below are privileged ports, above the kernel's own choice: there the number matters.
    private const ushort LowestOrdinary = 1024;
    private const ushort HighestOrdinary = 32_767;

    public static IEnumerable<ImmutableArray<Step>> Of(ImmutableArray<Step> steps)
    {
        var ports = Numbered(steps.SelectMany(PortsOf).Where(static port => port is >= LowestOrdinary and <= HighestOrdinary),
            static n => (ushort)(FirstPort + n));
        if (ports.Any(static pair => pair.Key != pair.Value))
            yield return [.. steps.Select(step => WithPorts(step, port => ports.GetValueOrDefault(port, port)))];
        var names = Numbered(steps.SelectMany(NamesOf), static n => n < Letters ? ((char)('a' + n)).ToString() : $"s{n}");
        if (names.Any(static pair => pair.Key != pair.Value))
            yield return [.. steps.Select(step => WithNames(step, name => names[name]))];
    }

    private static Dictionary<T, T> Numbered<T>(IEnumerable<T> values, Func<int, T> number) where T : notnull =>
        values.Distinct().Select((value, index) => (value, index)).ToDictionary(static pair => pair.value, pair => number(pair.index));

    private static IEnumerable<ushort> PortsOf(Step step) => step switch
    {
        BindStep bind => [bind.Port],
        ConnectStep { To: null } connect => [connect.Port],
        SendStep { To: { } to } => [to.Port],
        _ => [],
    };

    private static Step WithPorts(Step step, Func<ushort, ushort> port) => step switch
    {
        BindStep bind => bind with { Port = port(bind.Port) },
        ConnectStep { To: null } connect => connect with { Port = port(connect.Port) },
        SendStep { To: { } to } send => send with { To = new IpEndpoint(to.Address, port(to.Port)) },
        _ => step,
    };

    private static IEnumerable<string> NamesOf(Step step) => step switch
    {
        ConnectStep { To: { } to } connect => [connect.Socket, to],
        AcceptStep accept => [accept.Socket, accept.As],
        SocketStep socket => [socket.Socket],
        _ => [],
    };

    private static Step WithNames(Step step, Func<string, string> name) => step switch
    {
        ConnectStep { To: { } to } connect => connect with { Socket = name(connect.Socket), To = name(to) },
        AcceptStep accept => accept with { Socket = name(accept.Socket), As = name(accept.As) },
        SocketStep socket => socket with { Socket = name(socket.Socket) },
        _ => step,
    };
}
