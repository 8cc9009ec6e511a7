namespace Bindwise.Model.Restarting;

internal static class RestartBackoff
{
    /// <param name="initial">Before the first; zero stays zero.</param>
    /// <param name="attempt">Counted from 1.</param>
    internal static TimeSpan Of(TimeSpan initial, TimeSpan longest, int attempt)
    {
        var ticks = initial.Ticks;
        for (var doubled = 1; doubled < attempt && ticks < longest.Ticks && ticks > 0; doubled++)
            ticks = ticks > longest.Ticks / 2 ? longest.Ticks : ticks * 2;
        return TimeSpan.FromTicks(Math.Min(ticks, longest.Ticks));
    }
}

/// <summary>When a program that has ended is started again.</summary>
internal enum RestartPolicy
{
    /// <summary>After any end but exit code 0.</summary>
    OnFailure,

    Always,
    Never,
}
