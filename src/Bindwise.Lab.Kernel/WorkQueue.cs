using System.Diagnostics.CodeAnalysis;

namespace Bindwise.Lab.Kernel;

/// <summary>
/// Where entries wait for a thread that plays them: one thread puts, several take. Nobody is woken who does not wait, and who puts is woken
/// only when half of the room is free: to hand over one by one would cost more than most scenarios.
/// </summary>
internal sealed class WorkQueue<T>(int most) where T : class
{
    private readonly object _gate = new();
    private readonly Queue<T> _entries = new();
    private int _waitingTakers;
    private bool _isPutterWaiting;
    private bool _hasEnded;
    private volatile bool _isStopped;

    /// <summary>The play ends soon: nothing more is taken.</summary>
    internal bool IsStopped => _isStopped;

    /// <summary>Nothing is left to take, and nothing more comes.</summary>
    internal bool IsOver
    {
        get
        {
            lock (_gate)
                return _isStopped || (_hasEnded && _entries.Count == 0);
        }
    }

    /// <returns>False when the play ends and nothing more is taken.</returns>
    internal bool Put(T entry, out int waiting)
    {
        lock (_gate)
        {
            while (_entries.Count >= most && !_isStopped)
            {
                _isPutterWaiting = true;
                Monitor.Wait(_gate);
            }
            _entries.Enqueue(entry);
            waiting = _entries.Count;
            if (_waitingTakers > 0)
                Monitor.PulseAll(_gate);
            return !_isStopped;
        }
    }

    /// <summary>Takes the next entry, and waits for one if there is none, until something changes.</summary>
    /// <param name="patience">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> without an end.</param>
    /// <param name="entry">The entry; null when there is none yet, or none comes any more.</param>
    internal bool TryTake(TimeSpan patience, [NotNullWhen(true)] out T? entry)
    {
        entry = null;
        lock (_gate)
        {
            if (_entries.Count == 0 && !_hasEnded)
                Wait(patience);
            if (_isStopped || !_entries.TryDequeue(out entry))
                return false;
            if (_isPutterWaiting && _entries.Count <= most / 2)
            {
                _isPutterWaiting = false;
                Monitor.PulseAll(_gate);
            }
            return true;
        }
    }

    /// <summary>Lets so much time pass, less when the play ends.</summary>
    internal void Pause(TimeSpan time)
    {
        lock (_gate)
        {
            var end = TimeProvider.System.GetTimestamp() + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
            while (!_isStopped && TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), end) is var left
                && left > TimeSpan.Zero)
                Wait(left);
        }
    }

    internal void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            Monitor.PulseAll(_gate);
        }
    }

    internal void Stop()
    {
        lock (_gate)
        {
            _hasEnded = _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    // Rounded up: a wait must not end early.
    private void Wait(TimeSpan time)
    {
        _waitingTakers++;
        try
        {
            Monitor.Wait(_gate, time == Timeout.InfiniteTimeSpan ? time : TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)));
        }
        finally
        {
            _waitingTakers--;
        }
    }
}

/// <summary>Answers entries, never two at once: in their order, or each as soon as it is played.</summary>
/// <param name="limits">How many may be unanswered, and whether order counts.</param>
/// <param name="answer">Takes an entry and its result; false when nothing more is wanted.</param>
internal sealed class AnswerQueue<T>(StreamLimits limits, Func<T, ScenarioResult?, bool> answer)
{
    // Held for the bookkeeping only, not while an answer is written.
    private readonly object _gate = new();
    private readonly object _turn = new();
    private readonly Queue<Slot<T>> _unanswered = new();
    private bool _isAnswering;
    private bool _isStopped;

    /// <summary>An entry was read: it will be answered after those before it. Waits while too many are unanswered.</summary>
    internal Slot<T> Expect(T entry)
    {
        var slot = new Slot<T>(entry);
        if (!limits.InOrder)
            return slot;
        lock (_gate)
        {
            while (_unanswered.Count >= limits.Unanswered && !_isStopped)
                Monitor.Wait(_gate);
            _unanswered.Enqueue(slot);
        }
        return slot;
    }

    /// <summary>An entry was played, or holds nothing to play: answers what can be answered now.</summary>
    /// <returns>False when nothing more is wanted.</returns>
    internal bool Give(Slot<T> slot, ScenarioResult? result)
    {
        if (!limits.InOrder)
        {
            lock (_turn)
                return !_isStopped && answer(slot.Entry, result);
        }
        lock (_gate)
        {
            slot.Result = result;
            slot.IsPlayed = true;
            // Who answers already takes this one too.
            if (_isAnswering || _isStopped)
                return !_isStopped;
            _isAnswering = true;
        }
        return AnswerOn();
    }

    internal void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool AnswerOn()
    {
        while (true)
        {
            Slot<T> next;
            lock (_gate)
            {
                if (_isStopped || !_unanswered.TryPeek(out next!) || !next.IsPlayed)
                {
                    _isAnswering = false;
                    return !_isStopped;
                }
                _unanswered.Dequeue();
                if (_unanswered.Count == limits.Unanswered / 2)
                    Monitor.PulseAll(_gate);
            }
            if (!answer(next.Entry, next.Result))
                return false;
        }
    }
}

/// <summary>An entry that was read and not yet answered.</summary>
internal sealed class Slot<T>(T entry)
{
    public T Entry => entry;

    public ScenarioResult? Result { get; set; }
    public bool IsPlayed { get; set; }
}
