namespace Bindwise.Diagnostics;

/// <summary>Why nothing is done.</summary>
public sealed record FreeRefusal
{
    /// <summary>A stable kebab-case id, as <c>other-user</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>One sentence: what stands in the way of it, and what to do instead. Names in it are not escaped.</summary>
    public required string Text { get; init; }
}

/// <summary>What would free a port or a path, or why it is not freed. Nothing in it is done yet.</summary>
public sealed record FreePlan
{
    private readonly EquatableArray<FreeAction> _actions;
    private readonly EquatableArray<string> _notes;

    /// <summary>What is freed, as it is called in sentences: <c>8080/tcp</c>, or a path. Not escaped.</summary>
    public required string Name { get; init; }

    /// <summary>What stands in the way.</summary>
    public required Diagnosis Diagnosis { get; init; }

    /// <summary>What to do, in order; empty where nothing is in the way, and where it is refused.</summary>
    public ImmutableArray<FreeAction> Actions { get => _actions; init => _actions = value; }

    /// <summary>Why it is refused; null where it is not.</summary>
    public FreeRefusal? Refusal { get; init; }

    /// <summary>
    /// What is worth to know before: what would bring the holder back, what is left alone. Sentences; names in them are not escaped.
    /// </summary>
    public ImmutableArray<string> Notes { get => _notes; init => _notes = value; }
}

internal sealed record FreeRights
{
    /// <summary>Root consented to what concerns other users, whom the plan names.</summary>
    public bool MayEndOthers { get; init; }

    /// <summary>Sockets without a process may be destroyed: it was asked for.</summary>
    public bool Destroys { get; init; }

    /// <summary>SIGKILL is allowed where nothing else ends a process.</summary>
    public bool Forces { get; init; }

    /// <summary>CAP_NET_ADMIN: the kernel lets this process destroy them.</summary>
    public bool IsNetworkAdministrator { get; init; }

    /// <summary>How long may be waited for the kernel's timers; null for not at all.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>The unit in which this process itself runs; null for none. It is never stopped.</summary>
    public string? OwnUnit { get; init; }

    /// <summary>The container in which this process itself runs, by its id; null for none. It is never stopped.</summary>
    public string? OwnContainer { get; init; }
}
