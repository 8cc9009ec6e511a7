namespace Bindwise.Model.Simulation;

/// <content>
/// Segments that are late, lost or old: what came from beyond a gap waits, what was not acknowledged is sent again. Only a scenario that
/// holds segments back, or repeats them, comes here.
/// </content>
internal sealed partial class TcpWire
{
    /// <summary>TCP_RTO_MIN, which a connection over loopback has (include/net/tcp.h).</summary>
    private const int ResendMilliseconds = 200;

    /// <summary>TCP_RTO_MAX.</summary>
    private const int LongestResendMilliseconds = 120_000;

    /// <summary>An old segment goes on its way once more.</summary>
    public void Repeat(in Segment segment)
    {
        _underWay.Enqueue(segment with { IsRepeat = true });
        Settle();
    }

    /// <summary>What was held back goes on, one after the other, each with all that it sets off.</summary>
    public void Release(Queue<Segment> held)
    {
        while (held.TryDequeue(out var segment))
        {
            _underWay.Enqueue(segment with { IsReleased = true });
            Settle();
        }
    }

    /// <summary>
    /// Nothing was acknowledged in time: the oldest is sent again, and the next time is twice as far (tcp_retransmit_timer()).
    /// </summary>
    public void Resend(SimulatedSocket socket)
    {
        ResendOldest(socket);
        // The first time is the probe for a lost tail, which leaves the timeout as it was (tcp_send_loss_probe()).
        socket.Resends++;
        StartTimer(socket);
        Settle();
        system.Recorder?.Observe();
    }

    private void AwaitAcknowledgement(SimulatedSocket from, in Segment segment)
    {
        (from.InFlight ??= []).Add(segment);
        if (from.InFlight.Count == 1)
        {
            from.Resends = 0;
            StartTimer(from);
        }
    }

    private void StartTimer(SimulatedSocket socket) => system.Time.Start(
        socket, (int)Math.Min((long)ResendMilliseconds << Math.Max(0, socket.Resends - 1), LongestResendMilliseconds));

    private void ResendOldest(SimulatedSocket socket) =>
        Put(socket, socket.InFlight![0] with { Acknowledgement = socket.ReceiveNext, SentAt = system.Time.Now });

    private void TakeAcknowledgement(SimulatedSocket socket, in Segment segment)
    {
        var inFlight = socket.InFlight!;
        var (before, acknowledgement) = (inFlight.Count, segment.Acknowledgement);
        while (inFlight.Count > 0 && !SequenceNumber.IsAfter(inFlight[0].End, acknowledgement))
            inFlight.RemoveAt(0);
        if (inFlight.Count == 0)
        {
            socket.EndsAt = 0;
            if (socket.UnsentBytes > 0)
            {
                Send(socket, SegmentFlags.Ack, socket.UnsentBytes);
                socket.UnsentBytes = 0;
            }
            return;
        }
        var wasLost = socket.Resends > 0;
        if (inFlight.Count < before)
        {
            socket.Resends = 0;
            StartTimer(socket);
        }
        // What lies before something that arrived is lost (RACK, RFC 8985); and after one that had to be sent again, so is the next.
        if (segment.ReportsGap || (wasLost && inFlight.Count < before))
            ResendOldest(socket);
    }

    /// <summary>
    /// Its number is the next one, or that of the FIN: the other end may not know of the FIN's acknowledgement (tcp_reset_check()).
    /// </summary>
    private static bool IsAcceptableReset(SimulatedSocket socket, in Segment reset) => reset.Sequence == socket.ReceiveNext
        || (reset.Sequence == unchecked(socket.ReceiveNext - 1)
            && socket.State is TcpSocketState.CloseWait or TcpSocketState.LastAck or TcpSocketState.Closing);

    /// <summary>All of it came before, or it is a RST that may be forged (tcp_validate_incoming()).</summary>
    private void AnswerUnacceptable(SimulatedSocket socket, in Segment segment)
    {
        if (SequenceNumber.IsAfter(segment.Sequence, socket.ReceiveNext) || (!segment.IsReset && MayAnswerOdd(socket, segment)))
            Send(socket, SegmentFlags.Ack);
    }

    /// <summary>Its content is not the next one: it waits, or came before (tcp_data_queue()).</summary>
    private void ReceiveOutOfPlace(SimulatedSocket socket, in Segment segment)
    {
        if (segment.IsEmpty)
            return;
        var isBeyondGap = SequenceNumber.IsAfter(segment.Sequence, socket.ReceiveNext);
        if (isBeyondGap && !(socket.BeyondGap ??= []).Contains(segment))
            socket.BeyondGap.Add(segment);
        Send(socket, SegmentFlags.Ack, reportsGap: isBeyondGap);
    }

    private void ReceiveBeyondGap(SimulatedSocket socket)
    {
        while (socket.BeyondGap is { Count: > 0 } waiting)
        {
            var next = waiting.FindIndex(segment => segment.Sequence == socket.ReceiveNext);
            if (next < 0)
                return;
            var segment = waiting[next];
            waiting.RemoveAt(next);
            ReceiveContent(socket, segment);
        }
    }
}
