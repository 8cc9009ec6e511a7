using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>TCP's calls on a connection and at its end (net/ipv4/tcp.c, net/ipv4/af_inet.c).</summary>
/// <param name="endings">What becomes of sockets that end.</param>
internal sealed class TcpCalls(SimulatedSystem system, TcpWire wire, TcpEndings endings)
{
    /// <summary>send(2) (tcp_sendmsg_locked()).</summary>
    public Reply Send(SimulatedSocket socket, int bytes)
    {
        if (socket.State == TcpSocketState.SynSent)
            return Reply.Fail("EAGAIN", ConnectionRuleBook.NotConnected);
        if (socket.State is not (TcpSocketState.Established or TcpSocketState.CloseWait) || socket.IsWritingShut)
        {
            return socket.TakeError() is { } errno
                ? Reply.Fail(errno, ConnectionRuleBook.PeerReset)
                : Reply.Fail("EPIPE", socket.IsWritingShut ? ConnectionRuleBook.SendingEnded : ConnectionRuleBook.NotConnected);
        }
        if (bytes > 0)
            wire.SendData(socket, bytes);
        wire.Settle();
        return Reply.Ok();
    }

    /// <summary>recv(2) (tcp_recvmsg_locked()).</summary>
    public static Reply Receive(SimulatedSocket socket, int bytes)
    {
        if (socket.State == TcpSocketState.Listen)
            return Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected);
        if (socket.UnreadBytes > 0)
        {
            socket.UnreadBytes -= Math.Min(bytes, socket.UnreadBytes);
            return Reply.Ok();
        }
        if (socket.IsDone)
            return Reply.Ok();
        if (socket.TakeError() is { } errno)
            return Reply.Fail(errno, ConnectionRuleBook.PeerReset);
        if (socket.IsReadingShut)
            return Reply.Ok();
        return socket.State == TcpSocketState.Close
            ? Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected)
            : Reply.Fail("EAGAIN", ConnectionRuleBook.NothingToReceive);
    }

    /// <summary>shutdown(2) (inet_shutdown(), tcp_shutdown()).</summary>
    public Reply Shutdown(SimulatedSocket socket, bool reading, bool writing)
    {
        if (socket.State == TcpSocketState.Listen)
        {
            if (!reading)
                return Reply.Ok();
            Dissolve(socket);
            return Reply.Ok(ConnectionRuleBook.ListenerShutDown);
        }
        if (socket.State == TcpSocketState.SynSent)
        {
            Dissolve(socket);
            return Reply.Ok();
        }
        socket.IsReadingShut |= reading;
        socket.IsWritingShut |= writing;
        if (socket.State == TcpSocketState.Close)
            return Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected);
        if (!writing)
            return Reply.Ok();
        wire.SendFin(socket);
        wire.Settle();
        return Reply.Ok(socket.State == TcpSocketState.FinWait2 ? ConnectionRuleBook.HalfClosed : null);
    }

    /// <summary>connect(2) with AF_UNSPEC (tcp_disconnect()).</summary>
    public Reply Disconnect(SimulatedSocket socket)
    {
        Dissolve(socket);
        return Reply.Ok(ConnectionRuleBook.Dissolved);
    }

    /// <summary>close(2) (__tcp_close()).</summary>
    public Reply Close(SimulatedSocket socket)
    {
        Rule? rule = null;
        socket.IsClosing = true;
        socket.IsReadingShut = socket.IsWritingShut = true;
        if (socket.State == TcpSocketState.Listen)
        {
            rule = socket.AcceptQueue.Count > 0 ? ConnectionRuleBook.ListenerCloseResets : null;
            StopListening(socket);
            wire.Settle();
        }
        else if (socket.State != TcpSocketState.Close)
        {
            rule = EndConnection(socket);
        }
        if (socket.State == TcpSocketState.Close)
            endings.Release(socket);
        return Reply.Ok(rule);
    }

    /// <summary>What tcp_disconnect() resets beside the state; an address that bind() named stays.</summary>
    public static void ResetAddress(SimulatedSocket socket)
    {
        if (socket.IsAddressLocked)
            return;
        socket.ResetAddress();
        SimulatedSystem.Retrait(socket);
    }

    /// <summary>Nothing of the old connection is left on the socket.</summary>
    public static void Forget(SimulatedSocket socket)
    {
        socket.IsReadingShut = socket.IsWritingShut = socket.IsDone = false;
        socket.UnreadBytes = 0;
        socket.IsConnectedForCaller = false;
    }

    private Rule? EndConnection(SimulatedSocket socket)
    {
        var isUnread = socket.UnreadBytes > 0;
        if (isUnread || socket.LingerSeconds == 0)
        {
            Reset(socket, isUnread);
            wire.Settle();
            return isUnread ? ConnectionRuleBook.UnreadDataResets : ConnectionRuleBook.AbortResets;
        }
        if (socket.State == TcpSocketState.SynSent)
        {
            endings.Done(socket);
            return null;
        }
        var halfCloses = socket.State == TcpSocketState.Established;
        wire.SendFin(socket);
        socket.IsOrphan = true;
        socket.CountsAsUser = system.UserWithoutProgram;
        SimulatedSystem.Retrait(socket);
        wire.Settle();
        if (socket.State == TcpSocketState.FinWait2)
            endings.Abandon(socket);
        return halfCloses ? ConnectionRuleBook.HalfClosed : null;
    }

    private void Dissolve(SimulatedSocket socket)
    {
        if (socket.State == TcpSocketState.Listen)
        {
            StopListening(socket);
        }
        else if (socket.State != TcpSocketState.Close)
        {
            Reset(socket);
            socket.PendingError = "ECONNRESET";
        }
        ResetAddress(socket);
        Forget(socket);
        wire.Settle();
    }

    /// <summary>inet_csk_listen_stop(): connections that nobody accepted are reset.</summary>
    private void StopListening(SimulatedSocket listener)
    {
        system.ListenersOf(listener.Port).Remove(listener);
        endings.Closed(listener);
        while (listener.AcceptQueue.TryDequeue(out var child))
            Reset(child);
    }

    /// <summary>Ends a connection at once: some states need a RST (tcp_need_reset()), data that nobody read always does.</summary>
    private void Reset(SimulatedSocket socket, bool isUnread = false)
    {
        if (isUnread || socket.State is TcpSocketState.Established or TcpSocketState.CloseWait
            or TcpSocketState.FinWait1 or TcpSocketState.FinWait2)
            wire.Send(socket, SegmentFlags.Reset | SegmentFlags.Ack);
        system.Disconnect(socket);
        endings.Closed(socket);
    }
}
