namespace Bindwise.Testing;

/// <summary>How a program was restarted.</summary>
public sealed record RestartReport
{
    private readonly EquatableArray<RestartRound> _rounds;

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>How long the first start took until the program listened.</summary>
    public required TimeSpan FirstStart { get; init; }

    /// <summary>Each stop and the start after it, in order.</summary>
    public required ImmutableArray<RestartRound> Rounds { get => _rounds; init => _rounds = value; }
}

/// <summary>One stop, and the start after it.</summary>
public sealed record RestartRound
{
    /// <summary>How the program was stopped.</summary>
    public required RestartStop Stop { get; init; }

    /// <summary>How many connections it had accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>How many connections in TIME_WAIT were on its port when it was started again.</summary>
    public required int TimeWaits { get; init; }

    /// <summary>How many in FIN_WAIT2, whose client had not closed yet.</summary>
    public required int FinWaits { get; init; }

    /// <summary>The exit code; 128 plus the signal's number if a signal ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>It ended by itself after it had talked, before it was stopped.</summary>
    public bool EndedByItself { get; init; }

    /// <summary>How long the next start took until it listened.</summary>
    public required TimeSpan Restart { get; init; }
}

/// <summary>At which step a program failed that was to be restarted.</summary>
public enum RestartStage
{
    /// <summary>The first start.</summary>
    FirstStart,

    /// <summary>The conversation with a client.</summary>
    Talk,

    /// <summary>The stop: it did not end, or something still listens on its port.</summary>
    Stop,

    /// <summary>The start after a stop.</summary>
    Restart,
}

/// <summary>
/// A program cannot restart. The message says at which step, why the port cannot be had, and what the program wrote last.
/// </summary>
public sealed class RestartException : Exception, IBindwiseException
{
    internal RestartException(RestartStage stage, string message, Diagnosis? diagnosis, ProgramEnding ending, Exception? inner)
        : base(message, inner)
    {
        Stage = stage;
        Diagnosis = diagnosis;
        ExitCode = ending.ExitCode;
        Output = ending.Output;
    }

    /// <summary>The step that failed.</summary>
    public RestartStage Stage { get; }

    /// <summary>Why the port can or cannot be bound at that moment; null where it is not the matter.</summary>
    public Diagnosis? Diagnosis { get; }

    /// <summary>The program's exit code, 128 plus the signal's number if a signal ended it; null if it still ran.</summary>
    public int? ExitCode { get; }

    /// <summary>The last 40 lines that it wrote to its standard output and error, in the order in which they were read.</summary>
    public ImmutableArray<string> Output { get; }
}

/// <param name="ExitCode">Its exit code; null while it runs.</param>
/// <param name="Output">The last lines that it wrote.</param>
internal readonly record struct ProgramEnding(int? ExitCode, ImmutableArray<string> Output);
