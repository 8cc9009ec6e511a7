using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Bindwise.Linux.Native;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// A program whose listening sockets outlive it: starts it, answers the calls of all its starts in one loop, passes signals on, and starts it again.
/// </summary>
/// <param name="plan">What to do about its sockets.</param>
/// <param name="hold">When it is started again.</param>
/// <param name="recipe">How it is started.</param>
/// <param name="report">Whom to tell.</param>
/// <param name="sockets">What is kept.</param>
/// <param name="manager">The service manager; null for none.</param>
/// <param name="gate">Who has it may touch the starts and what is kept: the threads that answer the program's calls do so too.</param>
[SupportedOSPlatform("linux")]
internal sealed class HeldProgram(SupervisionPlan plan, HoldPlan hold, StartRecipe recipe, ISupervisionReport report, HeldSockets sockets, ServiceNotification? manager, Lock gate) : IDisposable
{
    private const int MostGarbageBytes = 1024 * 1024;

    private readonly StartHistory _history = new();
    private readonly StartOpening _opening = new(plan, hold, report, sockets, gate);
    private readonly WakeSignal _wake = new();

    // The newest last; more than one only while a new one overlaps the old.
    private readonly List<ProgramStart> _starts = [];
    private readonly StartEnding _ending = new();
    private readonly Terminal _terminal = new();
    private SafeFileDescriptor _signals = new(-1);
    private FileWatch? _watch;
    private bool _isStopping;
    private long _collectedAt;
    private int _exitCode;

    // When the next start is due (Stopwatch.GetTimestamp()), and why.
    private long? _startAt;
    private string? _startReason;

    // A restart that was asked for while one was under way.
    private string? _again;

    private string Name => Path.GetFileName(Encoding.UTF8.GetString(recipe.Command[0]));

    /// <summary>Runs it to its last end.</summary>
    /// <returns>The exit code.</returns>
    internal int Run()
    {
        if (SignalDescriptor.Open(BlockedSignals.Set, out _signals) is not Errno.None and var errno)
            throw new SupervisionException($"signals cannot be read ({errno})");
        _ = AnyChildCall.CollectOrphans();
        // Where it is ignored the kernel tells of no child's end.
        SignalCall.Restore(BlockedSignals.Child);
        _watch = hold.Watch.IsEmpty ? null : FileWatch.Open(hold.Watch);
        lock (gate)
        {
            Start(null);
            while (_starts.Count > 0 || _startAt is not null)
            {
                Wait();
                _wake.Clear();
                // A signal that came after a start was up finds it so.
                _starts.ForEach(LookWhetherUp);
                while (SignalDescriptor.TryRead(_signals, out var news))
                    Take(news);
                Watch();
                manager?.Serve();
                Array.ForEach([.. _starts], Serve);
                Array.ForEach([.. _starts], Look);
                if (_startAt is { } at && Stopwatch.GetTimestamp() >= at)
                    Start(_startReason);
            }
        }
        return _exitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _starts.ForEach(static one => one.Dispose());
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
        foreach (var start in _starts.TakeLast(16))
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
            sockets.Revive(Tell);
    }

    // Until something is due that nobody tells.
    private TimeSpan Patience()
    {
        var due = _startAt is { } at ? Until(at) : TimeSpan.MaxValue;
        if (_watch?.Due is { } change)
            due = Min(due, change);
        if (manager?.Due is { } word)
            due = Min(due, word);
        foreach (var start in _starts)
        {
            if (start.KillAt is { } kill)
                due = Min(due, Until(kill));
            if (start.UntilListening is { } listens)
                due = Min(due, listens);
            if (start is { HasListened: true, WasUp: false, End: null })
                due = Min(due, ProgramStart.Settling - start.SinceListening);
            if (start is { WasUp: true, HasReleased: false, HasPassed: false, End: null } && _starts.Count == 1)
                due = Min(due, ProgramStart.Releasing - start.SinceListening);
            if (start.End is not null)
                due = Min(due, StartEnding.Pace);
        }
        return due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : due < TimeSpan.Zero ? TimeSpan.Zero : due;
    }

    private void Watch()
    {
        if (_watch is not { } watch)
            return;
        watch.Read();
        if (watch.TakeLack() is { } lack)
            Tell(lack);
        if (watch.Take() is { } path)
            Restart($"{path} changed");
    }

