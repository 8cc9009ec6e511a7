using Bindwise.Model.Events;

namespace Bindwise.Rendering.Watching;

/// <summary>What comes of something that the screen takes notice of.</summary>
internal readonly record struct WatchStep(WatchState State, ImmutableArray<WatchEffect> Effects)
{
    public static implicit operator WatchStep(WatchState state) => new(state, []);
}

/// <summary>The screen of <c>watch</c> as a machine: no clock, no terminal, no kernel.</summary>
internal static class WatchMachine
{
    public const int MostFailures = 200;

    public static WatchStep Step(WatchState state, WatchInput input) =>
        input switch
        {
            WatchInput.Pressed pressed => WatchKeys.Press(state, pressed.Key),
            WatchInput.CensusRead examined => Learn(state, state.Live with { Census = examined.Census }),
            WatchInput.Happened happened when IsShown(state, happened.Event) => Learn(state, WithFailure(state.Live, happened.Event)),
            WatchInput.Resized resized => WatchRows.Select(state with
            {
                Columns = Math.Max(1, resized.Columns),
                Lines = Math.Max(1, resized.Lines),
            }, state.Memory.Index),
            WatchInput.Answered answered => Change<WatchOverlay.Answer>(state, answered.Question,
                overlay => overlay with { Diagnosis = answered.Diagnosis, Fault = answered.Fault }),
            WatchInput.Planned planned => Change<WatchOverlay.Free>(state, planned.Question, overlay => overlay with
            {
                Plan = planned.Plan,
                Fault = planned.Fault,
                Questions = planned.Plan is null ? [] : FreeQuestion.Of(planned.Plan),
            }),
            WatchInput.Stepped stepped => Change<WatchOverlay.Free>(state, stepped.Question,
                overlay => ToEnd(state, overlay with { Steps = overlay.Steps.Add(stepped.Step) })),
            WatchInput.Released released => Change<WatchOverlay.Free>(state, released.Question,
                overlay => ToEnd(state, overlay with { IsRunning = false, Result = released.Result, Fault = released.Fault })),
            _ => state,
        };

    // What was just done is what one wants to see.
    private static WatchOverlay.Free ToEnd(WatchState state, WatchOverlay.Free overlay) =>
        overlay with { Top = OverlayText.LastTop(state with { Overlay = overlay }) };

    private static WatchState Change<T>(WatchState state, long question, Func<T, T> change)
        where T : WatchOverlay =>
            state.Overlay is T overlay && question == state.Question ? state with { Overlay = change(overlay) } : state;

    private static WatchState Learn(WatchState state, WatchFacts live) =>
        state.IsPaused ? state with { Live = live } : WatchRows.Refresh(state with { Live = live, Shown = live });

    // Ports that come and go are seen in the first view.
    private static bool IsShown(WatchState state, PortEvent happened) =>
        happened.Kind is PortEventKind.BindFailed or PortEventKind.TimeWaitHigh or PortEventKind.QueueOverflow or PortEventKind.RangeHigh
            or PortEventKind.Shadowed or PortEventKind.Lost or PortEventKind.ClockChanged
        && WatchTargets.Mean(state.Place.Targets, happened);

    private static WatchFacts WithFailure(WatchFacts facts, PortEvent happened)
    {
        var number = facts.FailureCount + LostEvents.FailedCalls(happened);
        var failures = facts.Failures;
        for (var index = failures.Length - 1; index >= 0; index--)
        {
            var seen = failures[index];
            if (!IsAlike(seen.Event, happened))
                continue;
            // Connections in TIME_WAIT and ports in use are a level, of which the newest counts; all else adds up.
            var count = happened.Kind is PortEventKind.TimeWaitHigh or PortEventKind.RangeHigh ? happened.Count
                : seen.Event.Count + happened.Count;
            var folded = happened with
            {
                Time = seen.Event.Time,
                Count = count,
                LastTime = happened.LastTime ?? happened.Time,
                Summary = happened is { Kind: PortEventKind.Lost, Summary: not null } ? LostEvents.Summary(count, happened.UserId)
                    : happened.Summary,
            };
            return facts with { FailureCount = number, Failures = failures.RemoveAt(index).Add(seen with { Event = folded }) };
        }
        if (failures.Length >= MostFailures)
            failures = failures.RemoveAt(Superfluous(failures));
        var next = failures.IsEmpty ? 1 : failures.Max(static seen => seen.Number) + 1;
        return facts with { FailureCount = number, Failures = failures.Add(new SeenFailure(next, happened)) };
    }

    private static bool IsAlike(PortEvent one, PortEvent other) =>
        (one.Kind, one.ProcessId, one.Program, one.Call, one.Protocol, one.Address, one.Result, one.NetworkNamespace, one.Cause)
        == (other.Kind, other.ProcessId, other.Program, other.Call, other.Protocol, other.Address, other.Result, other.NetworkNamespace,
            other.Cause)
        && (one.Kind != PortEventKind.Lost || (one.UserId == other.UserId && one.Summary is null == other.Summary is null));

