using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using static System.FormattableString;

namespace Bindwise.Model.Listing;

/// <summary>What deserves attention on a listed port. Each text is a phrase: it stands in the port's line.</summary>
internal static class PortWarnings
{
    /// <param name="beside">The other servers on the same port of the same protocol.</param>
    /// <param name="interfaces">Those of the host, as far as they were read: their broadcast addresses are nobody's alone.</param>
    /// <param name="fromOutside">How many of its connections do not come from loopback; null where they were not counted.</param>
    /// <returns>Empty for most: then nothing was allocated.</returns>
    public static ImmutableArray<Remark> Of(
        ListedPort port, IReadOnlyCollection<ListedPort> beside, HostSettings settings, ImmutableArray<InterfaceRecord> interfaces,
        int? fromOutside)
    {
        List<Remark>? found = null;
        void Add(string id, string text) => (found ??= []).Add(Remark.Of(id, text));

        if (StateOf(port) is { } state)
            Add("stopped", state);
        // Most are one socket, for which nothing is allocated.
        if (port.Sockets.Any(static socket => !ListenerPlan.Accepts(socket)) && ListenerPlan.FullQueue(port.Sockets) is { } full)
            Add("accept-queue-full", full);
        if (port.Owners is [{ Process.ExecutableDeleted: true }, ..])
            Add("executable-deleted", "executable deleted");
        foreach (var other in beside)
        {
            if (ShadowOf(port, other, interfaces) is { } shadow)
                (found ??= []).Add(shadow);
        }
        if (IsInEphemeralRange(port, settings))
            Add("in-ephemeral-range", "in the ephemeral range");
        if (fromOutside == 0 && port.Connections is > 0 and var count
            && port.Sockets.Any(static socket => socket is { Local.Address.IsAny: true, State: TcpSocketState.Listen, DeviceIndex: 0 }))
            Add("wildcard", count == 1 ? "open to the network, its only connection is from loopback"
                : Invariant($"open to the network, {(count == 2 ? "both" : $"all {count}")} connections are from loopback"));
        return found is null ? [] : [.. found];
    }

    /// <summary>A stopped process accepts nothing; the state letters are those of proc_pid_stat(5).</summary>
    private static string? StateOf(ListedPort port) => port.Owners is not [{ Process: var process }, ..] ? null
        : process.Freeze is not null ? "frozen"
        : process.State == 't' ? "stopped by a debugger"
        : process.State == 'T' ? "suspended (Ctrl+Z)"
        : null;

    // A UDP socket there is mostly a client's, which was given the port; a listener has to get the same one again.
    private static bool IsInEphemeralRange(ListedPort port, HostSettings settings) =>
        port is { Protocol: Protocol.Tcp, Port: { } number } && port.Sockets.Any(static socket => socket.State == TcpSocketState.Listen)
        && settings.MayGiveOut(number);

    private static Remark? ShadowOf(ListedPort port, ListedPort other, ImmutableArray<InterfaceRecord> interfaces)
    {
        foreach (var mine in port.Sockets.Where(Receives))
        {
            foreach (var theirs in other.Sockets.Where(Receives))
            {
                if (mine.DeviceIndex != 0 || theirs.DeviceIndex != 0)
                    continue;
                if (DeliveryRules.TakesFromWildcard(theirs, mine) && !SharedAddresses.Contain(theirs.Local.Address, interfaces))
                    return Remark.Of("shadowed-by-specific-address", NameOf(other)
                        + $" gets what is sent {(theirs.Local.Address.IsAny ? "over IPv4" : $"to {theirs.Local.Address.Bracketed}")}");
                if (mine.Local.Address == theirs.Local.Address && mine.Protocol == Protocol.Tcp)
                    return Remark.Of("shared", DeliveryRules.DifferInFamilies(mine.Local.Address, mine.V6Only, theirs.V6Only)
                        ? $"shares [::] with {NameOf(other)} unevenly: the first to listen gets all IPv6 connections"
                        : $"shares its connections with {NameOf(other)}");
            }
        }
        // Where a name has addresses of both families, clients try IPv6 first (RFC 6724); localhost is 127.0.0.1 alone, not 127.0.0.0/8.
        var isLocalIPv4 = port.Protocol == Protocol.Tcp
            && port.Sockets.All(static socket =>
                socket.Local.Address is { Family: IpFamily.IPv4, IsLoopback: true } or { Family: IpFamily.IPv4, IsAny: true })
            && port.Sockets.Any(static socket => socket.Local.Address.IsAny || socket.Local.Address == IpAddress.LoopbackIPv4);
        var rival = isLocalIPv4 ? other.Sockets.FirstOrDefault(static socket => Receives(socket)
            && socket is { Local.Address: { Family: IpFamily.IPv6, IsLoopback: true } or { Family: IpFamily.IPv6, IsAny: true } }) : null;
        return rival is null ? null
            : Remark.Of("shadowed-by-other-family", $"localhost may lead to {NameOf(other)} on {rival.Local.Address.Bracketed}");
    }

    private static bool Receives(HeldSocket socket) => socket.Protocol == Protocol.Udp || socket.State == TcpSocketState.Listen;

    private static string NameOf(ListedPort port) => port.Name is not { } name ? "another server"
        : port.Owners is [var owner, ..] ? Invariant($"{name} (pid {owner.Process.Id})")
        : name;
}
