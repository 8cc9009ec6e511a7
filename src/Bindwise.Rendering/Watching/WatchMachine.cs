using Bindwise.Model.Events;

namespace Bindwise.Rendering.Watching;

/// <summary>What comes of something that the screen takes notice of.</summary>
/// <param name="Effects">What is to be done outside, in this order.</param>
internal readonly record struct WatchStep(WatchState State, ImmutableArray<WatchEffect> Effects)
{
    public static implicit operator WatchStep(WatchState state) => new(state, []);
}

/// <summary>The screen of <c>watch</c> as a machine: no clock, no terminal, no kernel.</summary>
internal static class WatchMachine
{
    /// <summary>So many failures are kept to be shown.</summary>
    public const int MostFailures = 200;

    public static WatchStep Step(WatchState state, WatchInput input) =>
        input switch
        {
            WatchInput.Pressed pressed => WatchKeys.Press(state, pressed.Key),
            WatchInput.Looked looked => Learn(state, state.Live with { Census = looked.Census }),
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
        var number = facts.FailureCount + (happened.Kind == PortEventKind.BindFailed ? happened.Count : 0);
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
        for (var index = 0; index < failures.Length; index++)
        {
            if (failures[index].Event.Program == noisiest)
                return index;
        }
        return 0;
    }
}
