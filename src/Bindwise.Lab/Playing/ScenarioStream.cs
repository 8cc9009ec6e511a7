using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>
/// Plays scenarios as they come and answers each in its turn. One that waits on the kernel is put aside while the others go on, so
/// a thousand that wait a minute take little more than a minute.
/// </summary>
/// <typeparam name="T">What the scenarios come in, as a line of a file.</typeparam>
/// <param name="stage">Where they are played.</param>
/// <param name="limits">How many at once.</param>
/// <param name="scenarioOf">The scenario in an entry; null for one that holds none and is answered as it is.</param>
/// <param name="answer">Takes an entry and its result, in the order of the entries and never two at once, on any thread; false ends the play.</param>
public sealed class ScenarioStream<T>(Stage stage, StreamLimits limits, Func<T, Scenario?> scenarioOf, Func<T, ScenarioResult?, bool> answer)
{
    // Held for the bookkeeping only, never while a host plays or an answer is written.
    private readonly object gate = new();
    private readonly Queue<Job> fresh = new();
    private readonly PriorityQueue<Job, long> waiting = new();
    private readonly Queue<Job> unanswered = new();
    private bool hasEnded;
    private bool isStopped;
    private bool isAnswering;
    private ExceptionDispatchInfo? fault;

    /// <summary>Plays all of them. An exception of the entries or of an answer ends the play and is thrown.</summary>
    /// <param name="entries">The entries; the next is asked for only when there is room for it.</param>
    /// <param name="cancellation">Ends the play soon: what has not been answered then is not.</param>
    public void Play(IEnumerable<T> entries, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (stage.Kernel is null)
        {
            PlayOneByOne(entries, cancellation);
            return;
        }
        using var registration = cancellation.Register(Stop);
        var workers = Enumerable.Range(0, limits.Workers).Select(_ => new Thread(Work) { IsBackground = true, Name = "lab" }).ToList();
        workers.ForEach(worker => worker.Start());
        try
        {
            foreach (var entry in entries)
            {
                if (!Accept(entry))
                    break;
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        lock (gate)
        {
            hasEnded = true;
            Monitor.PulseAll(gate);
        }
        workers.ForEach(worker => worker.Join());
        foreach (var job in unanswered)
            job.Performance?.Dispose();
        fault?.Throw();
    }

    // Virtual time makes nobody wait, and nothing is faster than not to hand over.
    private void PlayOneByOne(IEnumerable<T> entries, CancellationToken cancellation)
    {
        foreach (var entry in entries)
        {
            if (cancellation.IsCancellationRequested || !answer(entry, scenarioOf(entry) is { } scenario ? stage.Play(scenario, cancellation) : null))
                return;
        }
    }

    private bool Accept(T entry)
    {
        var job = new Job(entry, scenarioOf(entry) is { } scenario ? new Performance(scenario, stage) : null);
        lock (gate)
        {
            while (!hasEnded && (fresh.Count >= limits.Ahead || unanswered.Count >= limits.Unanswered))
                Monitor.Wait(gate);
            if (hasEnded)
                return false;
            unanswered.Enqueue(job);
            if (job.Performance is not null)
                fresh.Enqueue(job);
            Monitor.PulseAll(gate);
        }
        if (job.Performance is null)
            Answer();
        return true;
    }

    private void Work()
    {
        try
        {
            while (Take() is { } job)
            {
                var wait = job.Performance!.Advance();
                lock (gate)
                {
                    if (wait is { } time)
                        waiting.Enqueue(job, Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));
                    else
                        job.IsDone = true;
                    Monitor.PulseAll(gate);
                }
                if (wait is null)
                    Answer();
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    // What has waited long enough goes first: its time must not pass by.
    private Job? Take()
    {
        lock (gate)
        {
            while (!isStopped)
            {
                var pause = Timeout.InfiniteTimeSpan;
                if (waiting.TryPeek(out _, out var due))
                {
                    pause = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                    if (pause <= TimeSpan.Zero)
                        return waiting.Dequeue();
                }
                if (fresh.Count > 0 && waiting.Count < limits.Waiting)
                {
                    Monitor.PulseAll(gate);
                    return fresh.Dequeue();
                }
                if (hasEnded && waiting.Count == 0 && fresh.Count == 0)
                    return null;
                // Rounded up: a wait must not end early.
                Monitor.Wait(gate, pause == Timeout.InfiniteTimeSpan ? pause : TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds)));
            }
            return null;
        }
    }

    // One thread answers what is next, as far as it is done; the others leave theirs to it and go on playing.
    private void Answer()
    {
        lock (gate)
        {
            if (isAnswering)
                return;
            isAnswering = true;
        }
        while (true)
        {
            Job job;
            lock (gate)
            {
                if (isStopped || !unanswered.TryPeek(out var next) || !next.IsDone)
                {
                    isAnswering = false;
                    return;
                }
                job = unanswered.Dequeue();
                Monitor.PulseAll(gate);
            }
            if (!answer(job.Entry, job.Performance?.Result))
                Stop();
        }
    }

    private void Stop() => Fail(null);

    private void Fail(Exception? exception)
    {
        lock (gate)
        {
            fault ??= exception is null ? null : ExceptionDispatchInfo.Capture(exception);
            hasEnded = isStopped = true;
            Monitor.PulseAll(gate);
        }
    }

    private sealed class Job(T entry, Performance? performance)
    {
        public T Entry => entry;

        public Performance? Performance => performance;

        public bool IsDone { get; set; } = performance is null;
    }
}
