using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Bindwise.Lab.Playing;
using Bindwise.Linux.Live;

namespace Bindwise.Lab.Kernel;

/// <summary>
/// Plays scenarios as they come and answers them. One that waits on the kernel is put aside while the others go on, so a thousand that wait
/// a minute take little more than a minute.
/// </summary>
/// <typeparam name="T">What the scenarios come in, as a line of a file.</typeparam>
/// <param name="limits">How many at once, and whether answers come in order.</param>
/// <param name="scenarioOf">The scenario in an entry; null for one that holds none and is answered as it is. On any thread, several at
/// once.</param>
/// <param name="answer">Takes an entry and its result, never two at once, on any thread; false ends the play.</param>
internal sealed class ScenarioStream<T>(ScenarioHosts hosts, StreamLimits limits, Func<T, Scenario?> scenarioOf,
    Func<T, ScenarioResult?, bool> answer)
{
    // Entries that wait for each thread before a further one starts.
    private const int EnoughForAThread = 8;

    private readonly WorkQueue<Slot<T>> _queue = new(limits.Ahead);
    private readonly AnswerQueue<T> _answers = new(limits, answer);
    private readonly List<Thread> _workers = [];
    private ExceptionDispatchInfo? _fault;

    /// <summary>Plays all of them, once. An exception of the entries, of an answer or of the hosts ends the play and is thrown.</summary>
    /// <param name="entries">The entries; the next is asked for only when there is room for it.</param>
    /// <param name="cancellation">Ends the play soon: what has not been answered then is not.</param>
    public void Play(IEnumerable<T> entries, CancellationToken cancellation)
    {
        if (hosts.Kernel is null)
        {
            PlayHere(entries, cancellation);
            return;
        }
        using var registration = cancellation.Register(Stop);
        try
        {
            foreach (var entry in entries)
            {
                if (!_queue.Put(_answers.Expect(entry), out var queued))
                    break;
                if (_workers.Count < limits.Workers && queued > _workers.Count * EnoughForAThread)
                    StartWorker();
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        _queue.End();
        _workers.ForEach(static worker => worker.Join());
        _fault?.Throw();
    }

    // Nothing is faster than not to hand over.
    private void PlayHere(IEnumerable<T> entries, CancellationToken cancellation)
    {
        using var player = new Player(hosts);
        foreach (var entry in entries)
        {
            if (cancellation.IsCancellationRequested
                || !answer(entry, scenarioOf(entry) is { } scenario ? player.Play(scenario, cancellation) : null))
                return;
        }
    }

    private void StartWorker()
    {
        var worker = new StreamWorker<T>(hosts, limits, _queue, scenarioOf, Give);
        var thread = new Thread(() =>
        {
            try
            {
                worker.Work();
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        })
        { IsBackground = true, Name = "lab" };
        _workers.Add(thread);
        thread.Start();
    }

    private bool Give(Slot<T> slot, ScenarioResult? result)
    {
        if (_answers.Give(slot, result))
            return true;
        Stop();
        return false;
    }

    private void Stop()
    {
        _queue.Stop();
        _answers.Stop();
    }

    private void Fail(Exception exception)
    {
        Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(exception), null);
        Stop();
    }
}

/// <summary>
/// One thread that plays the scenarios of a stream. What it begins it ends: a scenario that waits on the kernel is put aside, and goes on
/// here when its time has come.
/// </summary>
/// <param name="scenarioOf">The scenario in an entry; null for one that holds none.</param>
/// <param name="give">Takes what an entry gave; false when nothing more is wanted.</param>
internal sealed class StreamWorker<T>(
    ScenarioHosts hosts, StreamLimits limits, WorkQueue<Slot<T>> queue, Func<T, Scenario?> scenarioOf,
    Func<Slot<T>, ScenarioResult?, bool> give)
{
    private readonly int _mostWaiting = Math.Max(1, limits.Waiting / limits.Workers);
    private readonly PriorityQueue<Begun, long> _waiting = new();

    /// <summary>Plays until nothing is left, or until the play is stopped.</summary>
    internal void Work()
    {
        using var player = new Player(hosts);
        try
        {
            while (!queue.IsStopped && PlayNext(player))
                continue;
        }
        finally
        {
            while (_waiting.TryDequeue(out var left, out _))
                left.Run.Dispose();
        }
    }

    /// <param name="Number">Its how many-th play it is, from 1.</param>
    /// <param name="First">When the first began, by <see cref="Stopwatch"/>.</param>
    private sealed record Begun(Slot<T> Slot, ScenarioRun Run, int Number, long First)
    {
        /// <summary>How much longer than they should its waits took: others of this thread were at work.</summary>
        public TimeSpan HeldUp { get; init; }

        /// <summary>How long its calls took, of which some wait for the other end; null before it began.</summary>
        public TimeSpan? Calls { get; init; }
    }

    // False at the end. What has waited long enough goes first: its time must not pass by.
    private bool PlayNext(Player player)
    {
        var patience = Timeout.InfiniteTimeSpan;
        if (_waiting.TryPeek(out var next, out var due))
        {
            patience = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (patience <= TimeSpan.Zero)
            {
                _waiting.Dequeue();
                return Advance(player, next.Calls is null ? next : next with { HeldUp = next.HeldUp - patience });
            }
        }
        var hasRoom = _waiting.Count == 0 || (_waiting.Count < _mostWaiting && player.HasRoom);
        if (hasRoom && queue.TryTake(patience, out var slot))
            return scenarioOf(slot.Entry) is { } scenario
                ? Advance(player, new Begun(slot, player.Begin(scenario), 1, Stopwatch.GetTimestamp()))
                : give(slot, null);
        if (_waiting.Count == 0)
            return !queue.IsOver;
        if (!hasRoom || queue.IsOver)
            queue.Pause(patience);
        return true;
    }

    private bool Advance(Player player, Begun play)
    {
        var begun = Stopwatch.GetTimestamp();
        var wait = play.Run.Advance();
        var calls = (play.Calls ?? TimeSpan.Zero) + Stopwatch.GetElapsedTime(begun);
        if (wait is not null)
            return PutAside(play with { Calls = calls }, wait.Value);
        var result = play.Run.Result;
        if (!result.IsMismatch || calls + play.HeldUp <= HeldUpPlay.Slack)
            return give(play.Slot, result);
        if (HeldUpPlay.HasTime(play.Number, Stopwatch.GetElapsedTime(play.First), limits.Patience))
        {
            return PutAside(new Begun(play.Slot, player.Begin(result.Scenario), play.Number + 1, play.First),
                HeldUpPlay.PauseAfter(play.Number));
        }
        // Calls that wait for the other end take long on any machine: what differs each time differs.
        return give(play.Slot, play.HeldUp > HeldUpPlay.Slack ? HeldUpPlay.TooBusy(result, play.Number, play.HeldUp) : result);
    }

    private bool PutAside(Begun play, TimeSpan wait)
    {
        _waiting.Enqueue(play, Stopwatch.GetTimestamp() + (long)(wait.TotalSeconds * Stopwatch.Frequency));
        return true;
    }
}

/// <summary>How much of a stream of scenarios may be under way at once.</summary>
internal sealed record StreamLimits
{
    // Few scenarios have more sockets at a time, with a namespace of their own.
    private const int DescriptorsEach = 8;

    // On the model alone, as everywhere but on Linux, nobody opens any.
    private static int Descriptors => OperatingSystem.IsLinux() ? DescriptorLimit.Read() : int.MaxValue;

    /// <summary>
    /// The threads that play on the kernel, more than processors: one whose SYN nobody answers sleeps for five seconds in connect().
    /// Further ones than the first start when scenarios queue up. On the model alone the calling thread plays: there nobody waits.
    /// </summary>
    public int Workers { get; init; } = Math.Clamp(8 * Environment.ProcessorCount, 8, 32);

    /// <summary>The entries that may be read before a thread takes them.</summary>
    public int Ahead { get; init; } = 256;

    /// <summary>
    /// The scenarios that may wait at once, on all threads together; further ones begin only as these go on. Fewer where this process may
    /// have few descriptors.
    /// </summary>
    public int Waiting { get; init; } = Math.Clamp(Descriptors / DescriptorsEach, 8, 2_500);

    /// <summary>
    /// The entries that may be read and not yet answered, where answers come in order: one that waits holds up those after it.
    /// </summary>
    public int Unanswered { get; init; } = 20_000;

    /// <summary>How long a scenario that the machine holds up is played again.</summary>
    public TimeSpan Patience { get; init; } = HeldUpPlay.Patience;

    /// <summary>Entries are answered in their order; otherwise each as soon as it is played.</summary>
    public bool InOrder { get; init; } = true;
}
