namespace Bindwise.Rendering.Watching;

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
        if (key.Kind == KeyKind.Escape || IsCharacter(key, 'q') || (overlay is WatchOverlay.Help && IsCharacter(key, '?'))
            || (overlay is WatchOverlay.Free && key.Kind == KeyKind.Enter))
            return Close(state);
        if (overlay is WatchOverlay.Answer { Diagnosis: not null, Event: null } answer && IsCharacter(key, 'f')
            && state.Selected?.Target is { } target
            && target.Text == answer.Title)
            return new WatchStep(
                state with { Question = state.Question + 1, Overlay = new WatchOverlay.Free(state.Question + 1, target.Text) },
                [new WatchEffect.Forget(answer.Question), new WatchEffect.Plan(state.Question + 1, target)]);
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
        if (!isYes && question.Optional is null)
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