    // The oldest of the program that has the most, so that one that fails as fast as it can hides only its own.
    private static int Superfluous(ImmutableArray<SeenFailure> failures)
    {
        var noisiest = failures.GroupBy(static seen => seen.Event.Program).MaxBy(static group => group.Count())!.Key;
        return failures.IndexOf(failures.First(seen => seen.Event.Program == noisiest));
    }
}

internal static class WatchKeys
{
    private const int LongestFilter = 200;

    public static WatchStep Press(WatchState state, WatchKey key)
    {
        state = state with { Message = null };
        switch (key.Kind)
        {
            case KeyKind.Interrupt:
                return new WatchStep(state, [new WatchEffect.Quit(IsInterrupted: true)]);
            case KeyKind.Redraw:
                return new WatchStep(state, [new WatchEffect.Repaint()]);
        }
        return state.IsEditing ? Edit(state, key)
            : state.Overlay is not null ? OverlayKeys.Press(state, key)
            : PressInView(state, key);
    }

    private static WatchStep PressInView(WatchState state, WatchKey key)
    {
        var page = Math.Max(1, WatchLayout.Of(state).Body - 1);
        var index = state.Memory.Index;
        return key.Kind switch
        {
            KeyKind.Up => WatchRows.Select(state, index - 1),
            KeyKind.Down => WatchRows.Select(state, index + 1),
            KeyKind.PageUp => WatchRows.Select(state, index - page),
            KeyKind.PageDown => WatchRows.Select(state, index + page),
            KeyKind.Home => WatchRows.Select(state, 0),
            KeyKind.End => WatchRows.Select(state, state.Rows.Length - 1),
            KeyKind.Tab => Show(state, (WatchView)(((int)state.View + 1) % WatchViews.Count)),
            KeyKind.BackTab => Show(state, (WatchView)(((int)state.View + WatchViews.Count - 1) % WatchViews.Count)),
            KeyKind.Enter => Why(state),
            KeyKind.Escape => state.Filter.Length > 0 ? WatchRows.Refresh(state with { Filter = "" }) : state,
            KeyKind.Character => PressCharacter(state, (char)Math.Min(key.Character.Value, char.MaxValue)),
            _ => state,
        };
    }

    private static WatchStep PressCharacter(WatchState state, char character) => character switch
    {
        'q' => new WatchStep(state, [new WatchEffect.Quit(IsInterrupted: false)]),
        '?' or 'h' => state with { Overlay = new WatchOverlay.Help() },
        'j' => WatchRows.Select(state, state.Memory.Index + 1),
        'k' => WatchRows.Select(state, state.Memory.Index - 1),
        'g' => WatchRows.Select(state, 0),
        'G' => WatchRows.Select(state, state.Rows.Length - 1),
        >= '1' and <= (char)('0' + WatchViews.Count) => Show(state, (WatchView)(character - '1')),
        '/' when state.View == WatchView.States =>
            state with { Message = "The state diagram counts every socket: choose another view to filter." },
        '/' => state with { IsEditing = true },
        's' => Sort(state),
        ' ' => state.IsPaused ? WatchRows.Refresh(state with { IsPaused = false, Shown = state.Live })
            : state with { IsPaused = true },
        'f' => Free(state),
        _ => state with { Message = "That key does nothing here: ? lists the keys." },
    };

    private static WatchStep Edit(WatchState state, WatchKey key) => key.Kind switch
    {
        KeyKind.Enter => state with { IsEditing = false },
        KeyKind.Escape => WatchRows.Refresh(state with { Filter = "", IsEditing = false }),
        KeyKind.Backspace => WatchRows.Refresh(state with { Filter = WithoutLast(state.Filter) }),
        KeyKind.EraseLine => WatchRows.Refresh(state with { Filter = "" }),
        KeyKind.Character when state.Filter.Length < LongestFilter && !Escaper.IsHarmful(key.Character) && !Rune.IsControl(key.Character) =>
            WatchRows.Refresh(state with { Filter = state.Filter + key.Character }),
        KeyKind.Up or KeyKind.Down or KeyKind.PageUp or KeyKind.PageDown => PressInView(state with { IsEditing = false }, key),
        _ => state,
    };

    private static string WithoutLast(string text)
    {
        var elements = StringInfo.ParseCombiningCharacters(text);
        return elements.Length == 0 ? "" : text[..elements[^1]];
    }

    private static WatchState Show(WatchState state, WatchView view) => WatchRows.Refresh(state with { View = view });

    private static WatchStep Sort(WatchState state)
    {
        var orders = WatchViews.OrdersOf(state.View);
        if (orders.IsEmpty)
            return state with { Message = "The state diagram has no rows to sort." };
        var next = (state.Memory.Sort + 1) % orders.Length;
        return WatchRows.Refresh(WatchRows.With(state, state.Memory with { Sort = next })) with { Message = $"Sorted by {orders[next]}." };
    }

