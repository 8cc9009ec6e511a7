using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel;

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
