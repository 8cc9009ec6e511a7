using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <summary>Loopback: segments are delivered in order, at once, until none is under way (tcp_v4_rcv()).</summary>
/// <param name="system">The tables.</param>
/// <param name="endings">What becomes of sockets that end.</param>
internal sealed class TcpWire(SimulatedSystem system, TcpEndings endings)
{
    /// <summary>So long a SYN of the same four-tuple lies in the old connection's window: its number grows by one in 64 ns (secure_tcp_seq()).</summary>
    private const int InWindowMilliseconds = 4;

    private readonly ListenerLookup _listeners = new(system);
    private readonly Queue<Segment> _underWay = [];

    /// <summary>Sends a segment of a socket; it is delivered by <see cref="Settle"/>.</summary>
    public void Send(SimulatedSocket from, SegmentFlags flags, int bytes = 0)
    {
        // One that once connected to IPv4 has no voice on IPv6 (icsk_af_ops stays ipv6_mapped).
        if (from.Tuple is { } way && (!from.SendsIPv4Only || way.Remote.Address.IsMapped))
            _underWay.Enqueue(new Segment(way, flags, bytes, from.HasTimestamps, from.IsDone, from.DeviceIndex));
    }

    /// <summary>Sends the FIN, where none was sent yet (tcp_close_state()).</summary>
    public void SendFin(SimulatedSocket socket)
    {
        if (socket.State == TcpState.Established)
            Enter(socket, TcpState.FinWait1);
        else if (socket.State == TcpState.CloseWait)
            Enter(socket, TcpState.LastAck);
        else
            return;
        Send(socket, SegmentFlags.Fin | SegmentFlags.Ack);
    }

    /// <summary>Delivers everything that is under way, and what that sets off.</summary>
    public void Settle()
    {
        while (_underWay.TryDequeue(out var segment))
            Deliver(segment);
    }

