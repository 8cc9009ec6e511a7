using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;

namespace Bindwise.Tools;

/// <content>Who has it after all: who took it again after it was free, and to whom a socket of the plan has moved.</content>
internal sealed partial class ReleaseRun
{
    /// <summary>
    /// Watches for a while whether what was ended comes back. Where its parent starts it again, and ending that too was consented to, the
    /// parent gets its signal first and what it started then; with force SIGKILL, where the parent goes on after a signal.
    /// </summary>
    private FreePlan Settle(FreePlan now)
    {
        var before = release.Plan.Diagnosis.Blockers.Select(static blocker => blocker.Socket.Inode).ToHashSet();
        var hasEnded = _steps.Any(static step =>
            step is { Result: "done", Action.Kind: FreeActionKind.Signal or FreeActionKind.StopUnit or FreeActionKind.StopContainer });
        var until = _clock.Elapsed + _request.Settle;
        while (_fault is null && hasEnded)
        {
            // Of a free port the sockets that do no harm are told too: a client's connection, or a bind() that may share it.
            if (now.Diagnosis.Verdict == Verdict.Blocked
                && now.Diagnosis.Blockers.Any(blocker => !blocker.Owners.IsEmpty && !before.Contains(blocker.Socket.Inode)))
            {
                if (!Follow(now))
                    break;
                // Its end may leave what the first one did.
                now = Outlast();
                until = _clock.Elapsed + _request.Settle;
                continue;
            }
            if (now.Diagnosis.Verdict != Verdict.Free || _clock.Elapsed >= until)
                break;
            if (cancellation.WaitHandle.WaitOne(SettlePace))
            {
                _fault = ("interrupted", "Interrupted before it was known whether it stays free; what was already done is not undone.");
                break;
            }
            if (release.MakePlan(mayProbe: false, CancellationToken.None) is { Diagnosis.Verdict: Verdict.Blocked } taken)
                now = taken;
        }
        return now;
    }

    /// <summary>Ends the parent that started the server again, and what it started; false where that is none of the plan's.</summary>
    private bool Follow(FreePlan taken)
    {
        var (restarter, isItself) = Restarter(taken);
        var parent = (isItself ? null : release.Plan.Actions.FirstOrDefault(
            action => action.IsIfTakenAgain && restarter?.IsSameAs(action.Process!) == true
                && !_steps.Any(step => step.Action.IsSameAs(action)))) ?? Stubborn(restarter);
        var formers = Formers();
        // What it starts again is younger than the first signal; what was there before, and was not shown, is nobody's to end.
        var children = taken.Actions.Where(action => IsSignal(action)
            && action.Process!.StartTicks >= _beganAt && !formers.Exists(action.Process.IsSameAs)).ToList();
        var ancestry = new ProcessAncestry(taken.Diagnosis.Processes);
        // A worker that a server started again forked just before its own end still has that one's socket, and no parent that tells.
        if (parent is null && _acting != release.Plan && children.Count > 0 && _steps.Count < MostRounds && HasActedOn(taken))
            children.ForEach(child => release.Follow(child.Process!));
        else if (parent is null || (children.Count == 0 && !isItself)
            || children.Exists(child => !release.Follow(parent, child.Process!, Above(child.Process!))))
            return false;
        _acting = taken;
        var files = release.Plan.Actions.Where(static action => action.Kind == FreeActionKind.UnlinkFile).ToList();
        files.ForEach(release.FollowFile);
        Signal(parent is null ? children : [parent, .. children]);
        files.ForEach(Unlink);
        return true;

        // The parent of a new worker is the new server, which is ended as well.
        List<ProcessRecord> Above(ProcessRecord child) =>
            [.. ancestry.Of(child).Where(above => !children.Exists(other => other.Process!.Id == above.Id))];
    }

    /// <summary>Whether those are the sockets of what was ended last.</summary>
    private bool HasActedOn(FreePlan now) => now.Diagnosis.Blockers.All(
        blocker => blocker.Socket.Inode != 0 && _acting.Diagnosis.Blockers.Any(acted => acted.Socket.Inode == blocker.Socket.Inode));

