using Bindwise.Linux;
using Bindwise.Linux.Listening;
using Bindwise.Linux.Proc;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;

namespace Bindwise.Tools;

/// <summary>One execution of a plan: step by step, each only as far as the socket is still held.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class ReleaseRun(PortRelease release, Action<FreeStep>? progress, CancellationToken cancellation)
{
    /// <summary>What an interruption leaves, where something was done.</summary>
    internal const string Interrupted = "Interrupted; what was already done is not undone.";

    /// <summary>A manager may wait for its service this long and more (TimeoutStopSec= is 90 s by default).</summary>
    private static readonly TimeSpan ManagerLimit = TimeSpan.FromMinutes(3);

    /// <summary>After SIGKILL a process that does not end is stuck in the kernel; one with much memory takes seconds.</summary>
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(30);

    /// <summary>After the end of their parent workers have this long to end as well, before they get a signal of their own.</summary>
    private static readonly TimeSpan FollowTime = TimeSpan.FromMilliseconds(300);

    /// <summary>After the events, for what comes without one: a UNIX socket closed by a process that lives on.</summary>
    private static readonly TimeSpan CheckPace = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two looks at a socket that only the kernel's timer ends.</summary>
    private static readonly TimeSpan TimerPace = TimeSpan.FromMilliseconds(200);

    /// <summary>So much later than it says a timer of the kernel may end: an eighth of its time.</summary>
    private static readonly TimeSpan TimerDelay = TimeSpan.FromSeconds(8);

    /// <summary>While it is watched whether the port is taken again.</summary>
    private static readonly TimeSpan SettlePace = TimeSpan.FromMilliseconds(50);

    /// <summary>Of a port with very many sockets a part is listed at a time.</summary>
    private const int MostRounds = 1000;

    private readonly FreeRequest _request = release.Request;
    private readonly ImmutableArray<FreeStep>.Builder _steps = ImmutableArray.CreateBuilder<FreeStep>();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    // In the unit of ProcessRecord.StartTicks, a hundredth of a second.
    private readonly ulong _beganAt = (ulong)((ClockCall.SinceBoot() ?? TimeSpan.Zero).TotalMilliseconds / 10);

    private (string Reason, string Text)? _fault;

    // What stands in the way now: the plan, later what came back after it.
    private FreePlan _acting = release.Plan;

    public FreeResult Execute()
    {
        try
        {
            if (!IsStillSo(out var left))
                return left;
            Perform();
            return End(Settle(Outlast()));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _fault ??= ("interrupted", _steps.Any(static step => step.Result == "done")
                ? Interrupted : "Interrupted; nothing was done.");
            return End(release.MakePlan(mayProbe: true, CancellationToken.None));
        }
    }

    /// <summary>Whether all that the plan is about stands as it did: the consent took its time.</summary>
    private bool IsStillSo(out FreeResult left)
    {
        var now = release.MakePlan(mayProbe: false, cancellation);
        left = null!;
        // Sockets without a process come and go by themselves, and are known by their cookies.
        var first = release.Plan.Actions.Where(
            static action => !action.IsFollowUp && action.Kind is not (FreeActionKind.DestroySocket or FreeActionKind.Wait)).ToList();
        var changed = first.Find(action => !now.Actions.Any(action.IsSameAs)
            || release.HandleOf(action)?.HasEnded == true || release.FileOf(action)?.IsAt(action.Path!) == false);
        if (changed is null)
            return true;
        var after = release.MakePlan(mayProbe: true, cancellation);
        left = after.Diagnosis.Verdict == Verdict.Free
            ? release.Untouched(FreeOutcome.AlreadyFree) with
            {
                Steps = [.. release.Plan.Actions.Select(static action => new FreeStep { Action = action, Result = "not-needed" })]
            }
            : MovedTo(after) is { } holder ? release.Untouched(FreeOutcome.Refused, "moved", $"Nothing was done: {Moved(holder)}")
            : release.Untouched(FreeOutcome.Refused, "holder-changed",
                "The holder has changed since the plan was shown, so nothing was done: ask again.");
        left = left with { Diagnosis = after.Diagnosis };
        return false;
    }

    private void Perform()
    {
        var actions = release.Plan.Actions;
        foreach (var action in actions.Where(static action => action.Command.Length > 0))
            Command(action);
        Signal([.. actions.Where(static action => IsSignal(action) && !action.IsFollowUp && !action.IsAskedSeparately)]);
        // Workers follow their parent, and children that only inherited the socket often do.
        var followers = actions.Where(
            static action => IsSignal(action) && (action.IsFollowUp || action.IsAskedSeparately) && !action.IsIfTakenAgain).ToList();
        if (_fault is null && followers.Exists(static action => action.IsFollowUp))
            _ = AwaitEnd(followers, FollowTime);
        Signal(followers);
        // A manager's command may end before what it stopped does.
        if (_fault is null && actions.Any(static action => action.Command.Length > 0))
            _ = Await([], static socket => socket.Inode != 0, _request.GracePeriod);
        foreach (var action in actions.Where(static action => action.Kind == FreeActionKind.UnlinkFile))
            Unlink(action);
    }

    private static bool IsSignal(FreeAction action) => action.Kind is FreeActionKind.Signal or FreeActionKind.Continue;

    private void Command(FreeAction action)
    {
        if (IsOver(action))
            return;
        var end = ExternalProgram.Run(action.Command, ManagerLimit, cancellation);
        if (end.ExitCode == 0)
        {
            Note(action, "done");
            return;
        }
        var why = end.Error.Length > 0 ? end.Error : $"exit code {end.ExitCode}";
        Note(action, "failed", why);
        _fault = ("command-failed", $"{string.Join(' ', action.Command)} failed: {why}");
    }

    private void Signal(IReadOnlyList<FreeAction> actions)
    {
        var due = new List<FreeAction>();
        foreach (var action in actions)
        {
            if (_fault is not null)
                Note(action, "not-reached");
            else if ((action.IsFollowUp || action.IsAskedSeparately) && !IsStillHeldBy(action))
                Note(action, "not-needed");
            else
                due.Add(action);
        }
        if (due.Count == 0)
            return;
        cancellation.ThrowIfCancellationRequested();
        foreach (var action in due)
            Send(action);
        if (_fault is not null || AwaitEnd(due, _request.GracePeriod))
            return;
        if (_request.Force)
        {
            var stubborn = due.Where(action => action.Kind == FreeActionKind.Signal && IsStillHeldBy(action)).ToList();
            foreach (var action in stubborn.Where(static action => action.Signal != EndSignal.Kill.Name))
                Send(Killing(action));
            if (AwaitEnd(due, AfterKill))
                return;
        }
        _fault = ("still-held", _request.Force ? "It is still held after SIGKILL: a process is stuck in the kernel." : StillHeldAfter(due));
    }

    private static FreeAction Killing(FreeAction action) => action with
    {
        Signal = EndSignal.Kill.Name,
        Text = action.Text.Replace(action.Signal!, EndSignal.Kill.Name, StringComparison.Ordinal),
    };

    private string StillHeldAfter(List<FreeAction> due)
    {
        var signals = due.Where(static action => action.Kind == FreeActionKind.Signal).ToList();
        // A database that does what it has to do before its end is not to be killed over it.
        var force = signals.Select(static action => action.Process!)
            .Any(static process => EndSignal.OwnOf(process) is not null && ToolNames.Of(process) is null) ? ""
            : ", or end it with --force (SIGKILL)";
        return $"It is still held {_request.GracePeriod.TotalSeconds:0.#} s after "
            + $"{string.Join(" and ", signals.Select(static action => action.Signal).Distinct())}: give --grace more time{force}.";
    }

    private bool IsStillHeldBy(FreeAction action)
    {
        if (release.HandleOf(action) is not { HasEnded: false })
            return false;
        var blockers = release.MakePlan(mayProbe: false, cancellation).Diagnosis.Blockers;
        // A parent holds nothing itself, and starts again those that do.
        return action.Inode == 0 ? blockers.Any(static blocker => !blocker.Owners.IsEmpty)
            : blockers.Any(blocker => blocker.Socket.Inode == action.Inode && blocker.Owners.Any(
                owner => (owner.Process.Id, owner.Process.StartTicks) == (action.Process!.Id, action.Process.StartTicks)));
    }

    private void Send(FreeAction action)
    {
        var errno = release.HandleOf(action)?.Send(
            action.Kind == FreeActionKind.Continue ? PidFdSignal.Continue : EndSignal.NumberOf(action.Signal)) ?? Errno.ESRCH;
        Note(action, errno switch { Errno.None => "done", Errno.ESRCH => "gone", Errno.EPERM => "not-permitted", _ => "failed" },
            errno is Errno.None or Errno.ESRCH ? null : errno.ToString());
        if (errno is not (Errno.None or Errno.ESRCH))
            _fault = ("not-permitted", $"The kernel refuses the signal to process {action.Process!.Id} ({errno}).");
    }

    /// <summary>Waits until their sockets are gone, or all that were signalled have ended; false where the time is over.</summary>
    private bool AwaitEnd(List<FreeAction> signalled, TimeSpan limit)
    {
        var handles = signalled.Select(release.HandleOf).OfType<HolderHandle>().Distinct().ToList();
        var inodes = _acting.Actions.Select(static action => action.Inode).Where(static inode => inode != 0).ToHashSet();
        return handles.Count == 0 || Await(handles, socket => inodes.Contains(socket.Inode), limit);
    }

    /// <summary>Waits until those sockets are gone, or all of the processes have ended; false where the time is over.</summary>
    private bool Await(List<HolderHandle> handles, Func<HeldSocket, bool> which, TimeSpan limit)
    {
        var sockets = _acting.Diagnosis.Blockers.Select(static blocker => blocker.Socket).Where(which).ToList();
        var hasProcesses = handles.Count > 0;
        using var watch = SocketWatch.TryOpen();
        // A server may close its socket long before its process ends, which the kernel tells too.
        using var ends = sockets.Exists(static socket => socket.Protocol == Protocol.Unix) ? null
            : SocketEnds.TryOpen([.. sockets.Select(static socket => socket.Local.Port)]);
        ends?.Watch(handles.Select(static handle => handle.Id));
        var started = _clock.Elapsed;
        while (true)
        {
            handles.RemoveAll(static handle => handle.HasEnded);
            // Of a socket that cannot be looked for, only the end of a process tells.
            if (hasProcesses ? handles.Count == 0 || sockets.TrueForAll(socket => watch?.IsThere(socket) == false)
                : sockets.TrueForAll(socket => watch?.IsThere(socket) != true))
                return true;
            cancellation.ThrowIfCancellationRequested();
            var rest = limit - (_clock.Elapsed - started);
            if (rest <= TimeSpan.Zero)
                return false;
            var pause = rest < CheckPace ? rest : CheckPace;
            if (ends is null)
                HolderHandle.WaitForAny(handles, pause);
            else
                ends.Wait(pause);
        }
    }

    private void Unlink(FreeAction action)
    {
        if (IsOver(action))
            return;
        var file = release.FileOf(action)!;
        using var held = FolderLock.Take(file);
        if (!file.IsStale())
        {
            // The file is reached by its descriptor (/proc/self/fd).
            if (ProcMountReader.State == ProcMount.Missing)
            {
                _fault = ("undetermined", $"Whether a server uses the file cannot be checked: {ProcMountReader.Fault}.");
                Note(action, "failed", ProcMountReader.Fault);
                return;
            }
            Note(action, action.IsFollowUp ? "not-needed" : "gone");
            return;
        }
        var errno = file.Remove();
        Note(action, errno switch
        {
            Errno.None => "done",
            Errno.ENOENT => "gone",
            Errno.EACCES or Errno.EPERM => "not-permitted",
            _ => "failed"
        }, errno == Errno.None ? null : errno.ToString());
        if (errno is not (Errno.None or Errno.ENOENT))
            _fault = ("not-permitted", $"The file cannot be removed ({errno}).");
    }

    private bool IsOver(FreeAction action)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_fault is not null)
            Note(action, "not-reached");
        return _fault is not null;
    }

    /// <summary>Deals with what no process holds, and gives the last answer, which stands on a bind().</summary>
    private FreePlan Outlast()
    {
        var destroyed = new HashSet<ulong>();
        TimeSpan? waitingSince = null;
        for (var round = 0; ; round++)
        {
            // A connection may turn into a TIME_WAIT, which takes what is left of the time to wait.
            var now = release.MakePlan(mayProbe: true, cancellation, waitingSince is { } since ? _clock.Elapsed - since : default);
            var left = now.Actions.Where(static action => action.Kind is FreeActionKind.DestroySocket or FreeActionKind.Wait).ToList();
            if (_fault is not null || left.Count == 0 || left.Count < now.Actions.Length || round == MostRounds)
                return now;
            if (left.TrueForAll(action => action.Kind == FreeActionKind.DestroySocket && !destroyed.Add(action.Socket!.Cookie)))
                return now;
            waitingSince ??= _clock.Elapsed;
            Destroy([.. left.Where(static action => action.Kind == FreeActionKind.DestroySocket)]);
            if (left.Exists(static action => action.Kind == FreeActionKind.Wait)
                && !AwaitTimers([.. left.Where(static action => action.Kind == FreeActionKind.Wait)]))
                return release.MakePlan(mayProbe: true, cancellation);
        }
    }

    private void Destroy(IReadOnlyList<FreeAction> actions)
    {
        if (actions.Count == 0)
            return;
        _ = SockDiagClient.TryOpen(out var table);
        using (table)
        {
            foreach (var action in actions)
            {
                cancellation.ThrowIfCancellationRequested();
                var errno = table?.Destroy(action.Socket!) ?? Errno.EPROTONOSUPPORT;
                Note(action, errno switch { Errno.None => "done", Errno.ENOENT => "gone", Errno.EPERM => "not-permitted", _ => "failed" },
                    errno is Errno.None or Errno.ENOENT ? null : errno.ToString());
                if (errno is Errno.None or Errno.ENOENT)
                    continue;
                var wait = Leftovers.WaitOption(action.Socket!);
                _fault = ("not-permitted", errno == Errno.EPERM
                    ? $"The kernel does not let this process destroy sockets (CAP_NET_ADMIN): {wait} waits."
                    : $"The kernel cannot destroy the socket ({errno}): {wait} waits.");
                return;
            }
        }
    }

    private bool AwaitTimers(IReadOnlyList<FreeAction> actions)
    {
        using var watch = SocketWatch.TryOpen();
        var limit = _request.Wait ?? TimeSpan.Zero;
        var since = _clock.Elapsed;
        foreach (var action in actions)
        {
            while (watch?.IsThere(action.Socket!) != false)
            {
                cancellation.ThrowIfCancellationRequested();
                if (_clock.Elapsed > limit + (_request.GracePeriod > TimerDelay ? _request.GracePeriod : TimerDelay))
                {
                    Note(action, "failed", "the time was up");
                    _fault = ("wait-too-short", $"The kernel still keeps it after {limit.TotalSeconds:0.#} s.");
                    return false;
                }
                cancellation.WaitHandle.WaitOne(TimerPace);
            }
            var waited = Wording.Number((long)(_clock.Elapsed - since).TotalSeconds);
            Note(action with { Text = $"waited {waited} s for {HolderSteps.NameOf(action.Socket!)}" }, "done");
        }
        return true;
    }

    private void Note(FreeAction action, string result, string? detail = null)
    {
        var step = new FreeStep { Action = action, Result = result, Detail = detail };
        _steps.Add(step);
        progress?.Invoke(step);
    }

    private FreeResult End(FreePlan now)
    {
        foreach (var action in release.Plan.Actions.Where(action => !_steps.Any(step => step.Action.IsSameAs(action))))
            _steps.Add(new FreeStep
            {
                Action = action,
                Result = now.Diagnosis.Verdict != Verdict.Free ? "not-reached"
                    : action.IsIfTakenAgain && release.HandleOf(action) is { HasEnded: true } ? "gone" : "not-needed",
            });
        if (now.Diagnosis.Verdict == Verdict.Free && _fault?.Reason != "interrupted")
            _fault = null;
        else
            _fault ??= Remaining(now);
        return new FreeResult
        {
            Outcome = _fault is null ? FreeOutcome.Freed : FreeOutcome.Failed,
            Reason = _fault?.Reason,
            Explanation = _fault?.Text,
            Steps = _steps.ToImmutable(),
            Diagnosis = now.Diagnosis,
        };
    }

    /// <summary>What is in the way although everything was done.</summary>
    private (string Reason, string Text) Remaining(FreePlan now)
    {
        if (now.Diagnosis.Verdict == Verdict.Undetermined)
            return ("undetermined", "Everything was done, but it is not known whether it can be bound now.");
        return now.Refusal is { } refusal
            && (refusal.Reason == Cause.TimeWait.Id() || refusal.Reason is "orphan" or "still-held" or "wait-too-short")
            ? (refusal.Reason, refusal.Text)
            : MovedTo(now) is { } holder ? ("moved", $"It is still held: {Moved(holder)}")
            : StillThere(now).Any() ? ("still-held",
                _steps.Any(static step => step is { Action.Kind: FreeActionKind.StopUnit, Result: "done" })
                ? "It is still held: the unit has stopped, and has left the process running. Run this again to end that."
                : "It is still held.")
            : ("taken-again", TakenAgain(now));
    }
}
