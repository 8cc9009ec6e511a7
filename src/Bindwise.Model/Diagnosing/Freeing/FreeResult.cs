namespace Bindwise.Diagnostics;

/// <summary>An action, and what became of it.</summary>
public sealed record FreeStep
{
    /// <summary>The action.</summary>
    public required FreeAction Action { get; init; }

    /// <summary>
    /// A stable kebab-case id: <c>planned</c>, <c>done</c>, <c>not-needed</c>, <c>not-reached</c> (an earlier one failed), <c>gone</c> (the
    /// process had
    /// ended), <c>not-permitted</c>, <c>failed</c>.
    /// </summary>
    public required string Result { get; init; }

    /// <summary>What the program or the kernel said, one line; null for nothing. Not escaped.</summary>
    public string? Detail { get; init; }
}

/// <summary>What was done, and what is true now.</summary>
public sealed record FreeResult
{
    private readonly EquatableArray<FreeStep> _steps;

    /// <summary>How it ended.</summary>
    public required FreeOutcome Outcome { get; init; }

    /// <summary>Why it is not freed, a stable kebab-case id; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it is not freed, one sentence; null when it is. Names in it are not escaped.</summary>
    public string? Explanation { get; init; }

    /// <summary>Every action of the plan, in order, and those that force added (SIGKILL).</summary>
    public ImmutableArray<FreeStep> Steps { get => _steps; init => _steps = value; }

    /// <summary>The last answer about the port.</summary>
    public required Diagnosis Diagnosis { get; init; }
}