    /// <summary>SIGKILL for the parent that got a gentler signal and starts the server again all the same; null without force.</summary>
    private FreeAction? Stubborn(ProcessRecord? restarter) =>
        _request.Force && restarter is not null && SentTo(restarter) is { } sent && sent.Signal != EndSignal.Kill.Name
            ? Killing(sent) with { IsFollowUp = false, IsIfTakenAgain = false } : null;

    /// <summary>The last signal that a process got; null for none.</summary>
    private FreeAction? SentTo(ProcessRecord process) => _steps.LastOrDefault(
        step => step is { Result: "done", Action: { Kind: FreeActionKind.Signal, Process: { } got } } && got.IsSameAs(process))?.Action;

    /// <summary>Who was there when the plan was made: those that it ends, and their parents.</summary>
    private List<ProcessRecord> Formers()
    {
        var before = new ProcessAncestry(release.Plan.Diagnosis.Processes);
        return [.. release.Plan.Actions.Select(static action => action.Process).OfType<ProcessRecord>()
            .SelectMany(former => before.Of(former).Prepend(former)).Distinct()];
    }

    /// <summary>Who has started the server again, null where that cannot be told; and whether that is the server itself.</summary>
    private (ProcessRecord? Restarter, bool IsItself) Restarter(FreePlan now)
    {
        if (now.Diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).FirstOrDefault() is not { Process: var taker })
            return (null, false);
        var restarter = Restarters.Of(taker, new ProcessAncestry(now.Diagnosis.Processes).Of(taker), Formers());
        return (restarter, restarter == taker);
    }

    /// <summary>By whom, and by whose order where that is known.</summary>
    private string TakenAgain(FreePlan now)
    {
        if (now.Diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).FirstOrDefault() is not { Process: var taker } owner)
            return "It was released, and something else has taken it since.";
        var taken = $"It was free, and {ProcessNames.Short(taker)} has taken it ";
        var (restarter, isItself) = Restarter(now);
        // A shell may execute the server in its own place once the one that it started has ended.
        if (restarter is null || (isItself && !release.Plan.Diagnosis.Blockers.SelectMany(static blocker => blocker.Owners)
            .Any(former => former.Process.IsSameAs(taker))))
            return taken + "since.";
        taken += isItself ? "again itself" : $"since, started by {ProcessNames.Short(restarter)}";
        // What it got already is not what helps.
        return SentTo(restarter) is not { } sent
            ? isItself ? taken + "." : taken + EndRemedies.Starter(restarter, owner, EffectiveIds.User())
            : sent.Signal == EndSignal.Kill.Name ? taken + "."
            : $"{taken}{(isItself ? ". It" : ", which")} got {sent.Signal} and goes on: --force ends it (SIGKILL).";
    }

    /// <summary>Who holds a socket of the plan now and did not when it was shown, as a child; null for nobody.</summary>
    private ProcessRecord? MovedTo(FreePlan now)
    {
        var shown = release.Plan.Diagnosis.Blockers.SelectMany(static blocker => blocker.Owners)
            .Select(static owner => (owner.Process.Id, owner.Process.StartTicks)).ToHashSet();
        return StillThere(now).SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process)
            .FirstOrDefault(process => !shown.Contains((process.Id, process.StartTicks)));
    }

    private IEnumerable<Blocker> StillThere(FreePlan now)
    {
        var planned = release.Plan.Diagnosis.Blockers.Select(static blocker => blocker.Socket.Cookie).ToHashSet();
        return now.Diagnosis.Blockers.Where(blocker => blocker.Socket.Cookie != 0 && planned.Contains(blocker.Socket.Cookie));
    }

    private static string Moved(ProcessRecord holder) =>
        $"the socket has moved to {ProcessNames.Short(holder)}, which did not hold it when it was shown.";
}
