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

    /// <summary>
    /// The newest start, where it was up and an older one outlives it: its end, not the older one's, decides what follows. Else null.
    /// </summary>
    internal StartState? Decisive { get; init; }

    /// <summary>The last start is under way.</summary>
    internal bool IsStopping { get; init; }

    /// <summary>
    /// When SIGINT came; null for not since a restart was asked for. A prompt goes on after it, a server ends, with any exit code and in
    /// its own time.
    /// </summary>
    internal TimeSpan? InterruptedAt { get; init; }

    /// <summary>A change that came while the starts may be shutting down after SIGINT: those that survive it are restarted then.</summary>
    internal string? Postponed { get; init; }

    /// <summary>When a start that SIGINT was to end has survived it, as far as a change is concerned; null without one.</summary>
    internal TimeSpan? SurvivedAt => InterruptedAt + TimeSpan.FromTicks(Math.Min(Rules.StopTimeout.Ticks, RestartRules.Interruption.Ticks));

    /// <summary>Of the last start that ended; of two that overlapped and were up, the newer one's.</summary>
    internal int ExitCode { get; init; }

    internal int NextId { get; init; }

    /// <summary>Nothing runs, and nothing will.</summary>
    internal bool IsOver => (NextId > 0 || IsStopping) && Starts.IsEmpty && Next is null;

    /// <summary>When something is due that nothing else tells; null for never.</summary>
    internal TimeSpan? DueAt => Starts.Select(DueOf).Append(Next?.At).Append(Postponed is null ? null : SurvivedAt).Min();

    private TimeSpan? DueOf(StartState start)
    {
        if (start.End is not null)
            return start.CheckAt;
        TimeSpan? next = start.Phase switch
        {
            StartPhase.Running when start.IsUpByTime => start.Since + RestartRules.Settling,
            StartPhase.Running => start.CheckAt,
            StartPhase.Listening => start.Since + RestartRules.Settling,
            StartPhase.Ready when Starts.Length == 1 && !start.HasPassedSockets => start.Since + RestartRules.Releasing,
            _ => null,
        };
        return new[] { next, start.KillAt }.Min();
    }
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
/// <param name="HasListened">It had a listening socket, of its own or a kept one, or a bound one of UDP.</param>
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
    internal int ProcessId { get; init; }
    internal StartPhase Phase { get; init; }

    /// <summary>Since when it is the program, or last got a socket.</summary>
    internal TimeSpan Since { get; init; }

    /// <summary>Its calls are answered: the listener of its filter ends with its last process.</summary>
    internal bool IsSupervised { get; init; }

    internal bool IsSilent { get; init; }

    /// <summary>It got what is kept with LISTEN_FDS: whether it uses that, nothing tells but that it goes on.</summary>
    internal bool HasPassedSockets { get; init; }

    /// <summary>Its calls are answered, and its sockets may be copied.</summary>
    internal bool AreSocketsSeen { get; init; } = true;

    /// <summary>Nothing tells that it listens but that it goes on.</summary>
    internal bool IsUpByTime => HasPassedSockets || !AreSocketsSeen;

    /// <summary>Signals that came before it was the program, which would have ended it.</summary>
    internal ImmutableArray<int> Signals { get; init; } = [];

    internal bool IsStopping { get; init; }

    /// <summary>
    /// Somebody typed Ctrl+\, which the terminal sends it as SIGQUIT: some programs tell then what their threads do, and go on; one that
    /// ends by it is not to come back.
    /// </summary>
    internal bool WasQuitTyped { get; init; }

    /// <summary>For what the program is started again when this one has ended; null where nobody asked for that.</summary>
    internal string? NextReason { get; init; }

    /// <summary>When it is killed, or what it left behind; null for not yet.</summary>
    internal TimeSpan? KillAt { get; init; }

    /// <summary>Why the program could not be executed; null where it could.</summary>
    internal string? Fault { get; init; }

    internal StartEnd? End { get; init; }

    /// <summary>When it is looked whether it has a listener open that it got, or, once it has ended, what it left behind.</summary>
    internal TimeSpan? CheckAt { get; init; }

    /// <summary>Once it has ended: since when nothing of it was found, though its filter is still in use.</summary>
    internal TimeSpan? NothingLeftSince { get; init; }

    internal bool HasListened => Phase >= StartPhase.Listening;
    internal bool WasReady => Phase >= StartPhase.Ready;
}

/// <param name="Overlaps">A start that is asked for begins before the old one is told to stop.</param>
/// <param name="StopTimeout">How long after SIGTERM a start, and what it leaves behind, is killed.</param>
internal sealed record RestartRules(string Command, RestartPolicy Policy, bool Overlaps, TimeSpan StopTimeout)
{
    internal string Name => Path.GetFileName(Command);

    /// <summary>How long after its last socket a start is up, though others are kept that it has not taken.</summary>
    internal static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>How long after its last socket what it has not taken is closed.</summary>
    internal static readonly TimeSpan Releasing = TimeSpan.FromSeconds(5);

    /// <summary>How soon after SIGINT a start has to end to have ended by it.</summary>
    internal static readonly TimeSpan Interruption = TimeSpan.FromMinutes(1);

    /// <summary>How often it is looked for what an ended start left behind, as nothing tells of its end.</summary>
    internal static readonly TimeSpan CheckPace = TimeSpan.FromMilliseconds(50);

    internal bool Wants(in StartEnd end) => Policy switch
    {
        RestartPolicy.Always => true,
        RestartPolicy.OnFailure => end.ExitCode != 0,
        RestartPolicy.Never => false,
    };
}

/// <summary>What signals are called, and the numbers of those that end a program (signal(7), x86 and Arm).</summary>
internal static class SignalNames
{
    internal const int Interrupt = 2;
    internal const int Quit = 3;
    internal const int Kill = 9;
    internal const int User1 = 10;
    internal const int User2 = 12;
    internal const int Terminate = 15;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>As <c>SIGKILL</c>; one without a name as <c>signal 40</c>.</summary>
    internal static string Of(int signal) =>
        signal > 0 && signal < Names.Length ? "SIG" + Names[signal] : string.Create(CultureInfo.InvariantCulture, $"signal {signal}");
}
