namespace Bindwise.Supervising.Restarting;

/// <summary>When a program that has ended is started again.</summary>
internal enum RestartPolicy
{
    /// <summary>After any end but exit code 0.</summary>
    OnFailure,

    Always,
    Never,
}

/// <summary>By what rules a program is started and stopped.</summary>
/// <param name="Policy">When it is started again by itself.</param>
/// <param name="Overlaps">A start that is asked for begins before the old one is told to stop.</param>
/// <param name="StopTimeout">How long after SIGTERM a start, and what it leaves behind, is killed.</param>
internal sealed record RestartRules(string Command, RestartPolicy Policy, bool Overlaps, TimeSpan StopTimeout)
{
    internal string Name => Path.GetFileName(Command);

    /// <summary>How long after its last socket a start is up, though others are kept that it has not taken.</summary>
    internal static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>How long after its last socket what it has not taken is closed.</summary>
    internal static readonly TimeSpan Releasing = TimeSpan.FromSeconds(5);

    /// <summary>How often it is looked for what an ended start left behind, as nothing tells of its end.</summary>
    internal static readonly TimeSpan LookingPace = TimeSpan.FromMilliseconds(50);

    internal bool Wants(in StartEnd end) => Policy switch
    {
        RestartPolicy.Always => true,
        RestartPolicy.OnFailure => end.ExitCode != 0,
        RestartPolicy.Never => false,
    };
}
