using Bindwise.Linux.Proc;

namespace Bindwise.Supervising;

/// <content>Binds that wait until their port is free.</content>
internal sealed partial class Supervisor
{
    private bool MayWait(WaitingCall call, RefusedCall refused) =>
        refused.Error == nameof(Errno.EADDRINUSE) && plan.Wait != TimeSpan.Zero && _held.Count < MostHeld && !WaitsForItself(call, refused);

    private bool Hold(WaitingCall call, SupervisedAddress address, RefusedCall refused)
    {
        if (TrappedSocket.Take(call, out _) is not { } copy)
            return false;
        _held.Add(new HeldBind(call, copy, address, refused, plan.Wait));
        Record(SupervisionEvent.Held, call, refused.Endpoint, refused.Error);
        string text;
        using (call.By.LeaveBounded())
            text = report.ReportWaiting(refused);
        _notes.Write(call, text);
        return true;
    }

    // True: it waits no longer.
    private bool TryAgain(HeldBind held)
    {
        if (!held.IsDue)
            return false;
        var call = held.Call;
        if (!call.IsStanding)
            return true;
        var errno = TryInPlace(call, held.Socket, held.Address, held);
        if (errno == Errno.None || !call.IsStanding)
            return true;
        if (errno is null && held.Address.IsMoved)
            return RefuseUnmoved(call, held.Address);
        if (errno is null)
        {
            // The kernel is to do it, once it would not refuse it.
            using (call.By.Leave())
                errno = BindForecast.Ask(held.Socket, held.Socket.SharesPort, held.Address.Bytes, ThreadRights.Own);
        }
        var signals = call.Inspect(() => errno == Errno.EADDRINUSE ? PendingSignals.Of(call.Thread) : default);
        if (signals.Stop)
        {
            // The kernel stops it first. Once it goes on, it begins the call anew, and waits again.
            call.Answer(Errno.ERESTARTSYS);
            return true;
        }
        if (errno == Errno.EADDRINUSE && !held.IsOver && !signals.AreHandled)
            return false;
        if (!call.IsStanding)
            return true;
        if (errno is null or Errno.None)
        {
            if (errno == Errno.None)
                ReportWaiting(call, held);
            call.Pass();
            return true;
        }
        // Whoever sent the signal need not be told once more for whom it waited.
        if (!signals.AreHandled)
            Explain(call, held.Refused with { Error = errno.Value.ToString() });
        return Refuse(call, errno.Value);
    }

    private void ReportWaiting(WaitingCall call, HeldBind held) => _notes.Write(call,
        report.Note(FormattableString.Invariant($"{held.Refused.Endpoint} could be bound after {held.Waited.TotalSeconds:0.0} s")));

    // The one thread that could free the port would wait for it.
    private bool WaitsForItself(WaitingCall call, RefusedCall refused)
    {
        var isAlone = call.Inspect(() => ProcessStatus.TryFind(ThreadFile.Read(call.Thread, "status"u8), "\nThreads:"u8, out var threads)
            && threads.SequenceEqual("1"u8));
        if (!isAlone)
            return false;
        using (call.By.LeaveBounded())
            return report.IsHeldByCaller(refused);
    }
}
