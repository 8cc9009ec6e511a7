namespace Bindwise.Supervising.Restarting;

/// <summary>
/// What follows when something happens to a program that is started again: pure, so that every order of events can be tried without a
/// process. A stop is final, no two starts run that do not overlap, and no restart that was asked for is lost.
/// </summary>
internal static class RestartMachine
{
    /// <param name="what">What happened. What is said of a start that is forgotten changes nothing.</param>
    /// <param name="now">The time, not before that of the last step.</param>
    /// <returns>Where it stands then, and what is to be done, in order.</returns>
    internal static (RestartState State, ImmutableArray<RestartEffect> Effects) Step(RestartState state, RestartEvent what, TimeSpan now)
    {
        var turn = new RestartTurn(state, now);
        turn.Take(what);
        return (turn.State, turn.Effects);
    }
}

internal sealed class RestartTurn(RestartState state, TimeSpan now)
{
    private readonly ImmutableArray<RestartEffect>.Builder _effects = ImmutableArray.CreateBuilder<RestartEffect>();

    internal RestartState State { get; private set; } = state;

    internal ImmutableArray<RestartEffect> Effects => _effects.ToImmutable();
    private RestartRules Rules => State.Rules;

    internal void Take(RestartEvent what)
    {
        switch (what)
        {
            case RestartEvent.Begun when State is { NextId: 0, IsStopping: false }:
                Spawn(null);
                break;
            case RestartEvent.Spawned one:
                Change(one.Id, start => start with { ProcessId = one.ProcessId });
                break;
            case RestartEvent.NotSpawned one when Find(one.Id) is { Phase: StartPhase.Opening, End: null } start:
                NotSpawned(start, one.Why);
                break;
            case RestartEvent.Prepared one when Find(one.Id) is { Phase: StartPhase.Opening, End: null }:
                Change(one.Id, start => start with
                {
                    IsSupervised = one.IsSupervised,
                    HasPassedSockets = one.HasPassedSockets,
                    AreSocketsSeen = one.AreSocketsSeen,
                });
                break;
            case RestartEvent.Executed one when Find(one.Id) is { End: null } start:
                Execute(start);
                break;
            case RestartEvent.NotExecuted one when Find(one.Id) is { Phase: StartPhase.Opening }:
                Change(one.Id, start => start with { Fault = one.Fault });
                break;
            case RestartEvent.Listened one when Find(one.Id) is { End: null } start:
                Listen(Execute(start));
                break;
            case RestartEvent.GotListener one when Find(one.Id) is { End: null } start:
                Put(Execute(start) with { CheckAt = now + RestartRules.Settling });
                break;
            case RestartEvent.Checked one when Find(one.Id) is { End: null } start:
                HandleSockets(start, one.HasAllPorts, one.HasAll);
                break;
            case RestartEvent.Exited one when Find(one.Id) is { End: null } start:
                End(start, one.ExitCode, one.Signal);
                break;
            case RestartEvent.FellSilent one when Find(one.Id) is { } start:
                var silent = Put(start with { IsSilent = true });
                if (silent.End is not null)
                    HandleEnd(silent);
                break;
            case RestartEvent.RestCounted one when Find(one.Id) is { End: not null } start:
                TakeRest(start, one.Count, one.HasSockets);
                break;
            case RestartEvent.RestartAsked { IsOfChange: true } one when !State.Starts.IsEmpty && now < State.SurvivedAt:
                State = State with { Postponed = State.Postponed ?? one.Reason };
                break;
            case RestartEvent.RestartAsked one:
                Restart(one.Reason);
                break;
            case RestartEvent.StopAsked one:
                StopAll(one.Signal);
                break;
            case RestartEvent.Interrupted or RestartEvent.QuitTyped when State.Starts.IsEmpty:
                StopAll(null);
                break;
            case RestartEvent.Interrupted one:
                State = State with { InterruptedAt = now, Next = null, Again = null };
                foreach (var start in State.Starts.Where(start => !one.IsTyped && start.End is null))
                    Do(new RestartEffect.Send(start.Id, SignalNames.Interrupt));
                break;
            case RestartEvent.QuitTyped:
                foreach (var start in State.Starts)
                    Put(start with { WasQuitTyped = true });
                break;
            case RestartEvent.SignalCame one when State.Starts.LastOrDefault(static one => one.End is null) is { } start:
                if (start.Phase == StartPhase.Opening)
                    Put(start with { Signals = start.Signals.Add(one.Signal) });
                else
                    Do(new RestartEffect.Send(start.Id, one.Signal));
                break;
            case RestartEvent.TimePassed:
                PassTime();
                break;
        }
    }

    private void Spawn(string? reason)
    {
        if (reason is not null)
            Do(new RestartEffect.NotifyManager(ManagerWord.Restarts));
        var id = State.NextId;
        State = State with { Next = null, Decisive = null, NextId = id + 1, Starts = State.Starts.Add(new StartState(id, reason, now)) };
        Do(new RestartEffect.Spawn(id));
    }

