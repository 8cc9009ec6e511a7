using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <summary>Loopback: segments are delivered in order, at once, until none is under way (tcp_v4_rcv()).</summary>
/// <param name="endings">What becomes of sockets that end.</param>
/// <param name="transit">What is held back on the way, or repeated.</param>
internal sealed partial class TcpWire(SimulatedSystem system, TcpEndings endings, Transit transit)
{
    private readonly ListenerLookup _listeners = new(system);
    private readonly Queue<Segment> _underWay = [];

    /// <summary>Sends a segment of a socket; it is delivered by <see cref="Settle"/>.</summary>
    /// <param name="reportsGap">It tells of what came from beyond a gap.</param>
    public void Send(SimulatedSocket from, SegmentFlags flags, int bytes = 0, bool reportsGap = false)
    {
        var isSyn = flags.HasFlag(SegmentFlags.Syn);
        // A SYN that is sent once more, or together with an ACK, has the number of the first one.
        var segment = SegmentOf(from, flags, isSyn ? unchecked(from.SendNext - 1) : from.SendNext) with
        {
            Bytes = bytes,
            ReportsGap = reportsGap
        };
        if (!isSyn)
            from.SendNext = segment.End;
        Put(from, segment);
        if (transit.LosesSegments && !segment.IsEmpty && !isSyn)
            AwaitAcknowledgement(from, segment);
    }

    /// <summary>
    /// Sends data, or lets it wait for the acknowledgement of what is on the way: on loopback every segment is a small one
    /// (tcp_nagle_check()).
    /// </summary>
    public void SendData(SimulatedSocket socket, int bytes)
    {
        if (socket.InFlight is { Count: > 0 })
            socket.UnsentBytes += bytes;
        else
            Send(socket, SegmentFlags.Ack, bytes);
    }

    /// <summary>Sends the FIN, where none was sent yet (tcp_close_state()).</summary>
    public void SendFin(SimulatedSocket socket)
    {
        if (socket.State == TcpSocketState.Established)
            Enter(socket, TcpSocketState.FinWait1);
        else if (socket.State == TcpSocketState.CloseWait)
            Enter(socket, TcpSocketState.LastAck);
        else
            return;
        // What waited to be sent goes with it.
        Send(socket, SegmentFlags.Fin | SegmentFlags.Ack, socket.UnsentBytes);
        socket.UnsentBytes = 0;
    }

    /// <summary>Delivers everything that is under way, and what that sets off.</summary>
    public void Settle()
    {
        while (_underWay.TryDequeue(out var segment))
            Deliver(segment);
    }

    /// <summary>A stream of bytes that the other end reads as they come.</summary>
    public void Stream(SimulatedSocket from, SimulatedSocket to, int bytes)
    {
        system.Recorder?.Streamed(from.Tuple!.Value, from.SendNext, from.ReceiveNext, bytes);
        from.SendNext = to.ReceiveNext = unchecked(from.SendNext + (uint)bytes);
        system.Recorder?.Observe();
    }

    private Segment SegmentOf(SimulatedSocket from, SegmentFlags flags, uint sequence) =>
        new(from.Tuple.GetValueOrDefault(), flags, sequence, flags.HasFlag(SegmentFlags.Ack) ? from.ReceiveNext : 0)
        {
            HasTimestamps = from.HasTimestamps,
            SentAt = system.Time.Now,
            DeviceIndex = from.DeviceIndex,
        };

    private void Put(SimulatedSocket from, in Segment segment)
    {
        // One that once connected to IPv4 has no voice on IPv6 (icsk_af_ops stays ipv6_mapped).
        if (from.Tuple is not { } way || (from.SendsIPv4Only && !way.Remote.Address.IsMapped))
            return;
        transit.Remember(from, way);
        _underWay.Enqueue(segment);
    }

    private void Deliver(in Segment segment)
    {
        var tuple = segment.Way.Mirrored;
        var interfaceIndex = InterfaceOf(segment);
        var receiver = system.ConnectionOf(tuple, interfaceIndex);
        if (transit.Takes(segment, receiver))
            return;
        switch (receiver)
        {
            case SimulatedSocket socket:
                Receive(socket, segment);
                break;
            case TimeWaitEntry entry:
                ReceiveInTimeWait(entry, segment);
                break;
            case HandshakeRequest request:
                Complete(request, segment);
                break;
            default:
                if (!segment.IsSyn || segment.IsAck || _listeners.For(tuple.Local, interfaceIndex) is not { } listener)
                    Refuse(segment);
                else
                    Answer(listener, segment, system.NextInitialNumber());
                break;
        }
    }

