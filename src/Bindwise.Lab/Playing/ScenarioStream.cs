using System.Runtime.ExceptionServices;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>
/// Plays scenarios as they come and answers them. One that waits on the kernel is put aside while the others go on, so a thousand
/// that wait a minute take little more than a minute.
/// </summary>
/// <typeparam name="T">What the scenarios come in, as a line of a file.</typeparam>
/// <param name="stage">Where they are played.</param>
/// <param name="limits">How many at once, and whether answers come in order.</param>
/// <param name="scenarioOf">The scenario in an entry; null for one that holds none and is answered as it is. On any thread, several at once.</param>
/// <param name="answer">Takes an entry and its result, never two at once, on any thread; false ends the play.</param>
public sealed class ScenarioStream<T>(ScenarioHosts stage, StreamLimits limits, Func<T, Scenario?> scenarioOf, Func<T, ScenarioResult?, bool> answer)
{
    // Entries that wait for each thread before a further one starts.
    private const int EnoughForAThread = 8;

    private readonly WorkQueue<Slot<T>> intake = new(limits.Ahead);
    private readonly AnswerQueue<T> answering = new(limits, answer);
    private readonly List<Thread> workers = [];
    private ExceptionDispatchInfo? fault;

    /// <summary>Plays all of them, once. An exception of the entries, of an answer or of the stage ends the play and is thrown.</summary>
    /// <param name="entries">The entries; the next is asked for only when there is room for it.</param>
    /// <param name="cancellation">Ends the play soon: what has not been answered then is not.</param>
    public void Play(IEnumerable<T> entries, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (stage.Kernel is null)
        {
            PlayHere(entries, cancellation);
            return;
        }
        using var registration = cancellation.Register(Stop);
        try
        {
            foreach (var entry in entries)
            {
                if (!intake.Put(answering.Expect(entry), out var queued))
                    break;
                if (workers.Count < limits.Workers && queued > workers.Count * EnoughForAThread)
                    StartWorker();
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        intake.End();
        workers.ForEach(static worker => worker.Join());
        fault?.Throw();
    }

    // Nothing is faster than not to hand over.
    private void PlayHere(IEnumerable<T> entries, CancellationToken cancellation)
    {
        using var player = new Player(stage);
        foreach (var entry in entries)
        {
            if (cancellation.IsCancellationRequested || !answer(entry, scenarioOf(entry) is { } scenario ? player.Play(scenario, cancellation) : null))
                return;
        }
    }

    private void StartWorker()
    {
        var worker = new StreamWorker<T>(stage, Math.Max(1, limits.Waiting / limits.Workers), intake, scenarioOf, Give);
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
        {
            IsBackground = true,
            Name = "lab",
        };
        workers.Add(thread);
        thread.Start();
    }

    private bool Give(Slot<T> slot, ScenarioResult? result)
    {
        if (answering.Give(slot, result))
            return true;
        Stop();
        return false;
    }

    private void Stop()
    {
        intake.Stop();
        answering.Stop();
    }

    private void Fail(Exception exception)
    {
        Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(exception), null);
        Stop();
    }
}