    private void NotSpawned(StartState start, string why)
    {
        Report($"{Rules.Name} cannot be started ({why})");
        State = State with { Starts = State.Starts.Remove(start) };
        if (State.IsStopping || start.Reason is not { } reason)
            return;
        (var history, var delay) = State.History.After(default);
        State = State with { History = history };
        Later(delay, start.NextReason ?? reason);
    }

    private StartState Execute(StartState start)
    {
        if (start.Phase != StartPhase.Opening)
            return start;
        Do(new RestartEffect.RecordStart(start.ProcessId, start.Reason));
        foreach (var signal in start.Signals)
            Do(new RestartEffect.Send(start.Id, signal));
        return Put(start with { Phase = StartPhase.Running, Since = now, Signals = [] });
    }

    private StartState Listen(StartState start) =>
        Put(start with { Phase = start.HasListened ? start.Phase : StartPhase.Listening, Since = now });

    // Where a start stands with what is kept, and what follows from it.
    private void HandleSockets(StartState start, bool hasAllPorts, bool hasAll)
    {
        if (start.Phase == StartPhase.Listening && (start.IsUpByTime || hasAllPorts || now - start.Since >= RestartRules.Settling))
        {
            start = Put(start with { Phase = StartPhase.Ready });
            Do(new RestartEffect.NotifyManager(ManagerWord.Ready));
            foreach (var old in State.Starts.TakeWhile(one => one.Id != start.Id).Where(static one => !one.IsStopping).ToList())
                Stop(old, SignalNames.Terminate);
        }
        if (start is { Phase: StartPhase.Ready, HasPassedSockets: false } && State.Starts.Length == 1
            && (hasAll || now - start.Since >= RestartRules.Releasing))
        {
            Put(start with { Phase = StartPhase.Settled });
            Do(new RestartEffect.ReleaseUntaken());
        }
    }

    private void End(StartState start, int exitCode, int signal)
    {
        var end = new StartEnd(exitCode, signal, start.HasListened, now - start.BeganAt);
        start = Put(start with { End = end, KillAt = null, CheckAt = now });
        Do(new RestartEffect.RecordEnd(start.ProcessId, end));
        if (start.IsSilent)
            HandleEnd(start);
        else
            CountRest(start);
    }

    private void CountRest(StartState start)
    {
        Put(start with { CheckAt = now + RestartRules.CheckPace });
        Do(new RestartEffect.CountRest(start.Id));
    }

    private void TakeRest(StartState start, int? count, bool hasSockets)
    {
        if (count is null or 0)
        {
            // Threads that are still ending keep the filter a moment longer.
            if ((count == 0 && (start.IsSilent || !start.IsSupervised)) || now - start.NothingLeftSince > Rules.StopTimeout)
                HandleEnd(start);
            else
                Put(start with { NothingLeftSince = start.NothingLeftSince ?? now });
        }
        else if (start.KillAt is null)
        {
            Put(start with { KillAt = now + Rules.StopTimeout });
            // Whoever is told to stop need not wait for what it started, and whoever a signal ends has not gone to the background, nor has
            // one that served and leaves but a helper behind.
            var end = start.End!.Value;
            var advice = end.Signal != 0 || !(hasSockets || (end.ExitCode == 0 && end.Ran <= RestartRules.Settling)) ? ""
                : " (for --hold, a program that goes to the background has ended: keep it in the foreground)";
            if (!start.IsStopping && !State.IsStopping && !EndedByInterrupt(start))
                Report(string.Create(CultureInfo.InvariantCulture,
                    $"{count} {(count == 1 ? "process" : "processes")} that {Describe(start)} left behind ")
                    + $"{(count == 1 ? "is" : "are")} ended{advice}");
            Do(new RestartEffect.SendToRest(start.Id, SignalNames.Terminate));
        }
        else
        {
            // Also to those that have come since.
            Do(new RestartEffect.SendToRest(start.Id, now >= start.KillAt ? SignalNames.Kill : SignalNames.Terminate));
        }
    }

    private void HandleEnd(StartState start)
    {
        var isNewest = State.Starts[^1].Id == start.Id;
        State = State with { Starts = State.Starts.Remove(start) };
        Do(new RestartEffect.Forget(start.Id));
        if (!State.Starts.IsEmpty)
        {
            Do(new RestartEffect.RestoreFiles());
            if (isNewest && start.WasReady)
                State = State with { Decisive = start };
            else if (isNewest && !start.IsStopping && !EndedByInterrupt(start))
                Report($"{Describe(start)} {start.End!.Value.Words(start.Fault)} before it was up: the old one goes on");
            if (isNewest && !start.WasReady && !EndedByInterrupt(start) && State.Starts[^1] is { WasReady: true, IsStopping: false })
                Do(new RestartEffect.NotifyManager(ManagerWord.GoesOn));
            if (State.Again is { } again)
                Restart(again);
            return;
        }
        var decisive = State.Decisive ?? start;
        var end = decisive.End!.Value;
        State = State with { ExitCode = end.ExitCode };
        // The program itself cannot be had: no restart mends that.
        var hasNeverBeen = start is { Fault: not null, Reason: null };
        if (hasNeverBeen)
            Report($"{Rules.Command}: {start.Fault}");
        if (State.IsStopping || hasNeverBeen || EndedByInterrupt(decisive)
            || (decisive.WasQuitTyped && end.ExitCode == 128 + SignalNames.Quit))
            return;
        if ((start.NextReason ?? State.Again) is { } reason)
            Later(TimeSpan.Zero, reason);
        else if (Rules.Wants(end))
            After(decisive, end);
    }

