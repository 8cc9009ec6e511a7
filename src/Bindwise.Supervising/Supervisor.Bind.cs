using Bindwise.Supervising.Auditing;

namespace Bindwise.Supervising;

/// <summary>What becomes of a bind(): of TCP and UDP, and of UNIX sockets.</summary>
internal sealed partial class Supervisor
{
    private bool Bind(WaitingCall call)
    {
        using var socket = Take(call, out var isHidden, out var isOther);
        if (socket is null)
            return isHidden ? RefuseMoved(call, "its socket cannot be copied")
                : isOther && ((plan.HasMoves && SupervisedAddress.IsOfIp(call, out var wrong) && Refuse(call, wrong)) || BindUnix(call));
        if (SupervisedAddress.Read(call, socket.Family, out var fault) is not { } address)
            return plan.HasMoves
                && (fault is Errno.EPERM or Errno.EACCES ? RefuseMoved(call, "its address cannot be read") : Refuse(call, fault));
        if (!call.TryConfirm(out var standing))
            return true;
        bool isBound, isSet, takesIPv4, isForeseeable;
        using (call.By.Leave())
        {
            // That every port is in use is seen only by trying.
            isForeseeable = address.Asked.Port != 0 && BindForecast.IsForeseeable(socket);
            isBound = socket.Local is not null;
            takesIPv4 = socket.TakesIPv4;
            // A port that the kernel chooses collides with nothing, and is another one the next time.
            isSet = !isBound && plan.ReuseAddress && socket.Protocol == Protocol.Tcp && address.Asked.Port != 0
                && socket.SetReuseAddress(standing);
        }
        if (isSet)
            Record(SupervisionEvent.OptionSet, call, address.Asked, "SO_REUSEADDR");
        address.Move(plan.Moved(address.Asked, takesIPv4, socket.Protocol));
        // What cannot be foreseen is done here, so that its failure is seen.
        return IsResultNeeded || !isForeseeable ? BindInPlace(call, socket, address, isBound)
            : IsHeldBack(call, socket, address, isBound);
    }

    // Explains what the kernel is going to refuse. True: it waits until the kernel would not.
    private bool IsHeldBack(WaitingCall call, TrappedSocket socket, SupervisedAddress address, bool isBound)
    {
        if (!isKillableOnly)
            return false;
        var foreseen = BindForecast.OfBind(call, socket, address, _rights);
        // Whether it may have the address the kernel asks before it finds the socket bound, and who else has it after that.
        var refusal = isBound && foreseen is not (Errno.EADDRNOTAVAIL or Errno.EACCES) ? Errno.EINVAL : ForeseenOf(address.Asked, foreseen);
        if (refusal is not { } errno)
            return false;
        var refused = Describe(call, socket, address.Target, address.Scope, errno);
        if (MayWait(call, refused))
            return Hold(call, address, refused);
        Explain(call, refused);
        return false;
    }

    // It is the kernel's own bind(), from the program's own folder. True: a kept socket has taken the place of the program's.
    private bool BindUnix(WaitingCall call)
    {
        if (!isKillableOnly || SupervisedAddress.ReadUnix(call, out var isPath) is not { } name)
            return false;
        // Of another user namespace it is only looked for who has the name.
        var own = _rights.Of(call);
        if ((own ?? _rights.OfAnotherNamespace(call)) is not { } rights
            || !(isPath || (own is not { IsOwn: false } && _rights.IsInNetwork(call))))
            return false;
        using var socket = TrappedSocket.TakeUnix(call);
        if (socket is null)
            return false;
        var isTaken = false;
        using (call.By.Leave())
        {
            if (isPath)
                name = ProcessPaths.Resolve(call.Thread, name);
            isTaken = name is not null && (isPath ? rights.TryWork(() => ProcessPaths.Find(name)) == Errno.None
                : !socket.HasName && UnixFiles.IsBound(name, socket.UnixType));
        }
        if (name is null || !call.IsStanding)
            return false;
        if (own is not null && keeper?.TryGiveAt(call, socket, name, own) == true)
        {
            Succeed(call, SupervisionEvent.Bind, null, Kept);
            return true;
        }
        if (isTaken)
            Explain(call, Describe(call, socket, default, 0, Errno.EADDRINUSE) with { Path = name });
        return false;
    }

    private bool BindInPlace(WaitingCall call, TrappedSocket socket, SupervisedAddress address, bool isBound)
    {
        // Without the program's rights, as those of another user namespace, the kernel does it.
        if (TryInPlace(call, socket, address, null) is not { } errno)
            return address.IsMoved ? RefuseUnmoved(call, address) : IsHeldBack(call, socket, address, isBound);
        if (errno == Errno.None)
            return true;
        if (!IsExplained(errno))
            return Refuse(call, errno);
        var refused = Describe(call, socket, address.Target, address.Scope, errno);
        if (MayWait(call, refused))
            return Hold(call, address, refused);
        Explain(call, refused);
        return Refuse(call, errno);
    }

    // One try, the first or a later one: with a kept socket, with room made for it, or as it is. What succeeds is answered.
    private Errno? TryInPlace(WaitingCall call, TrappedSocket socket, SupervisedAddress address, HeldBind? held)
    {
        if (!isKillableOnly || _rights.Of(call) is not { } rights || socket.BindInPlace(call, address.Bytes, rights) is not { } errno)
            return null;
        var isGiven = errno is Errno.None or Errno.EADDRINUSE && keeper?.TryGive(call, socket, address.Target, address.Scope) == true;
        if (!isGiven && errno == Errno.EADDRINUSE && keeper?.MakeRoom(call, socket, address.Target) == true)
            errno = socket.BindInPlace(call, address.Bytes, rights) ?? errno;
        if (!isGiven && errno != Errno.None)
            return errno;
        if (!isGiven)
            keeper?.Bound(call, socket, address.Target, address.Scope);
        if (address.IsMoved)
        {
            Record(SupervisionEvent.Moved, call, address.Target, address.Asked.ToString());
            if (socket.Protocol == Protocol.Tcp && address.Target.Port != address.Asked.Port)
                _notes.SayOfWorkers(call, rights, address.Asked.Port, address.Target.Port);
        }
        if (held is not null)
            ReportWaiting(call, held);
        var local = call.Inspect(() => (isGiven ? null : socket.Local) ?? address.Target);
        Succeed(call, SupervisionEvent.Bind, local, isGiven ? Kept : null);
        return Errno.None;
    }

    private bool RefuseUnmoved(WaitingCall call, SupervisedAddress address) =>
        RefuseMoved(call, $"{address.Asked} cannot be moved to {address.Target}");
}
