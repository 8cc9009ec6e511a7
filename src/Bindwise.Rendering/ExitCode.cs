namespace Bindwise.Rendering;

/// <summary>What the process ends with; part of the interface, in --help.</summary>
internal enum ExitCode
{
    /// <summary>It can be bound; for TCP: by a server that sets SO_REUSEADDR. Or what was asked for was done.</summary>
    Success = 0,

    /// <summary>It cannot be bound. Or what was asked for is not so.</summary>
    Negative = 1,

    /// <summary>Wrong usage, or the system failed.</summary>
    Error = 2,

    /// <summary>Unknown: something that matters could not be read.</summary>
    Undetermined = 3,

    /// <summary>The command cannot be executed. Shells end so, too.</summary>
    NotExecutable = 126,

    /// <summary>The command was not found. Shells end so, too.</summary>
    NotFound = 127,

    /// <summary>Interrupted.</summary>
    Interrupted = 130,

    /// <summary>Ended by SIGTERM. Shells tell of such an end so.</summary>
    Terminated = 143,
}

/// <summary>The one mapping from answers to exit codes.</summary>
internal static class ExitCodes
{
    public static ExitCode Of(Verdict verdict) => verdict switch
    {
        Verdict.Free => ExitCode.Success,
        Verdict.Blocked => ExitCode.Negative,
        _ => ExitCode.Undetermined,
    };

    /// <summary>The code of several answers: the worst wins (interrupted, error, undetermined, negative, success).</summary>
    public static ExitCode Worst(ExitCode one, ExitCode other) => Badness(one) >= Badness(other) ? one : other;

    private static int Badness(ExitCode code) => code switch
    {
        ExitCode.Success => 0,
        ExitCode.Negative => 1,
        ExitCode.Undetermined => 2,
        ExitCode.Error => 3,
        _ => 4,
    };
}
