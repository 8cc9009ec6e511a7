namespace Bindwise.Model.Scenarios.Recording;

/// <summary>Something that a host saw below the system calls.</summary>
/// <param name="At">When, since the scenario's first step: virtual on the model, by CLOCK_MONOTONIC on the kernel.</param>
internal abstract record HostEvent(TimeSpan At);

/// <summary>A TCP socket, or what is left of one, went from one state to another.</summary>
/// <param name="From">The state before; null where it was not seen, or the socket is new.</param>
/// <param name="To">The state after; null when nothing is left.</param>
/// <param name="Socket">The socket's name in the scenario; null where it has none yet (a connection that was not accepted) or it is not
/// known.</param>
internal sealed record StateEvent(TimeSpan At, IpEndpoint Local, IpEndpoint? Remote, TcpSocketState? From, TcpSocketState? To,
    string? Socket = null) : HostEvent(At);

/// <summary>The order in which every host tells its sockets.</summary>
internal static class SocketRowOrder
{
    /// <summary>By port, then by state, protocol, address and the other end.</summary>
    public static IReadOnlyList<SocketRow> Sort(List<SocketRow> rows)
    {
        rows.Sort(static (one, other) => KeyOf(one).CompareTo(KeyOf(other)));
        return rows;
    }

    private static (ushort Port, TcpSocketState State, Protocol Protocol, UInt128 Address, int RemotePort) KeyOf(SocketRow row) =>
        (row.Local.Port, row.State, row.Protocol, row.Local.Address.Bits, row.Remote?.Port ?? 0);
}
