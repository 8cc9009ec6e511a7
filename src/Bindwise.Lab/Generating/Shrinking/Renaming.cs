using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Shrinking;

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
        var ports = Numbered(steps.SelectMany(PortsOf).Where(static port => port is >= LowestOrdinary and <= HighestOrdinary), static n => (ushort)(FirstPort + n));
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