    private void Start(string? reason)
    {
        (_startAt, _startReason) = (null, null);
        if (reason is not null)
            manager?.Restarts();
        var errno = StartTrampoline.Start(recipe with { Disconnects = sockets.AreDisconnected }, out var process, out var channel);
        if (errno != Errno.None)
        {
            channel.Dispose();
            if (reason is null)
                throw new SupervisionException($"{Name} cannot be started ({errno})");
            Tell($"{Name} cannot be started ({errno})");
            Again(_history.DelayAfter(default), reason);
            return;
        }
        _starts.Add(new ProgramStart(process, channel, _wake) { Reason = reason });
    }

    // What came from a start since the last time.
    private void Serve(ProgramStart start)
    {
        if (start.Channel is { } channel && PollCall.WaitUntilReadable(channel, 0))
            Hear(start, channel);
    }

    private void Hear(ProgramStart start, SafeFileDescriptor channel)
    {
        _opening.Hear(start, channel);
        if (!start.IsExecuted)
            return;
        Record(start.Reason is null ? SupervisionEvent.Started : SupervisionEvent.Restarted, start.ProcessId, start.Reason);
        foreach (var signal in start.Waiting)
            _ = SignalCall.SendToChild(start.ProcessId, signal);
    }

    // Where a start stands, and what follows from it.
    private void Look(ProgramStart start)
    {
        if (start.End is not null)
        {
            if (_ending.IsOver(start, _starts, hold.StopTimeout, Tell))
                Gone(start);
            return;
        }
        if (start.KillAt is { } at && Stopwatch.GetTimestamp() >= at)
        {
            Tell($"{Describe(start)} has not ended within {hold.StopTimeout.TotalSeconds:0.#} s: SIGKILL");
            start.KillAt = null;
            _ = SignalCall.SendToChild(start.ProcessId, SignalCall.Kill);
        }
        if (start.UntilListening is { } wait && wait <= TimeSpan.Zero)
            start.Listens();
        LookWhetherUp(start);
        if (start is { WasUp: true, HasReleased: false, HasPassed: false } && _starts.Count == 1 && (sockets.AllTakenBy(start) || start.SinceListening >= ProgramStart.Releasing))
        {
            start.HasReleased = true;
            sockets.Release(static _ => true);
        }
    }

    private void LookWhetherUp(ProgramStart start)
    {
        if (start is not { WasUp: false, HasListened: true, End: null } || !(start.HasPassed || sockets.AllPortsTakenBy(start) || start.SinceListening >= ProgramStart.Settling))
            return;
        start.WasUp = true;
        manager?.Up();
        foreach (var old in _starts.TakeWhile(one => one != start).Where(static one => !one.IsStopping))
            Stop(old, SignalCall.Terminate);
    }

    private void Gone(ProgramStart start)
    {
        var isNewest = _starts[^1] == start;
        var end = start.End!.Value;
        _starts.Remove(start);
        sockets.Forget(start);
        start.Dispose();
        Garbage();
        if (_starts.Count > 0)
        {
            sockets.RestoreFiles();
            if (isNewest && !start.WasUp && !start.IsStopping)
                Tell($"{Describe(start)} {end.Words(start.Fault)} before it was up: the old one goes on");
            if (_again is { } again)
                Restart(again);
            return;
        }
        _exitCode = end.ExitCode;
        var hasNeverBeen = start is { Fault: not null, Reason: null };
        if (hasNeverBeen)
            Tell($"{Encoding.UTF8.GetString(recipe.Command[0])}: {start.Fault}");
        if (_isStopping || hasNeverBeen)
            return;
        if ((start.StopReason ?? _again) is { } reason)
            Again(TimeSpan.Zero, reason);
        else if (StartHistory.Wants(hold.Restart, end))
            After(start, end);
    }

    // A collector left to itself waits until there is as much as the processor's cache holds.
    private void Garbage()
    {
        if (GC.GetTotalAllocatedBytes() - _collectedAt < MostGarbageBytes)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        _collectedAt = GC.GetTotalAllocatedBytes();
    }

