namespace Bindwise.Rendering.Watching;

/// <summary>Which lines a screen of a height has: where there are few, the rows are what stays.</summary>
/// <param name="HasNote">What is to be said of the selected row, or the last failure.</param>
/// <param name="Body">The lines that are left for rows.</param>
internal readonly record struct WatchLayout(bool HasTitle, bool HasSummary, bool HasHeaders, bool HasNote, bool HasKeys, int Body)
{
    public static WatchLayout Of(WatchState state)
    {
        var lines = state.Lines;
        var (hasTitle, hasSummary, hasNote, hasKeys) = (lines >= 3, lines >= 8, lines >= 10, lines >= 2);
        var hasHeaders = lines >= 5 && state.View != WatchView.States;
        var used = Count(hasTitle) + Count(hasSummary) + Count(hasHeaders) + Count(hasNote) + Count(hasKeys);
        return new WatchLayout(hasTitle, hasSummary, hasHeaders, hasNote, hasKeys, Math.Max(0, lines - used));
    }

    private static int Count(bool isThere) => isThere ? 1 : 0;
}
