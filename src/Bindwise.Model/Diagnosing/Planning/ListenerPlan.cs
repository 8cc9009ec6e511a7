namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>Whether a socket serves an address: what is waited for where somebody shall listen, or nobody any more.</summary>
internal static class ListenerPlan
{
    /// <summary>
    /// Whether what comes in for the address goes to the socket. 0.0.0.0 stands for any IPv4 address of this host, [::] for any IPv6
    /// address. A dual-stack [::] socket serves IPv4 too; where it is not known whether it is one, it counts.
    /// </summary>
    /// <param name="socket">A listener, or an unconnected UDP socket.</param>
    public static bool Serves(HeldSocket socket, IpAddress address)
    {
        var local = socket.Local.Address;
        if (address.AsIPv4 is { } ipv4)
        {
            return local.AsIPv4 is { } held ? ipv4.IsAny || held.IsAny || held == ipv4
                : local.IsAny && socket.V6Only != Fact.Yes;
        }
        return local.AsIPv4 is null && (address.IsAny || local.IsAny || local == address);
    }

    /// <summary>
    /// Whether it takes another connection now: its queue of connections that nobody has accepted is not
    /// full (sk_acceptq_is_full(), include/net/sock.h).
    /// </summary>
    public static bool Accepts(HeldSocket socket) =>
        socket.State != TcpSocketState.Listen || socket.Protocol == Protocol.Unix || socket.ReceiveQueue <= socket.SendQueue;

    /// <summary>
    /// <c>2 of 1 are waiting</c>: a queue is full with one more than listen()'s backlog; null while it takes connections.
    /// </summary>
    internal static string? FullQueue(HeldSocket socket) =>
        Accepts(socket) ? null : $"{Wording.Number(socket.ReceiveQueue)} of {Wording.Number(socket.SendQueue)} are waiting";
}