    private void After(ProgramStart start, in StartEnd end)
    {
        var delay = _history.DelayAfter(end);
        var when = delay == TimeSpan.Zero ? "" : string.Create(CultureInfo.InvariantCulture, $" in {delay.TotalSeconds:0.#} s");
        var words = end.Words(start.Fault);
        Tell($"{Describe(start)} {words}: it is started again{when}");
        if (_history.Failures == StartHistory.LoopLength)
            Tell($"a crash loop: the last {StartHistory.LoopLength} starts of {Name} ended before they listened; from now on it is started ever less often, at last every {StartHistory.LongestDelay.TotalSeconds:0} s");
        Again(delay, words);
    }

    private void Again(TimeSpan delay, string reason)
    {
        _again = null;
        sockets.RestoreFiles();
        _startAt = Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency);
        _startReason = reason;
    }

    /// <summary>Somebody wants a new start.</summary>
    private void Restart(string reason)
    {
        _again = null;
        if (_isStopping)
            return;
        _history.Forget();
        if (_starts is not [.., var newest])
        {
            Again(TimeSpan.Zero, reason);
            return;
        }
        if (_starts.Count > 1)
        {
            // One that is not up yet may never be.
            _again = reason;
            if (!newest.WasUp)
                Stop(newest, SignalCall.Terminate);
            return;
        }
        if (newest.End is not null || newest.IsStopping)
        {
            newest.StopReason ??= reason;
            return;
        }
        Tell($"{reason}: {Describe(newest)} is started again");
        if (hold.Overlap && newest.WasUp)
        {
            Start(reason);
            return;
        }
        newest.StopReason = reason;
        Stop(newest, SignalCall.Terminate);
    }

    private void Take(SignalNews news)
    {
        switch (news.Number)
        {
            case BlockedSignals.Child:
                Reap();
                break;
            case BlockedSignals.HangUp when news.IsSent && !_terminal.IsGone:
                Restart("SIGHUP");
                break;
            case BlockedSignals.HangUp:
                // As nohup wants it; whoever is to end by it has it already, with the whole process group.
                if (!_terminal.IsHangUpIgnored)
                    Finish(null);
                break;
            case BlockedSignals.Interrupt or BlockedSignals.Terminate:
                Finish(news.IsSent ? news.Number : null);
                break;
            case BlockedSignals.Quit when !news.IsSent:
                Finish(null);
                break;
            default:
                if (news.IsSent)
                    PassOn(news.Number);
                break;
        }
    }

    // The last start is under way. A terminal's Ctrl+C has reached the program as well: what it does about that is its own affair, in its own time.
    private void Finish(int? signal)
    {
        if (!_isStopping)
            manager?.Stops();
        _isStopping = true;
        _startAt = null;
        if (signal is not { } one)
            return;
        foreach (var start in _starts)
            Stop(start, one);
    }

    private void Stop(ProgramStart start, int signal)
    {
        start.IsStopping = true;
        if (start.End is not null)
            return;
        start.KillAt ??= Stopwatch.GetTimestamp() + (long)(hold.StopTimeout.TotalSeconds * Stopwatch.Frequency);
        _ = SignalCall.SendToChild(start.ProcessId, signal);
    }

    private void PassOn(int signal)
    {
        if (_starts.FindLast(static one => one.End is null) is not { } start)
            return;
        // Until it is the program a signal that the program would handle ends it.
        if (start.Channel is null)
            _ = SignalCall.SendToChild(start.ProcessId, signal);
        else
            start.Waiting.Add(signal);
    }

    private void Reap()
    {
        while (AnyChildCall.TryReap(out var child, out var exitCode, out var signal))
        {
            if (_starts.Find(one => one.ProcessId == child && one.End is null) is not { } start)
                continue;
            // What it sent before it ended.
            Serve(start);
            start.Ended(exitCode, signal);
            start.KillAt = null;
            Record(SupervisionEvent.Exited, child, signal == 0 ? exitCode.ToString(CultureInfo.InvariantCulture) : SignalNames.Of(signal));
        }
    }

    private string Describe(ProgramStart start) => string.Create(CultureInfo.InvariantCulture, $"{Name} (pid {start.ProcessId})");

    private void Tell(string message) => _opening.Tell(message);

    private void Record(SupervisionEvent what, int process, string? reason)
    {
        if (plan.Events is not null)
            report.Record(what, process, null, reason);
    }

    private static TimeSpan Until(long at) => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), at);
    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