    private void After(StartState start, in StartEnd end)
    {
        var (history, delay) = State.History.After(end);
        State = State with { History = history };
        var when = delay == TimeSpan.Zero ? "" : string.Create(CultureInfo.InvariantCulture, $" in {delay.TotalSeconds:0.#} s");
        var words = end.Words(start.Fault);
        Report($"{Describe(start)} {words}: it is started again{when}");
        if (history.Failures == RestartHistory.LoopLength)
            Report($"a crash loop: the last {RestartHistory.LoopLength} starts of {Rules.Name} ended before they listened; it is now "
                + $"started less and less often, in the end every {RestartHistory.LongestDelay.TotalSeconds:0} s");
        Later(delay, words);
    }

    private void Later(TimeSpan delay, string reason)
    {
        Do(new RestartEffect.RestoreFiles());
        State = State with { Again = null, Next = new NextStart(now + delay, reason) };
        StartWhatIsDue();
    }

    private void StartWhatIsDue()
    {
        if (State.Next is { } next && now >= next.At)
            Spawn(next.Reason);
    }

    private void Restart(string reason)
    {
        if (State.IsStopping || (State.Starts is [var last] && EndedByInterrupt(last)))
            return;
        // Somebody asked: what came before does not count.
        State = State with { Again = null, History = default, InterruptedAt = null, Postponed = null };
        if (State.Starts.IsEmpty)
        {
            Later(TimeSpan.Zero, reason);
            return;
        }
        var newest = State.Starts[^1];
        if (State.Starts.Length > 1)
        {
            State = State with { Again = reason };
            // One that is not up yet may never be.
            if (!newest.WasReady)
                Stop(newest, SignalNames.Terminate);
            return;
        }
        if (newest.End is not null || newest.IsStopping)
        {
            Put(newest with { NextReason = newest.NextReason ?? reason });
            return;
        }
        Report($"{reason}: {Describe(newest)} is started again");
        if (Rules.Overlaps && newest.WasReady)
            Spawn(reason);
        else
            Stop(Put(newest with { NextReason = reason }), SignalNames.Terminate);
    }

    private bool EndedByInterrupt(StartState start) =>
        start.End is { } end && start.BeganAt + end.Ran - State.InterruptedAt < RestartRules.Interruption;

    private void StopAll(int? signal)
    {
        if (!State.IsStopping)
            Do(new RestartEffect.NotifyManager(ManagerWord.Stops));
        State = State with { IsStopping = true, Next = null, Again = null };
        if (signal is not { } one)
            return;
        foreach (var start in State.Starts)
            Stop(start, one);
    }

    private void Stop(StartState start, int signal)
    {
        if (start.End is null)
            Do(new RestartEffect.Send(start.Id, signal));
        Put(start with { IsStopping = true, KillAt = start.End is null ? start.KillAt ?? now + Rules.StopTimeout : start.KillAt });
    }

    private void PassTime()
    {
        foreach (var start in State.Starts)
        {
            if (start.End is not null)
            {
                if (now >= start.CheckAt)
                    CountRest(start);
                continue;
            }
            if (now >= start.KillAt)
            {
                Report($"{Describe(start)} has not ended within {Rules.StopTimeout.TotalSeconds:0.#} s: SIGKILL");
                Put(start with { KillAt = null });
                Do(new RestartEffect.Send(start.Id, SignalNames.Kill));
            }
            if (start.Phase == StartPhase.Running && now >= start.CheckAt)
            {
                // Until it serves: it may load for long after its bind().
                Put(start with { CheckAt = now + RestartRules.Settling + ((now - start.BeganAt) / 2) });
                Do(new RestartEffect.CheckListener(start.Id));
            }
            if (start is { Phase: StartPhase.Running, IsUpByTime: true } && now - start.Since >= RestartRules.Settling)
                Listen(Find(start.Id)!);
        }
        if (State.Postponed is { } reason && now >= State.SurvivedAt)
            Restart(reason);
        StartWhatIsDue();
    }

    private StartState? Find(int id) => State.Starts.FirstOrDefault(one => one.Id == id);

    private void Change(int id, Func<StartState, StartState> change)
    {
        if (Find(id) is { } start)
            Put(change(start));
    }

    private StartState Put(StartState start)
    {
        State = State with { Starts = State.Starts.Replace(Find(start.Id)!, start) };
        return start;
    }

    private string Describe(StartState start) => string.Create(CultureInfo.InvariantCulture, $"{Rules.Name} (pid {start.ProcessId})");

    private void Report(string sentence) => Do(new RestartEffect.Report(sentence));

    private void Do(RestartEffect effect) => _effects.Add(effect);
}
