namespace Bindwise.Cli;

/// <summary>What the process ends with; part of the interface, in --help.</summary>
internal enum ExitCode
{
    /// <summary>It can be bound; for TCP: by a server that sets SO_REUSEADDR. Or what was asked for was done.</summary>
    Free = 0,

    /// <summary>It cannot be bound.</summary>
    Blocked = 1,

    /// <summary>Wrong usage, or the system failed.</summary>
    Error = 2,

    /// <summary>Unknown: something that matters could not be read.</summary>
    Undetermined = 3,

    /// <summary>Interrupted.</summary>
    Interrupted = 130,
}

/// <summary>The one mapping from answers to exit codes.</summary>
internal static class ExitCodes
{
    /// <summary>The code of one answer.</summary>
    public static ExitCode Of(Verdict verdict) => verdict switch
    {
        Verdict.Free => ExitCode.Free,
        Verdict.Blocked => ExitCode.Blocked,
        _ => ExitCode.Undetermined,
    };

    /// <summary>The code of several answers: the worst wins (interrupted, error, undetermined, blocked, free).</summary>
    public static ExitCode Worst(ExitCode one, ExitCode other) => Badness(one) >= Badness(other) ? one : other;

    private static int Badness(ExitCode code) => code switch
    {
        ExitCode.Free => 0,
        ExitCode.Blocked => 1,
        ExitCode.Undetermined => 2,
        ExitCode.Error => 3,
        _ => 4,
    };
}
