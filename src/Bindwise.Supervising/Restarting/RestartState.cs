using Bindwise.Model.Restarting;

namespace Bindwise.Supervising.Restarting;

/// <param name="Reason">Why; null for the first.</param>
internal readonly record struct NextStart(TimeSpan At, string? Reason);

/// <summary>
/// Where a program and its restarts stand. Times are those of the machine's clock, which begins anywhere and never goes back.
/// </summary>
internal sealed record RestartState(RestartRules Rules)
{
    /// <summary>The newest last; more than one only while a new one overlaps the old.</summary>
    internal ImmutableArray<StartState> Starts { get; init; } = [];

    internal NextStart? Next { get; init; }

    /// <summary>A restart that was asked for while one was under way.</summary>
    internal string? Again { get; init; }

    internal RestartHistory History { get; init; }

    /// <summary>The last start is under way.</summary>
    internal bool IsStopping { get; init; }

    /// <summary>Of the start that ended last.</summary>
    internal int ExitCode { get; init; }

    internal int NextId { get; init; }

    /// <summary>Nothing runs, and nothing will.</summary>
    internal bool IsOver => (NextId > 0 || IsStopping) && Starts.IsEmpty && Next is null;

    /// <summary>When something is due that nothing else tells; null for never.</summary>
    internal TimeSpan? DueAt
    {
        get
        {
            var due = Next?.At;
            foreach (var start in Starts)
                due = Earlier(due, DueOf(start));
            return due;
        }
    }

    private TimeSpan? DueOf(StartState start)
    {
        if (start.End is not null)
            return start.LookAt;
        TimeSpan? next = start.Phase switch
        {
            StartPhase.Running when start.HasPassedSockets => start.Since + RestartRules.Settling,
            StartPhase.Listening => start.Since + RestartRules.Settling,
            StartPhase.Ready when Starts.Length == 1 && !start.HasPassedSockets => start.Since + RestartRules.Releasing,
            _ => null,
        };
        return Earlier(next, start.KillAt);
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;
}

/// <summary>
/// How starts ended that nobody asked to end, and how long the next one waits. A program that had its sockets is started again at once,
/// since clients wait; one that ends before that, again and again, ever later.
/// </summary>
/// <param name="Failures">How many starts in a row ended before they listened.</param>
/// <param name="ShortStarts">How many in a row ended soon after they listened.</param>
internal readonly record struct RestartHistory(int Failures, int ShortStarts)
{
    /// <summary>So many ends before listening, one after the other, are called a crash loop.</summary>
    internal const int LoopLength = 5;

    /// <summary>So many short starts, one after the other, are not held back.</summary>
    internal const int FreeShortStarts = 10;

    internal static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    internal static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    /// <returns>The history with it, and how long the next start waits.</returns>
    internal (RestartHistory History, TimeSpan Delay) After(in StartEnd end)
    {
        // What runs that long is no crash at the start, also where it never listens.
        if (end.HasListened || end.Ran >= Long)
        {
            var shortStarts = end.Ran < Short ? ShortStarts + 1 : 0;
            return (new RestartHistory(0, shortStarts), shortStarts > FreeShortStarts ? FirstDelay : TimeSpan.Zero);
        }
        var failures = Failures + 1;
        return (this with { Failures = failures }, RestartBackoff.Of(FirstDelay, LongestDelay, failures));
    }
}
