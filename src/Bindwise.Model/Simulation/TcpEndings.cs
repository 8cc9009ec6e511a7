using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <summary>What becomes of sockets whose connection ends: the port kept or given back, TIME_WAIT, timers.</summary>
internal sealed class TcpEndings(SimulatedSystem system)
{
    /// <summary>
    /// The shortest that FIN_WAIT2 and TIME_WAIT last: 3.5 times the retransmission timeout of a fresh loopback connection
    /// (tcp_fin_time()).
    /// </summary>
    private const int ShortestMilliseconds = 715;

    /// <summary>The connection is over (tcp_done()).</summary>
    public void Done(SimulatedSocket socket)
    {
        system.Disconnect(socket);
        socket.IsReadingShut = socket.IsWritingShut = true;
        Closed(socket);
    }

    /// <summary>State CLOSE: a port that was asked for stays until close(), any other is given back (tcp_set_state()).</summary>
    public void Closed(SimulatedSocket socket)
    {
        socket.State = TcpSocketState.Close;
        socket.InFlight?.Clear();
        socket.UnsentBytes = 0;
        socket.BeyondGap = null;
        system.Reach(TcpSocketState.Close);
        if (socket.IsOrphan || !socket.IsPortLocked)
            Release(socket);
        else
            SimulatedSystem.Retrait(socket);
    }

    /// <summary>Gives the port back (inet_put_port()).</summary>
    public void Release(SimulatedSocket socket)
    {
        if (socket.Bucket is null)
            return;
        system.LeavePort(socket);
        socket.Port = 0;
        socket.IsConnectBound = false;
    }

    /// <summary>
    /// Nobody holds a socket in FIN_WAIT2 any more: it waits tcp_fin_timeout, what exceeds 60 s as a full socket first (__tcp_close()).
    /// </summary>
    public void Abandon(SimulatedSocket socket)
    {
        var milliseconds = FinTimeMilliseconds();
        if (milliseconds > TimerWheel.TimeWaitMilliseconds)
            system.Time.Start(socket, (int)(milliseconds - TimerWheel.TimeWaitMilliseconds));
        else
            ToTimeWait(socket, TcpSocketState.FinWait2, (int)milliseconds);
    }

    /// <summary>Leaves a TIME_WAIT entry, unless there are too many, and ends the socket (tcp_time_wait()).</summary>
    public void ToTimeWait(SimulatedSocket socket, TcpSocketState state, int milliseconds)
    {
        if (system.TimeWaits >= system.Settings.MaximumTimeWaits)
        {
            system.Note = ConnectionRuleBook.TooManyTimeWait;
            Done(socket);
            return;
        }
        var entry = new TimeWaitEntry
        {
            Name = socket.Name,
            State = state,
            HasTimestamps = socket.HasTimestamps,
            MadeAt = system.Time.Now,
            StartedAt = socket.StartedAt,
            DeviceIndex = socket.DeviceIndex,
            IsConnectBound = socket.IsConnectBound,
            SendNext = socket.SendNext,
            ReceiveNext = socket.ReceiveNext,
            TimestampSeen = socket.TimestampSeen,
        };
        socket.Remains = entry;
        system.Recorder?.Observe();
        system.Recorder?.Became(socket, entry);
        var tuple = socket.Tuple!.Value;
        socket.Bucket!.Join(entry, socket.Traits with { Kind = HeldKind.TimeWait });
        system.Disconnect(socket);
        system.Connect(entry, tuple);
        system.TimeWaits++;
        system.Time.Start(entry, Math.Max(milliseconds, ShortestMilliseconds));
        system.Reach(state);
        system.Note = state == TcpSocketState.TimeWait ? ConnectionRuleBook.FirstCloserWaits : ConnectionRuleBook.HalfClosed;
        Done(socket);
    }

    /// <summary>Ends a TIME_WAIT entry (inet_twsk_deschedule_put()).</summary>
    public void Kill(TimeWaitEntry entry)
    {
        system.LeavePort(entry);
        system.Disconnect(entry);
        system.TimeWaits--;
    }

    /// <param name="resend">What a socket does whose segments were not acknowledged in time.</param>
    public void Wait(long milliseconds, Action<SimulatedSocket> resend) => system.Time.Pass(milliseconds, member =>
    {
        if (member is SimulatedSocket { InFlight.Count: > 0 } sender)
        {
            resend(sender);
            return;
        }
        system.Note = ConnectionRuleBook.TimePassed;
        if (member is TimeWaitEntry entry)
            Kill(entry);
        else if (member is SimulatedSocket { State: TcpSocketState.FinWait2, IsOrphan: true } socket)
            ToTimeWait(socket, TcpSocketState.FinWait2, (int)(FinTimeMilliseconds() - TimerWheel.TimeWaitMilliseconds));
        system.Recorder?.Observe();
    });

    private long FinTimeMilliseconds() => Math.Max(system.Settings.FinTimeoutSeconds * 1000L, ShortestMilliseconds);
}
