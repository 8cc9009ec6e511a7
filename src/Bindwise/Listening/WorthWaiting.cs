using Bindwise.Model.Diagnosing;

namespace Bindwise;

/// <summary>Whether a failure may end by itself in the time there is, by its diagnosis.</summary>
internal static class WorthWaiting
{
    /// <summary>Behind the moment that the kernel's timers name.</summary>
    private static readonly TimeSpan BehindTimer = TimeSpan.FromMilliseconds(2);

    /// <summary>Decides.</summary>
    /// <param name="report">What failed, explained.</param>
    /// <param name="causes">What to wait for.</param>
    /// <param name="left">The time there is.</param>
    /// <param name="freeIn">When a timer ends it; null to try now and then.</param>
    public static bool IsSo(FailureReport report, WaitFor causes, TimeSpan left, out TimeSpan? freeIn)
    {
        freeIn = null;
        var isSo = false;
        for (var index = 0; index < report.Diagnoses.Length; index++)
        {
            if (!IsSo(report.Failure.Faults[index], report.Diagnoses[index], causes, left, out var time))
                continue;
            // One candidate that may be free at any moment is asked now and then, whatever timers the others have.
            freeIn = isSo && (freeIn is null || time is null) ? null : freeIn is { } earlier && earlier < time ? earlier : time;
            isSo = true;
        }
        return isSo;
    }

    private static bool IsSo(BindFault fault, Diagnosis? diagnosis, WaitFor causes, TimeSpan left, out TimeSpan? freeIn)
    {
        freeIn = null;
        if (diagnosis is null)
            return fault.ErrorName switch { "EADDRINUSE" => causes.HasFlag(WaitFor.OtherListeners), "EADDRNOTAVAIL" => causes.HasFlag(WaitFor.Address), _ => false };
        // It went between the two looks.
        if (diagnosis.Verdict == Verdict.Free)
            return causes != WaitFor.Nothing && fault.MayHavePassed;
        var kind = KindOf(diagnosis);
        if (kind == WaitFor.Timers && diagnosis.FreeAt is { } freeAt)
        {
            freeIn = freeAt - diagnosis.TakenAt + BehindTimer;
            return causes.HasFlag(WaitFor.Timers) && freeIn <= left;
        }
        if (kind != WaitFor.Nothing && causes.HasFlag(kind))
            return true;
        // A process that is ending has no command line any more by which it could be known, and will be gone in a moment.
        return kind is WaitFor.OtherListeners or WaitFor.Connections && causes.HasFlag(WaitFor.FormerInstance)
            && (FormerInstance.Holds(diagnosis) || diagnosis.Cause == CauseId.ZombieProcess);
    }

    /// <summary>What would have to end; Nothing for what ends only when somebody changes something.</summary>
    private static WaitFor KindOf(Diagnosis diagnosis) => diagnosis.Cause.Value switch
    {
        "time-wait" or "last-ack" => WaitFor.Timers,
        "fin-wait" => diagnosis.Blockers.All(static one => one.Socket.IsWithoutProcess) ? WaitFor.Timers : WaitFor.Connections,
        "bound-not-listening" or "surviving-connection" or "close-wait" or "outgoing-connection" or "self-connection" => WaitFor.Connections,
        "listener" or "dual-stack-listener" or "shared-listener" or "inherited-descriptor" or "stopped-process" or "frozen-process" or "zombie-process"
            or "same-program-twice" or "socket-activation" or "published-container-port" or "descriptor-in-flight" or "hidden-descriptor"
            or "owner-hidden" or "kernel-socket" or "reuseport-mismatch" or "udp-socket" or "unix-socket-listener" => WaitFor.OtherListeners,
        "ports-exhausted" => WaitFor.FreePorts,
        "address-not-local" => WaitFor.Address,
        "address-tentative" => HasFailedDetection(diagnosis) ? WaitFor.Nothing : WaitFor.Address,
        "device-mismatch" => diagnosis.Errno == "ENODEV" ? WaitFor.Address : WaitFor.Nothing,
        _ => WaitFor.Nothing,
    };

    // Another host has it: that does not end.
    private static bool HasFailedDetection(Diagnosis diagnosis) => diagnosis.Target.Address is { } address
        && diagnosis.Interfaces.Any(one => one.Addresses.Any(own => own.Address == address && own.IsDuplicate));
}
