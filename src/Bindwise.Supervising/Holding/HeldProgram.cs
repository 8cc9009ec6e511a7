using System.Diagnostics;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// A program whose listening sockets outlive it: one loop takes in what happens to it and its starts, has <see cref="RestartMachine"/> say
/// what follows, and does that.
/// </summary>
/// <param name="gate">Who has it may touch what is kept and tell of the starts: the threads that answer the program's calls do so
/// too.</param>
internal sealed class HeldProgram(SupervisionPlan plan, HoldPlan hold, StartRecipe recipe, ISupervisionReport report, KeptSockets sockets,
    ServiceNotification? manager, Lock gate) : IDisposable
{
    private const int MostGarbageBytes = 1024 * 1024;

    private readonly StartOpening _opening = new(plan, hold, report, sockets, gate);
    private readonly WakeSignal _wake = new();
    private readonly SortedList<int, ProgramStart> _starts = [];
    private readonly Queue<RestartEvent> _news = [];
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly StartTerminal _terminal = new();
    private readonly ProgramProcesses _processes = new();
    private readonly ClosedSockets _closed = new(sockets, gate);
    private RestartState _state =
        new(new RestartRules(Encoding.UTF8.GetString(recipe.Command[0]), hold.Restart, hold.Overlap, hold.StopTimeout));
    private SafeFileDescriptor _signals = new(-1);
    private FileWatch? _watch;
    private bool _isTaking;
    private long _collectedAt;

    private TimeSpan Now => Stopwatch.GetElapsedTime(_origin);

    // The start that runs, where none begins or is to end.
    private ProgramStart? OnlyOne =>
        _state is { IsStopping: false, Next: null, Starts: [{ End: null, KillAt: null, Phase: StartPhase.Settled } one] }
            ? _starts.GetValueOrDefault(one.Id) : null;

    internal int Run(List<string> notes)
    {
        if (SignalDescriptor.Open(BlockedSignals.Set, out _signals) is not Errno.None and var errno)
            throw new SupervisionException($"signals cannot be read ({errno})");
        _ = AnyChildCall.CollectOrphans();
        // Where it is ignored the kernel tells of no child's end.
        SignalCall.Restore(BlockedSignals.Child);
        _watch = hold.Watch.IsEmpty ? null : FileWatch.Open(hold.Watch);
        lock (gate)
        {
            notes.ForEach(_opening.Report);
            Take(new RestartEvent.Begun());
            while (!_state.IsOver)
            {
                Wait();
                _wake.Clear();
                // A signal that came after a start was up finds it so.
                CheckSockets();
                while (SignalDescriptor.TryRead(_signals, out var news))
                    Take(news);
                Watch();
                manager?.Serve();
                foreach (var start in _starts.Values.ToArray())
                    Serve(start);
                Take(new RestartEvent.TimePassed());
                CheckSockets();
                _closed.Check(OnlyOne, Now, _opening.Report);
            }
        }
        return _state.ExitCode;
    }

    public void Dispose()
    {
        foreach (var start in _starts.Values)
            start.Dispose();
        _processes.Dispose();
        _wake.Dispose();
        _signals.Dispose();
        _watch?.Dispose();
    }

    private void Wait()
    {
        Span<int> descriptors = stackalloc int[PollCall.MostAtOnce];
        var count = 0;
        descriptors[count++] = _signals.Number;
        descriptors[count++] = _wake.Number;
        if (_watch is not null)
            descriptors[count++] = _watch.Number;
        if (manager is not null)
            descriptors[count++] = manager.Number;
        var atSockets = count;
        if (sockets.Number is { } ended)
            descriptors[count++] = ended;
        foreach (var start in _starts.Values.TakeLast(16))
        {
            if (start.Channel is { } channel)
                descriptors[count++] = channel.Number;
        }
        var patience = Patience();
        // Calls of the program are answered meanwhile.
        gate.Exit();
        PollCall.WaitUntilAnyReadable(descriptors[..count], patience, out var happened);
        gate.Enter();
        // First of all, as clients are refused until then.
        if (sockets.Number is not null && (happened >> atSockets & 1) != 0)
            sockets.Revive(_opening.Report);
    }

    // Until something is due that nobody tells.
    private TimeSpan Patience()
    {
        if (_news.Count > 0)
            return TimeSpan.Zero;
        TimeSpan?[] due = [_state.DueAt - Now, _watch?.Due, manager?.Due, OnlyOne is null ? null : _closed.Due - Now];
        return due.Min() is not { } first ? Timeout.InfiniteTimeSpan : first < TimeSpan.Zero ? TimeSpan.Zero : first;
    }

    private void Watch()
    {
        if (_watch is not { } watch)
            return;
        watch.Read();
        while (watch.TakeProblem() is { } problem)
            _opening.Report(problem);
        if (watch.Take() is { } path)
            Take(new RestartEvent.RestartAsked($"{path} changed", IsOfChange: true));
    }

    // What came from a start since the last time.
    private void Serve(ProgramStart start)
    {
        if (start.Channel is { } channel && PollCall.WaitUntilReadable(channel, 0))
            Take(_opening.Receive(start, channel, Post));
    }

    private void CheckSockets()
    {
        TakeNews();
        foreach (var start in _state.Starts)
        {
            if (start is { End: null, Phase: StartPhase.Listening or StartPhase.Ready } && _starts.TryGetValue(start.Id, out var one))
                Take(new RestartEvent.Checked(start.Id, sockets.AllPortsTakenBy(one), sockets.AllTakenBy(one)));
        }
    }

    private void Take(SignalNews news)
    {
        var isIgnored = (_terminal.Ignored & SignalSet.Of(news.Number)) != 0;
        switch (news.Number)
        {
            case BlockedSignals.Child:
                Reap();
                break;
            case BlockedSignals.HangUp when news.IsSent && !_terminal.IsEnded:
                Take(new RestartEvent.RestartAsked("SIGHUP"));
                break;
            case BlockedSignals.HangUp:
                // Under a shell whoever is to end by it has it already, with the whole process group.
                if (!isIgnored)
                    Take(new RestartEvent.StopAsked(_terminal.IsOwn ? news.Number : null));
                break;
            // A typed one has reached the program, which need not ignore it as well.
            case BlockedSignals.Interrupt when !isIgnored || !news.IsSent:
                Take(new RestartEvent.Interrupted(IsTyped: !news.IsSent));
                break;
            case BlockedSignals.Terminate:
                Take(new RestartEvent.StopAsked(news.Number));
                break;
            case BlockedSignals.Quit when !news.IsSent:
                Take(new RestartEvent.QuitTyped());
                break;
            default:
                if (news.IsSent)
                    Take(new RestartEvent.SignalCame(news.Number));
                break;
        }
    }

    private void Reap()
    {
        while (AnyChildCall.TryFindEnded(out var child))
        {
            var start = _state.Starts.FirstOrDefault(one => one.ProcessId == child && one.End is null);
            // What it sent before it ended: a signal may wait for that, and until it is waited for its number is nobody else's.
            if (start is not null)
                Serve(_starts[start.Id]);
            AnyChildCall.Reap(child, out var exitCode, out var signal);
            if (start is not null)
                Take(new RestartEvent.Exited(start.Id, exitCode, signal));
        }
    }

    private void Post(RestartEvent what)
    {
        _news.Enqueue(what);
        _wake.Set();
    }

    private void Take(RestartEvent what)
    {
        _news.Enqueue(what);
        TakeNews();
    }

    private void TakeNews()
    {
        // What an effect brings about is taken in after the other effects.
        if (_isTaking)
            return;
        _isTaking = true;
        try
        {
            while (_news.TryDequeue(out var what))
            {
                (_state, var effects) = RestartMachine.Step(_state, what, Now);
                foreach (var effect in effects)
                    Do(effect);
            }
        }
        finally
        {
            _isTaking = false;
        }
    }

    private void Do(RestartEffect effect)
    {
        switch (effect)
        {
            case RestartEffect.Spawn one:
                Spawn(one.Id);
                break;
            case RestartEffect.Send one:
                _ = SignalCall.SendToChild(_starts[one.Id].ProcessId, one.Signal);
                break;
            case RestartEffect.CountRest one:
                CountRest(_starts[one.Id]);
                break;
            case RestartEffect.CheckListener one:
                if (_closed.AreServedIn(_starts[one.Id]))
                    Take(new RestartEvent.Listened(one.Id));
                break;
            case RestartEffect.SendToRest one:
                foreach (var process in _starts[one.Id].Rest)
                {
                    if (one.Signal == SignalNames.Kill || _starts[one.Id].AskedToEnd.Add(process))
                        Descendants.Signal(process, one.Signal);
                }
                break;
            case RestartEffect.Forget one:
                Forget(one.Id);
                break;
            case RestartEffect.RestoreFiles:
                sockets.RestoreFiles();
                break;
            case RestartEffect.ReleaseUntaken:
                sockets.Release(static _ => true);
                break;
            case RestartEffect.NotifyManager one:
                manager?.Notify(one.Word);
                break;
            case RestartEffect.Report one:
                _opening.Report(one.Sentence);
                break;
            case RestartEffect.RecordStart one:
                Record(one.Reason is null ? SupervisionEvent.Started : SupervisionEvent.Restarted, one.ProcessId, one.Reason);
                break;
            case RestartEffect.RecordEnd { End: var end } one:
                Record(SupervisionEvent.Exited, one.ProcessId,
                    end.Signal == 0 ? end.ExitCode.ToString(CultureInfo.InvariantCulture) : SignalNames.Of(end.Signal));
                break;
        }
    }

    private void Spawn(int id)
    {
        // Who gets them as descriptors has them without a bind(), and they answer for it.
        var calls = recipe.Calls | (sockets.AreDisconnected ? HandedCalls.ShortConnect : HandedCalls.None)
            | (hold.PassesSockets ? HandedCalls.None : sockets.Probes);
        var beganAt = ClockTicks.SinceBoot();
        var errno = StartTrampoline.Start(recipe with { Calls = calls }, out var process, out var channel);
        if (errno == Errno.None)
        {
            _starts.Add(id, new ProgramStart(id, process, channel, beganAt));
            Take(new RestartEvent.Spawned(id, process));
            return;
        }
        channel.Dispose();
        if (id == 0)
            throw new SupervisionException($"{_state.Rules.Name} cannot be started ({errno})");
        Take(new RestartEvent.NotSpawned(id, errno.ToString()));
    }

    // What lives on when the first process of a start has ended. Of two starts that overlap: what descends from the other's first process
    // is the other's, and what began after the other did is left to it, as is what does not tell when it began. What began before this one
    // did is the other's too, with all below it: what that put into the background.
    private void CountRest(ProgramStart start)
    {
        var left = _processes.Find(_state.Starts.Any(one => one.Id == start.Id && one.IsSupervised));
        foreach (var other in _starts.Values.Where(other => other != start))
        {
            var below = Descendants.Of(other.ProcessId);
            left?.RemoveAll(process => process == other.ProcessId || below.Contains(process)
                || (other.BeganAt > start.BeganAt && !(Descendants.BeganAt(process) < other.BeganAt)));
        }
        if (left is not null && _starts.Count > 1)
        {
            var before = left.FindAll(process => !(Descendants.BeganAt(process) >= start.BeganAt));
            before.AddRange(before.ToArray().SelectMany(Descendants.Of));
            left.RemoveAll(before.Contains);
        }
        start.Rest = left ?? [];
        // That is asked once: before they are told to end.
        var haveSockets = start is { Rest.Count: > 0, AskedToEnd.Count: 0 } && _closed.AreOpenIn(start);
        Take(new RestartEvent.RestCounted(start.Id, left?.Count, haveSockets));
    }

    private void Forget(int id)
    {
        if (!_starts.Remove(id, out var start))
            return;
        sockets.Forget(start);
        start.Dispose();
        if (_starts.Count == 0)
            _terminal.Restore();
        // Nothing else may happen for days: what a start needed goes back to the system.
        if (GC.GetTotalAllocatedBytes() - _collectedAt < MostGarbageBytes)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        _collectedAt = GC.GetTotalAllocatedBytes();
    }

    private void Record(SupervisionEvent what, int process, string? reason)
    {
        if (plan.Events is not null)
            report.Record(what, process, null, reason);
    }
}