    private void Deliver(in Segment segment)
    {
        var tuple = segment.Way.Mirrored;
        var interfaceIndex = InterfaceOf(segment);
        switch (ReceiverOf(tuple, interfaceIndex))
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
                    Answer(listener, segment);
                break;
        }
    }

    /// <summary>The interface that a segment comes in by (inet_iif()).</summary>
    private uint InterfaceOf(in Segment segment) =>
        segment.DeviceIndex != 0 ? segment.DeviceIndex : system.InterfaceOf(segment.Way.Remote.Address);

    /// <summary>Who has the four-tuple and may receive by this interface (__inet_lookup_established()).</summary>
    private TcpMember? ReceiverOf(in FourTuple tuple, uint interfaceIndex)
    {
        var member = system.ConnectionOf(tuple);
        while (member is not null && member.DeviceIndex != 0 && member.DeviceIndex != interfaceIndex)
            member = member.Hides;
        return member;
    }

    /// <summary>Nobody is there: a RST, unless it was one (tcp_v4_send_reset()).</summary>
    private void Refuse(in Segment segment)
    {
        if (!segment.IsReset)
            _underWay.Enqueue(new Segment(segment.Way.Mirrored, SegmentFlags.Reset | SegmentFlags.Ack));
    }

    /// <summary>A SYN meets a listener (tcp_conn_request()).</summary>
    private void Answer(SimulatedSocket listener, in Segment syn)
    {
        var way = syn.Way.Mirrored;
        system.Connect(new HandshakeRequest { Name = listener.Name, Listener = listener, HasTimestamps = syn.HasTimestamps }, way);
        system.Reach(TcpState.NewSynReceived);
        _underWay.Enqueue(new Segment(way, SegmentFlags.Syn | SegmentFlags.Ack, 0, syn.HasTimestamps, DeviceIndex: listener.DeviceIndex));
    }

    /// <summary>The last ACK of the handshake makes the connection, with the listener's options of this moment (tcp_check_req(), inet_csk_clone_lock()).</summary>
    private void Complete(HandshakeRequest request, in Segment segment)
    {
        var tuple = request.Tuple!.Value;
        system.Disconnect(request);
        if (segment.IsReset)
            return;
        var listener = request.Listener;
        var local = InFamilyOf(listener, tuple.Local.Address);
        var child = new SimulatedSocket
        {
            Name = listener.Name,
            Protocol = Protocol.Tcp,
            Family = listener.Family,
            UserId = listener.UserId,
            State = TcpState.Established,
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
            IsReadingShut = listener.IsReadingShut,
            IsWritingShut = listener.IsWritingShut,
            Listener = listener,
        };
        listener.Bucket!.Join(child, child.TraitsNow);
        system.Connect(child, tuple);
        system.Reach(TcpState.Established);
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
        if (socket.State is TcpState.SynSent or TcpState.SynReceived)
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
        if (segment.IsReset)
        {
            socket.PendingError = socket.State == TcpState.CloseWait ? "EPIPE" : "ECONNRESET";
            endings.Done(socket);
            return;
        }
        if (segment.AcksFin)
            OurFinIsAcknowledged(socket);
        if (segment.Bytes > 0)
        {
            if (socket.State == TcpState.FinWait2 && socket.IsReadingShut)
            {
                system.Note = ConnectionRuleBook.DataAfterClose;
                socket.PendingError = "ECONNRESET";
                endings.Done(socket);
                Refuse(segment);
                return;
            }
            socket.UnreadBytes += segment.Bytes;
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
            var isCrossed = socket.State == TcpState.SynReceived;
            Enter(socket, segment.IsAck ? TcpState.Established : TcpState.SynReceived);
            Send(socket, segment.IsAck ? SegmentFlags.Ack : SegmentFlags.Syn | SegmentFlags.Ack);
            if (isCrossed && socket.IsWritingShut)
                SendFin(socket);
        }
        else
        {
            // What is left of an old connection answers with its ACK: a RST ends it, and the SYN is sent again (RFC 9293 §3.10.7.3).
            Send(socket, SegmentFlags.Reset);
            if (socket.ResentSyns++ == 0)
                Send(socket, SegmentFlags.Syn);
        }
    }

    private void OurFinIsAcknowledged(SimulatedSocket socket)
    {
        switch (socket.State)
        {
            case TcpState.FinWait1:
                Enter(socket, TcpState.FinWait2);
                break;
            case TcpState.Closing:
                endings.ToTimeWait(socket, TcpState.TimeWait, VirtualTime.TimeWaitMilliseconds);
                break;
            case TcpState.LastAck:
                endings.Done(socket);
                break;
        }
    }

    /// <summary>The other end sends no more (tcp_fin()).</summary>
    private void ReceiveFin(SimulatedSocket socket)
    {
        socket.IsDone = true;
        Send(socket, SegmentFlags.Ack);
        switch (socket.State)
        {
            case TcpState.Established:
                Enter(socket, TcpState.CloseWait);
                break;
            case TcpState.FinWait1:
                Enter(socket, TcpState.Closing);
                break;
            case TcpState.FinWait2:
                endings.ToTimeWait(socket, TcpState.TimeWait, VirtualTime.TimeWaitMilliseconds);
                break;
        }
    }

    /// <summary>tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c.</summary>
    private void ReceiveInTimeWait(TimeWaitEntry entry, in Segment segment)
    {
        if (entry.State == TcpState.FinWait2)
        {
            ReceiveInAbandonedFinWait2(entry, segment);
        }
        else if (segment.IsReset)
        {
            if (!system.Settings.KeepsTimeWaitOnReset)
                endings.Kill(entry);
        }
        else if (segment.IsSyn)
        {
            if (_listeners.For(segment.Way.Remote, InterfaceOf(segment)) is { } listener)
            {
                endings.Kill(entry);
                system.Note = ConnectionRuleBook.SynOverTimeWait;
                Answer(listener, segment);
            }
            else
            {
                Acknowledge(entry, segment);
            }
        }
    }

    private void ReceiveInAbandonedFinWait2(TimeWaitEntry entry, in Segment segment)
    {
        if (segment.IsReset)
        {
            endings.Kill(entry);
        }
        else if (segment.IsSyn && system.Time.Now - entry.StartedAt > InWindowMilliseconds)
        {
            Acknowledge(entry, segment);
        }
        else if (segment.Bytes > 0 || segment.IsSyn)
        {
            if (segment.Bytes > 0)
                system.Note = ConnectionRuleBook.DataAfterClose;
            endings.Kill(entry);
            Refuse(segment);
        }
        else if (segment.IsFin)
        {
            entry.State = TcpState.TimeWait;
            entry.MadeAt = system.Time.Now;
            system.Time.Start(entry, VirtualTime.TimeWaitMilliseconds);
            system.Reach(TcpState.TimeWait);
            system.Note = ConnectionRuleBook.FirstCloserWaits;
            Acknowledge(entry, segment);
        }
    }

    private void Acknowledge(TimeWaitEntry entry, in Segment segment) =>
        _underWay.Enqueue(new Segment(segment.Way.Mirrored, SegmentFlags.Ack, 0, segment.HasTimestamps, AcksFin: true, entry.DeviceIndex));

    private void Enter(SimulatedSocket socket, TcpState state)
    {
        socket.State = state;
        system.Reach(state);
    }
}
