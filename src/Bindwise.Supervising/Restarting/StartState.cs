namespace Bindwise.Supervising.Restarting;

/// <summary>How far a start of a program has come. It never goes back.</summary>
internal enum StartPhase : byte
{
    /// <summary>Its process, if there is one yet, is not the program.</summary>
    Opening,

    Running,

    /// <summary>It has a socket that listens, or a bound one of UDP.</summary>
    Listening,

    /// <summary>It has what was kept for it, or has had the time to take it: the one before it may stop.</summary>
    Ready,

    /// <summary>What it has not taken is closed.</summary>
    Settled,
}

/// <param name="ExitCode">Its exit code; 128 and the signal's number where a signal ended it.</param>
/// <param name="Signal">That signal; 0 for none.</param>
/// <param name="HasListened">It had a listening socket, or a bound one of UDP.</param>
internal readonly record struct StartEnd(int ExitCode, int Signal, bool HasListened, TimeSpan Ran)
{
    /// <summary>The same in a sentence that begins with its name.</summary>
    /// <param name="fault">Why it could not be executed; null where it could.</param>
    internal string Words(string? fault) =>
        fault is not null ? $"was not executed ({fault})"
        : Signal == 0 ? string.Create(CultureInfo.InvariantCulture, $"ended with exit code {ExitCode}")
        : $"was ended by {SignalNames.Of(Signal)}";
}

/// <summary>One start of a program. Times are those of the machine's clock.</summary>
/// <param name="Id">Its number among the starts, from 0.</param>
/// <param name="Reason">Why it was started again; null for the first.</param>
internal sealed record StartState(int Id, string? Reason, TimeSpan BeganAt)
{
    /// <summary>0 until there is one.</summary>
    internal int ProcessId { get; init; }

    internal StartPhase Phase { get; init; }

    /// <summary>Since when it is the program, or last got a socket.</summary>
    internal TimeSpan Since { get; init; }

    /// <summary>Its calls are answered: the listener of its filter ends with its last process.</summary>
    internal bool IsSupervised { get; init; }

    internal bool IsSilent { get; init; }

    /// <summary>It got what is kept with LISTEN_FDS: whether it uses that, nothing tells but that it goes on.</summary>
    internal bool HasPassedSockets { get; init; }

    /// <summary>Signals that came before it was the program, which would have ended it.</summary>
    internal ImmutableArray<int> Signals { get; init; } = [];

    internal bool IsStopping { get; init; }

    /// <summary>For what the program is started again when this one has ended; null where nobody asked for that.</summary>
    internal string? NextReason { get; init; }

    /// <summary>When it is killed, or what it left behind; null for not yet.</summary>
    internal TimeSpan? KillAt { get; init; }

    /// <summary>Why the program could not be executed; null where it could.</summary>
    internal string? Fault { get; init; }

    /// <summary>How its process ended; null as long as it runs.</summary>
    internal StartEnd? End { get; init; }

    /// <summary>Once it has ended: when it is looked for what it left behind.</summary>
    internal TimeSpan LookAt { get; init; }

    /// <summary>Once it has ended: since when nothing of it was found, though its filter is still in use.</summary>
    internal TimeSpan? NothingLeftSince { get; init; }

    internal bool HasListened => Phase >= StartPhase.Listening;
    internal bool WasReady => Phase >= StartPhase.Ready;
}
