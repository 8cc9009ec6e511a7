namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Tells by its counters which end opened a connection. A SYN takes a sequence number and is acknowledged like a byte:
/// so the end that sent one has one more acknowledged (or under way) than bytes it sent. The accepting end starts
/// counting after its SYN-ACK (tcp_create_openreq_child(), net/ipv4/tcp_minisocks.c). A FIN counts one as well.
/// </summary>
internal static class OpenedHere
{
    /// <summary>Weighs one reading of the counters.</summary>
    /// <param name="writeQueue">idiag_wqueue: sequence numbers written and not acknowledged yet.</param>
    /// <returns>Unknown where the sum does not fit, as with Fast Open or a repaired socket.</returns>
    internal static Fact FactOf(TcpSocketState state, in TcpInfoReply info, uint writeQueue)
    {
        if (state is TcpSocketState.SynSent)
            return Fact.Yes;
        if (state is TcpSocketState.NewSynReceived)
            return Fact.No;
        if (!IsConnection(state) || (info.Options & TcpInfoReply.OptionSynData) != 0 || info.NotSentBytes > writeQueue)
            return Fact.Unknown;
        // All of it wraps at most together: the difference is what counts.
        var sequence = unchecked(info.BytesAcked + writeQueue - info.NotSentBytes);
        var bytes = unchecked(info.BytesSent - info.BytesRetransmitted);
        return unchecked(sequence - bytes - FinsSent(state, info.NotSentBytes)) switch
        {
            0 => Fact.No,
            1 => Fact.Yes,
            _ => Fact.Unknown,
        };
    }

    /// <summary>The states whose sockets have exchanged SYNs and still keep their counters.</summary>
    internal static bool IsConnection(TcpSocketState state) => state
        is TcpSocketState.Established or TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.CloseWait
            or TcpSocketState.LastAck or TcpSocketState.Closing;

    /// <summary>Our FIN is the last number of the queue: sent as soon as nothing waits before it.</summary>
    private static ulong FinsSent(TcpSocketState state, uint notSentBytes) =>
        state is TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.LastAck or TcpSocketState.Closing && notSentBytes == 0
            ? 1ul : 0;
}