    /// <summary>The interface that a segment comes in by (inet_iif()).</summary>
    private uint InterfaceOf(in Segment segment) =>
        segment.DeviceIndex != 0 ? segment.DeviceIndex : system.InterfaceOf(segment.Way.Remote.Address);

    /// <summary>Nobody is there: a RST, unless it was one (tcp_v4_send_reset()).</summary>
    private void Refuse(in Segment segment)
    {
        if (segment.IsReset)
            return;
        _underWay.Enqueue(segment.IsAck
            ? new Segment(segment.Way.Mirrored, SegmentFlags.Reset, segment.Acknowledgement, 0)
            : new Segment(segment.Way.Mirrored, SegmentFlags.Reset | SegmentFlags.Ack, 0, segment.End));
    }

    /// <summary>A SYN meets a listener (tcp_conn_request()).</summary>
    private void Answer(SimulatedSocket listener, in Segment syn, uint initial)
    {
        var way = syn.Way.Mirrored;
        var request = new HandshakeRequest
        {
            Name = listener.Name,
            Listener = listener,
            HasTimestamps = syn.HasTimestamps,
            SendNext = unchecked(initial + 1),
            ReceiveNext = syn.End,
        };
        system.Connect(request, way);
        system.Reach(TcpSocketState.NewSynReceived);
        _underWay.Enqueue(new Segment(way, SegmentFlags.Syn | SegmentFlags.Ack, initial, syn.End)
        {
            HasTimestamps = syn.HasTimestamps,
            SentAt = system.Time.Now,
            DeviceIndex = listener.DeviceIndex,
        });
    }

    /// <summary>
    /// The last ACK of the handshake makes the connection, with the listener's options of this moment (tcp_check_req(),
    /// inet_csk_clone_lock()).
    /// </summary>
    private void Complete(HandshakeRequest request, in Segment segment)
    {
        var tuple = request.Tuple!.Value;
        system.Disconnect(request);
        if (segment.IsReset)
            return;
        if (segment.IsAck && segment.Acknowledgement != request.SendNext)
        {
            // The answer to an old SYN comes from what is left of its connection.
            Refuse(segment);
            return;
        }
        var listener = request.Listener;
        var local = InFamilyOf(listener, tuple.Local.Address);
        var child = new SimulatedSocket
        {
            Name = listener.Name,
            Protocol = Protocol.Tcp,
            Family = listener.Family,
            UserId = listener.UserId,
            CountsAsUser = system.UserWithoutProgram,
            State = TcpSocketState.Established,
            Address = local,
            Source = local,
            Port = listener.Port,
            ReuseAddress = listener.ReuseAddress,
            ReusePort = listener.ReusePort,
            V6Only = listener.V6Only,
            DeviceIndex = listener.DeviceIndex,
            Freebind = listener.Freebind,
            Transparent = listener.Transparent,
            AddressWithoutPort = listener.AddressWithoutPort,
            PortRange = listener.PortRange,
            LingerSeconds = listener.LingerSeconds,
            IsAddressLocked = listener.IsAddressLocked,
            HasTimestamps = request.HasTimestamps,
            SendsIPv4Only = local.IsMapped,
            StartedAt = system.Time.Now,
            SendNext = request.SendNext,
            ReceiveNext = request.ReceiveNext,
            TimestampSeen = segment.SentAt,
            IsReadingShut = listener.IsReadingShut,
            IsWritingShut = listener.IsWritingShut,
            Listener = listener,
        };
        system.Recorder?.Became(request, child);
        listener.Bucket!.Join(child, child.TraitsNow);
        system.Connect(child, tuple);
        transit.Remember(child, tuple);
        system.Reach(TcpSocketState.Established);
        listener.AcceptQueue.Enqueue(child);
        // A listener that was shut down before it listened hands that on.
        if (child.IsWritingShut)
            SendFin(child);
    }

    private static IpAddress InFamilyOf(SimulatedSocket socket, IpAddress mapped) =>
        socket.Family == IpFamily.IPv4 ? mapped.AsIPv4!.Value : mapped;

    /// <summary>A full socket receives (tcp_rcv_state_process(), RFC 9293 §3.10.7).</summary>
    private void Receive(SimulatedSocket socket, in Segment segment)
    {
        if (socket.State is TcpSocketState.SynSent or TcpSocketState.SynReceived)
        {
            ReceiveInHandshake(socket, segment);
            return;
        }
        if (segment.IsSyn)
        {
            // A challenge ACK (RFC 5961 §4).
            Send(socket, SegmentFlags.Ack);
            return;
        }
        if (segment.IsReset && IsAcceptableReset(socket, segment))
        {
            socket.PendingError = socket.State == TcpSocketState.CloseWait ? "EPIPE" : "ECONNRESET";
            endings.Done(socket);
            return;
        }
        if (segment.IsReset || SequenceNumber.IsAfter(socket.ReceiveNext, segment.End))
        {
            AnswerUnacceptable(socket, segment);
            return;
        }
        if (!SequenceNumber.IsAfter(segment.Sequence, socket.ReceiveNext))
            socket.TimestampSeen = Math.Max(socket.TimestampSeen, segment.SentAt);
        if (socket.InFlight is { Count: > 0 })
            TakeAcknowledgement(socket, segment);
        if (segment.Acknowledgement == socket.SendNext)
            OurFinIsAcknowledged(socket, segment);
        if (socket.State != TcpSocketState.Close)
            ReceiveContent(socket, segment);
        if (socket.BeyondGap is { Count: > 0 })
            ReceiveBeyondGap(socket);
    }

