namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>What a record tells, one thing after the other, on two sides.</summary>
internal sealed class SequenceEvents
{
    // What a reader could still follow.
    private const int MostItems = 600;

    // How often a countdown is told again while nothing else happens.
    private const double CountdownSeconds = 10;

    private readonly List<SequenceItem> _items = [];
    private readonly TrackStates _lives;
    private readonly double?[] _counted = [null, null];

    // A full countdown: 60 s, or what the kernel's timer makes of them.
    private readonly double[] _whole = [60, 60];

    public SequenceEvents(Record record)
    {
        Ends = new SequenceSides(record);
        _lives = new TrackStates(Ends);
        Add(WithoutPauses(record.Steps));
    }

    public SequenceSides Ends { get; }

    public IReadOnlyList<SequenceItem> Items => _items;

    public bool HasSeveral(Side side) => _lives.AreSeveral(side);

    public int LeftOut { get; private set; }

    private void Add(ImmutableArray<RecordedStep> steps)
    {
        for (var index = 0; index < steps.Length;)
        {
            if (_items.Count > MostItems)
            {
                LeftOut = steps.Length - index;
                break;
            }
            var alike = Alike(steps, index);
            if (alike > 2)
            {
                Repeat(steps, index, alike);
                index += alike;
                continue;
            }
            var count = CallText.Together(steps, index);
            for (var part = index; part < index + count; part++)
                HappenBefore(steps[part]);
            Call(steps, index, count);
            for (var part = index; part < index + count; part++)
                Happen(steps[part]);
            Count(steps[index + count - 1], isForced: false);
            index += count;
        }
        if (steps.Length > 0 && LeftOut == 0)
            _items.Add(new EndItem(steps[^1].End));
    }

    // Between two attempts of a retry a host lets time pass, which the times tell already.
    private static ImmutableArray<RecordedStep> WithoutPauses(ImmutableArray<RecordedStep> steps)
    {
        var shown = ImmutableArray.CreateBuilder<RecordedStep>(steps.Length);
        foreach (var step in steps)
        {
            if (step.Step is not WaitStep || shown.Count == 0 || shown[^1].Index != step.Index || step.Events.Any(StepEvents.IsSeen))
                shown.Add(step);
        }
        return shown.ToImmutable();
    }

    // Attempts of one retry that gave the same, with nothing to see meanwhile.
    private static int Alike(ImmutableArray<RecordedStep> steps, int first)
    {
        var count = 1;
        while (first + count < steps.Length
            && steps[first + count].Index == steps[first].Index
            && steps[first + count].Step == steps[first].Step
            && steps[first + count].Result.Result == steps[first].Result.Result
            && !steps[first + count - 1].Events.Any(StepEvents.IsSeen))
        {
            count++;
        }
        return count;
    }

    // The first, then one every ten seconds of the countdown, and the last.
    private void Repeat(ImmutableArray<RecordedStep> steps, int first, int count)
    {
        var last = first + count - 1;
        var hidden = 0;
        for (var index = first; index <= last; index++)
        {
            var isDue = index == first || index == last || (steps[index].Begin - LastCall()).TotalSeconds >= CountdownSeconds;
            if (!isDue)
            {
                hidden++;
                continue;
            }
            if (hidden > 0)
                _items.Add(new NoteItem(_items[^1].At,
                    string.Create(CultureInfo.InvariantCulture, $"{hidden} more attempts, all {steps[index].Result.Result}")));
            hidden = 0;
            HappenBefore(steps[index]);
            Call(steps, index, 1);
            Happen(steps[index]);
            Count(steps[index], isForced: true);
        }
    }

    private TimeSpan LastCall() => _items.FindLast(static item => item is CallItem)?.At ?? TimeSpan.Zero;

    private void Call(ImmutableArray<RecordedStep> steps, int first, int count)
    {
        var (begun, ended) = (steps[first], steps[first + count - 1]);
        switch (begun.Step)
        {
            case WaitStep:
                return;
            case SysctlStep:
                _items.Add(new NoteItem(begun.Begin,
                    $"{CallText.Of(steps, first, count)} {CallText.ResultOf(begun.Step, begun.Result)}".TrimEnd()));
                return;
        }
        _items.Add(new CallItem(begun.Begin, SideOf(begun.Step), CallText.Of(steps, first, count))
        {
            Result = CallText.ResultOf(ended.Step, ended.Result),
            Tone = CallText.ToneOf(ended.Step, ended.Result),
        });
    }