    private static WatchStep Why(WatchState state)
    {
        var number = state.Question + 1;
        if (state.Selected is FailureRow { Seen.Event: var happened, Question: var now } && (happened.Diagnosis is not null || now is null))
            return state with
            {
                Question = number,
                Overlay = new WatchOverlay.Answer(number, happened.Address ?? "") { Diagnosis = happened.Diagnosis, Event = happened },
            };
        if (state.Selected?.Question is not { } asked)
            return state with { Message = Unasked(state) };
        return Opened(state, number, new WatchOverlay.Answer(number, asked.Target.Text) { Asked = asked },
            new WatchEffect.Ask(number, asked));
    }

    private static WatchStep Free(WatchState state)
    {
        if (state.Selected?.Question is not { } asked)
            return state with { Message = Unasked(state) };
        var number = state.Question + 1;
        return Opened(state, number, new WatchOverlay.Free(number, asked.Target.Text), new WatchEffect.Plan(number, asked));
    }

    private static string Unasked(WatchState state) => state switch
    {
        { View: WatchView.States } => "The state diagram has no rows: choose a port in another view.",
        { Selected: null } => "There is no row to select.",
        { View: WatchView.Outgoing } => "A destination is not a port of this host: choose a port in another view.",
        _ => "This row is not about a port of this host.",
    };

    private static WatchStep Opened(WatchState state, long number, WatchOverlay overlay, WatchEffect effect) =>
        new(state with { Question = number, Overlay = overlay }, [effect]);
}

/// <summary>What each key does while an answer, a question or the help stands over the view.</summary>
internal static class OverlayKeys
{
    public static WatchStep Press(WatchState state, WatchKey key)
    {
        var overlay = state.Overlay!;
        var page = Math.Max(1, OverlayText.Room(state) - 1);
        switch (key.Kind)
        {
            case KeyKind.Up:
                return Scroll(state, overlay.Top - 1);
            case KeyKind.Down:
                return Scroll(state, overlay.Top + 1);
            case KeyKind.PageUp:
                return Scroll(state, overlay.Top - page);
            case KeyKind.PageDown:
                return Scroll(state, overlay.Top + page);
            case KeyKind.Home:
                return Scroll(state, 0);
            case KeyKind.End:
                return Scroll(state, int.MaxValue);
        }
        if (overlay is WatchOverlay.Free free && (free.IsRunning || !free.Questions.IsEmpty))
            return PressInFree(state, free, key);
        if (IsCharacter(key, 'q'))
            return new WatchStep(state, [new WatchEffect.Quit(IsInterrupted: false)]);
        if (key.Kind == KeyKind.Escape || (overlay is WatchOverlay.Help && IsCharacter(key, '?'))
            || (overlay is WatchOverlay.Free && key.Kind == KeyKind.Enter))
            return Close(state);
        if (overlay is WatchOverlay.Answer { Diagnosis: not null, Asked: { } asked } answer && IsCharacter(key, 'f'))
            return new WatchStep(
                state with { Question = state.Question + 1, Overlay = new WatchOverlay.Free(state.Question + 1, asked.Target.Text) },
                [new WatchEffect.Forget(answer.Question), new WatchEffect.Plan(state.Question + 1, asked)]);
        return IsCharacter(key, 'j') ? Scroll(state, overlay.Top + 1)
            : IsCharacter(key, 'k') ? Scroll(state, overlay.Top - 1)
            : IsCharacter(key, ' ') ? Scroll(state, overlay.Top + page)
            : IsCharacter(key, 'g') ? Scroll(state, 0)
            : IsCharacter(key, 'G') ? Scroll(state, int.MaxValue)
            : (WatchStep)state;
    }

    // As on a command line, only a y is a yes. What runs is ended by Ctrl+C alone.
    private static WatchStep PressInFree(WatchState state, WatchOverlay.Free free, WatchKey key)
    {
        if (free.IsRunning)
            return state;
        var isYes = IsCharacter(key, 'y') || IsCharacter(key, 'Y');
        if (key.Kind is not (KeyKind.Character or KeyKind.Enter or KeyKind.Escape))
            return state;
        var question = free.Questions[0];
        // A no to what is optional leaves only that out; Escape ends it all.
        if (!isYes && (question.Optional is null || key.Kind == KeyKind.Escape))
            return new WatchStep(state with { Overlay = free with { Questions = [], IsDeclined = true } },
                [new WatchEffect.Forget(free.Question)]);
        free = free with
        {
            Questions = free.Questions.RemoveAt(0),
            Excluded = isYes ? free.Excluded : free.Excluded.Add(question.Optional!),
        };
        if (!free.Questions.IsEmpty)
            return state with { Overlay = free };
        return new WatchStep(state with { Overlay = free with { IsRunning = true } },
            [new WatchEffect.Release(free.Question, free.Excluded)]);
    }

    private static WatchStep Close(WatchState state) => state.Overlay is WatchOverlay.Help ? state with { Overlay = null }
        : new WatchStep(state with { Overlay = null }, [new WatchEffect.Forget(state.Question)]);

    private static WatchState Scroll(WatchState state, int top) =>
        state with { Overlay = state.Overlay! with { Top = Math.Clamp(top, 0, OverlayText.LastTop(state)) } };

    private static bool IsCharacter(WatchKey key, char character) => key == WatchKey.Of(character);
}