    private void ReceiveContent(SimulatedSocket socket, in Segment segment)
    {
        // The FIN alone is no data, unless data before it is missing.
        if (socket.State is TcpSocketState.FinWait1 or TcpSocketState.FinWait2 && socket.IsReadingShut && !segment.IsEmpty
            && SequenceNumber.IsAfter(unchecked(segment.Sequence + (uint)segment.Bytes), socket.ReceiveNext))
        {
            system.Note = ConnectionRuleBook.DataAfterClose;
            socket.PendingError = "ECONNRESET";
            endings.Done(socket);
            Refuse(segment);
            return;
        }
        if (segment.Sequence != socket.ReceiveNext)
        {
            ReceiveOutOfPlace(socket, segment);
            return;
        }
        if (segment.Bytes > 0)
        {
            socket.UnreadBytes += segment.Bytes;
            socket.ReceiveNext = unchecked(socket.ReceiveNext + (uint)segment.Bytes);
            if (transit.RecordsAcknowledgements && !segment.IsFin)
                Send(socket, SegmentFlags.Ack);
        }
        if (segment.IsFin)
            ReceiveFin(socket);
    }

    private void ReceiveInHandshake(SimulatedSocket socket, in Segment segment)
    {
        if (segment.IsReset)
        {
            socket.PendingError = "ECONNREFUSED";
            endings.Done(socket);
        }
        else if (segment.IsSyn)
        {
            // A SYN of its own crosses this one: both ends are the same socket (simultaneous open).
            var isCrossed = socket.State == TcpSocketState.SynReceived;
            socket.ReceiveNext = segment.End;
            socket.TimestampSeen = segment.SentAt;
            Enter(socket, segment.IsAck ? TcpSocketState.Established : TcpSocketState.SynReceived);
            Send(socket, segment.IsAck ? SegmentFlags.Ack : SegmentFlags.Syn | SegmentFlags.Ack);
            if (isCrossed && socket.IsWritingShut)
                SendFin(socket);
        }
        else
        {
            // What is left of an old connection answers with its ACK: a RST ends it, and the SYN is sent again (RFC 9293 §3.10.7.3).
            Put(socket, SegmentOf(socket, SegmentFlags.Reset, segment.Acknowledgement));
            if (socket.ResentSyns++ == 0)
                Send(socket, SegmentFlags.Syn);
        }
    }

    private void OurFinIsAcknowledged(SimulatedSocket socket, in Segment segment)
    {
        switch (socket.State)
        {
            case TcpSocketState.FinWait1:
                Enter(socket, TcpSocketState.FinWait2);
                // Where segments are held back, the acknowledgement may come long after the close(). What it brings is received first.
                if (socket.IsOrphan && transit.LosesSegments && (segment.IsEmpty || segment.End == socket.ReceiveNext))
                    endings.Abandon(socket);
                break;
            case TcpSocketState.Closing:
                endings.ToTimeWait(socket, TcpSocketState.TimeWait, TimerWheel.TimeWaitMilliseconds);
                break;
            case TcpSocketState.LastAck:
                endings.Done(socket);
                break;
        }
    }

    /// <summary>The other end sends no more (tcp_fin()).</summary>
    private void ReceiveFin(SimulatedSocket socket)
    {
        socket.IsDone = true;
        socket.ReceiveNext = unchecked(socket.ReceiveNext + 1);
        Send(socket, SegmentFlags.Ack);
        switch (socket.State)
        {
            case TcpSocketState.Established:
                Enter(socket, TcpSocketState.CloseWait);
                break;
            case TcpSocketState.FinWait1:
                Enter(socket, TcpSocketState.Closing);
                break;
            case TcpSocketState.FinWait2:
                endings.ToTimeWait(socket, TcpSocketState.TimeWait, TimerWheel.TimeWaitMilliseconds);
                break;
        }
    }

    private void Enter(SimulatedSocket socket, TcpSocketState state)
    {
        socket.State = state;
        system.Reach(state);
    }
}