    private Side SideOf(Step step) => step switch
    {
        SocketStep socket => Ends.Of(socket.Socket),
        SignalStep signal => Ends.OfProcess(signal.Process),
        ExitStep exit => Ends.OfProcess(exit.Process),
        RetryStep retry => Ends.Of(retry.Attempt.Socket),
        _ => Side.Left,
    };

    // Between two attempts of a retry something may happen, by which the later one succeeds.
    private void HappenBefore(RecordedStep step) => Add(StepEvents.Of(step).Where(one => one.At < step.Begin));

    private void Happen(RecordedStep step)
    {
        Add(StepEvents.Of(step).Where(one => one.At >= step.Begin));
        _items.AddRange(_lives.Compare(step.Sockets, step.End));
    }

    private void Add(IEnumerable<HostEvent> events)
    {
        foreach (var hostEvent in events)
        {
            switch (hostEvent)
            {
                case StateEvent change when _lives.Take(change) is { } item:
                    _items.Add(item);
                    break;
                case SegmentEvent segment:
                    var (from, to) = (Ends.Of(segment.From), Ends.Of(segment.To));
                    var which = Ends.HasSeveral
                        ? string.Create(CultureInfo.InvariantCulture, $" ({(from == Side.Left ? segment.To : segment.From).Port})") : "";
                    _items.Add(new SegmentItem(segment.At, from, from != to, SegmentText.Of(segment) + which, segment.Fate));
                    break;
            }
        }
    }

    private void Count(RecordedStep step, bool isForced)
    {
        if (step.Step is not (BindStep or ListenStep or ConnectStep or WaitStep or StateStep))
            return;
        foreach (var side in (ReadOnlySpan<Side>)[Side.Left, Side.Right])
        {
            var longest = step.Sockets
                .Where(row => row.SecondsLeft is > 0 && (row.Socket is { } name ? Ends.Of(name) : Ends.Of(row.Local)) == side)
                .MaxBy(static row => row.SecondsLeft);
            if (longest?.SecondsLeft is not { } left)
                _counted[(int)side] = null;
            else if (_counted[(int)side] is not { } shown || Math.Abs(shown - left) >= (isForced ? 0.05 : 0.5))
            {
                _counted[(int)side] = left;
                _whole[(int)side] = Math.Max(_whole[(int)side], left);
                _items.Add(new CountItem(step.End, side, left, left / _whole[(int)side], StateTones.Of(longest.State)));
            }
        }
    }
}

/// <summary>Something that a sequence diagram shows, in the order of the record.</summary>
/// <param name="At">When, since the scenario's start.</param>
internal abstract record SequenceItem(TimeSpan At);

/// <summary>A call, or several that one line says.</summary>
/// <param name="Result">What it gave, with the rule and the blockers; empty where that goes without saying.</param>
internal sealed record CallItem(TimeSpan At, Side Side, string Text, string Result = "", Tone Tone = default) : SequenceItem(At);

internal sealed record StateItem(TimeSpan At, Side Side, string Socket, string State, Tone Tone, TrackState? Track) : SequenceItem(At);

/// <summary>What a track shows: the most telling state on its side.</summary>
/// <param name="IsDotted">Only what is left of closed sockets.</param>
internal sealed record TrackState(Tone Tone, bool IsDotted);

internal sealed record SegmentItem(TimeSpan At, Side From, bool IsAcross, string Text, SegmentFate Fate) : SequenceItem(At);

/// <param name="Share">How much of the whole that is.</param>
internal sealed record CountItem(TimeSpan At, Side Side, double SecondsLeft, double Share, Tone Tone) : SequenceItem(At);

/// <summary>Something that concerns no side: a sysctl.</summary>
internal sealed record NoteItem(TimeSpan At, string Text) : SequenceItem(At);

internal sealed record EndItem(TimeSpan At) : SequenceItem(At);

/// <summary>One of the two ends of a sequence diagram.</summary>
internal enum Side : byte
{
    /// <summary>That of the scenario's first socket.</summary>
    Left,

    Right,
}
