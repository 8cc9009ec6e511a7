namespace Bindwise.Supervising;

/// <summary>
/// Answers the calls that a filter hands over. The ordinary bind() is the kernel's own: SO_REUSEADDR is set on its socket before, and what
/// it is going to fail with is explained. A call is done in the program's place only where its result decides of what follows: an address
/// that moves, a kept socket, a port that is waited for, events that somebody reads. Then it is done with the program's rights, or not at
/// all.
/// </summary>
/// <param name="isKillableOnly">No signal that the program handles ends a call that waits: what was done for it is then also its
/// result.</param>
/// <param name="keeper">What keeps the program's sockets beyond its end; null for nothing.</param>
/// <param name="reported">What was explained already, of earlier starts of the program; null for nothing.</param>
internal sealed partial class Supervisor(SupervisionPlan plan, ISupervisionReport report, ProgramErrors errors, int program,
    bool isKillableOnly, ISocketKeeper? keeper = null, RefusalMemory? reported = null)
    : ICallHandler
{
    /// <summary>More binds that wait at once are refused as they would be without waiting.</summary>
    private const int MostHeld = 256;

    private const int Forever = -1;
    private const string Kept = "kept";

    private readonly ProgramRights _rights = new();
    private readonly List<HeldBind> _held = [];
    private readonly RefusalMemory _reported = reported ?? new();
    private readonly SupervisorNotes _notes = new(report, errors, program);

    public int Patience => _held.Count > 0 ? HeldBind.PaceMilliseconds : Forever;
    private bool IsResultNeeded => plan.HasMoves || keeper is not null || plan.Events is not null;

    public void Answer(WaitingCall call)
    {
        try
        {
            if (TryAnswer(call))
                return;
            _notes.Say(call);
            call.Pass();
        }
        catch (Exception fault) when (fault is not LostThreadException)
        {
            AnswerFailed(call, fault);
        }
    }

    public void Continue(CallThread thread)
    {
        foreach (var held in _held.ToArray())
        {
            thread.Call = held.Call;
            held.Call.By = thread;
            try
            {
                if (!TryAgain(held))
                    continue;
            }
            catch (Exception fault) when (fault is not LostThreadException)
            {
                AnswerFailed(held.Call, fault);
            }
            _held.Remove(held);
            held.Dispose();
        }
        if (thread.Call is { } last)
            _notes.Say(last);
    }

    public void AnswerUnseen(WaitingCall call)
    {
        if (call.Kind == CallKind.Restrict)
            _rights.Sandbox();
        if (plan.HasMoves && call.Kind is CallKind.Bind or CallKind.Listen or CallKind.Multiplexed)
        {
            call.Answer(Errno.EACCES);
            _notes.AddOfMove($"a {(call.Kind == CallKind.Listen ? "listen" : "bind")}() of thread {call.Thread} cannot be inspected");
        }
        else
        {
            call.Pass();
        }
        foreach (var held in _held.FindAll(held => held.Call == call))
            _held.Remove(held);
    }

    public void End() => keeper?.End();

    // Whatever fails here must not keep the program. A call that was answered is not answered twice.
    private void AnswerFailed(WaitingCall call, Exception fault)
    {
        AnswerUnseen(call);
        _notes.Add($"the supervisor left a call to the kernel: {fault.GetType().Name}: {fault.Message}");
    }

    // True: answered, or held.
    private bool TryAnswer(WaitingCall call)
    {
        if (!call.Resolve())
            return plan.HasMoves && Refuse(call, Errno.EFAULT);
        switch (call.Kind)
        {
            case CallKind.Restrict:
                _rights.Sandbox();
                return false;
            case CallKind.Bind or CallKind.Listen when OwnProbe.Makes(call):
                return false;
            case CallKind.Bind:
                return Bind(call);
            case CallKind.Listen:
                return Listen(call);
            case CallKind.Shutdown:
                return isKillableOnly && keeper?.Shutdown(call, _rights) == true;
            case CallKind.Connect:
                return isKillableOnly && keeper?.Connect(call, _rights) == true;
            case CallKind.SetSocketOption:
                return KeepReuseAddress(call);
            default:
                return false;
        }
    }

    private bool Listen(WaitingCall call)
    {
        using var socket = Take(call, out var isHidden, out var isOther);
        if (isOther && keeper is not null && isKillableOnly && _rights.Of(call) is { } own)
            keeper.ListenAt(call, own);
        if (socket is not { Protocol: Protocol.Tcp })
            return isHidden && RefuseMoved(call, "its socket cannot be copied");
        var (local, takesIPv4) = call.Inspect(() => (socket.Local, socket.TakesIPv4));
        // Whatever way led there: this is the kernel's word.
        if (local is { } closed && plan.Closes(closed, takesIPv4))
            return RefuseMoved(call, $"{closed} is bound already");
        if (!IsResultNeeded || !isKillableOnly || _rights.Of(call) is not { } rights
            || (local is null && !BindEvery(call, socket, takesIPv4, rights)))
        {
            if (plan.HasMoves && local is null)
                return RefuseMoved(call, "listen() of a socket that is not bound");
            if (isKillableOnly && local is { } there
                && ForeseenOf(there, BindForecast.OfListen(call, socket, there, _rights)) is { } foreseen)
                Explain(call, Describe(call, socket, there, 0, foreseen) with { IsListen = true });
            return false;
        }
        var errno = keeper is not null ? keeper.Listen(call, socket, call.Number(1), rights)
            : socket.ListenInPlace(call, call.Number(1), rights);
        if (errno is null)
            return false;
        // What was not bound is by now.
        if (local is null)
            local = call.Inspect(() => socket.Local);
        if (errno == Errno.None)
        {
            Succeed(call, SupervisionEvent.Listen, local);
            return true;
        }
        if (errno == Errno.EADDRINUSE && local is { } taken)
            Explain(call, Describe(call, socket, taken, 0, Errno.EADDRINUSE) with { IsListen = true });
        return Refuse(call, errno.Value);
    }

    // Without a bind() before it listen() takes every address, and a port that the kernel chooses;
    // where that address moves it is bound here.
    private bool BindEvery(WaitingCall call, TrappedSocket socket, bool takesIPv4, ThreadRights rights)
    {
        var every = SupervisedAddress.Every(socket.Family);
        every.Move(plan.Moved(every.Asked, takesIPv4));
        return !every.IsMoved || socket.BindInPlace(call, every.Bytes, rights) == Errno.None;
    }

    // A refusal that would be explained; null for none.
    private Errno? ForeseenOf(IpEndpoint endpoint, Errno? errno)
    {
        if (errno == Errno.None)
            _reported.Forget(endpoint);
        return errno is { } refusal && IsExplained(refusal) ? errno : null;
    }

    private static bool IsExplained(Errno errno) => errno is Errno.EADDRINUSE or Errno.EADDRNOTAVAIL or Errno.EACCES or Errno.EINVAL;

    // Connections inherit the option from their listener, and a TIME_WAIT of one that lacks it blocks the next start.
    private bool KeepReuseAddress(WaitingCall call)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        if (call.Number(4) < sizeof(int) || call.Read(call.Argument(3), value) != Errno.None || value.ContainsAnyExcept((byte)0))
            return false;
        using var socket = Take(call, out _, out _);
        if (socket is not { Protocol: Protocol.Tcp })
            return false;
        var local = call.Inspect(() => socket.Local);
        if (local is null)
            return false;
        Record(SupervisionEvent.OptionSet, call, local, "SO_REUSEADDR");
        return Refuse(call, Errno.None);
    }

    private void Succeed(WaitingCall call, SupervisionEvent what, IpEndpoint? endpoint, string? reason = null)
    {
        if (endpoint is { } there)
            _reported.Forget(there);
        // Before the answer: the program may end right after it.
        Record(what, call, endpoint, reason);
        call.Answer(Errno.None);
    }

    private static bool Refuse(WaitingCall call, Errno errno)
    {
        call.Answer(errno);
        return true;
    }

    // Where an option promised another address the kernel must not do the call with the one that is closed.
    private bool RefuseMoved(WaitingCall call, string why)
    {
        if (!plan.HasMoves)
            return false;
        _notes.AddOfMove(why);
        _notes.Say(call);
        return Refuse(call, Errno.EACCES);
    }

    // Told before the program sees its error: what it writes about it comes after.
    private void Explain(WaitingCall call, RefusedCall refused)
    {
        // Nobody is left to be told, and nothing is known of whose call it was.
        var isNew = call.IsStanding && _reported.IsNew(refused.Endpoint, refused.Error, refused.Path, refused.Options.UnixType);
        string text;
        using (call.By.LeaveBounded())
        {
            report.RecordRefused(refused, isNew);
            if (!isNew)
                return;
            text = report.Explain(refused);
        }
        _notes.Write(call, text);
    }

    private RefusedCall Describe(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, uint scope, Errno errno)
    {
        var isAlike = _rights.IsAlike(call);
        return call.Inspect(() => new RefusedCall(call.Process, ThreadFile.Name(call.Thread), socket.Protocol, endpoint, errno.ToString())
        {
            Thread = call.Thread,
            Program = program,
            Scope = scope,
            Options = socket.ReadOptions(),
            Bound = call.Kind == CallKind.Bind && errno == Errno.EINVAL ? socket.Local : null,
            IsElsewhere = !isAlike,
            StillStands = () => call.IsStanding,
        });
    }

    // Of one that is hidden nothing can be said, and what is done about the others is not done.
    private TrappedSocket? Take(WaitingCall call, out bool isHidden, out bool isOther)
    {
        var socket = TrappedSocket.Take(call, out var errno);
        isOther = errno == Errno.EAFNOSUPPORT;
        isHidden = !isOther && errno is not (Errno.None or Errno.EBADF or Errno.ENOTSOCK);
        if (errno is Errno.EPERM or Errno.EACCES && !plan.HasMoves)
            _notes.AddOfSockets(call, errno);
        return socket;
    }

    private void Record(SupervisionEvent what, WaitingCall call, IpEndpoint? endpoint, string? reason)
    {
        if (plan.Events is null)
            return;
        var process = call.Inspect(() => call.Process);
        report.Record(what, process, endpoint, reason);
    }
}
