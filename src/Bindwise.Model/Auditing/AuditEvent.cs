namespace Bindwise.Model.Auditing;

/// <summary>One thing that a program did with a socket, in the order in which it happened.</summary>
internal sealed record AuditEvent
{
    /// <summary>When, since the program's start.</summary>
    public required TimeSpan At { get; init; }

    public required AuditAct Act { get; init; }
    public required int Process { get; init; }
    public int Thread { get; init; }

    /// <summary>What the kernel calls it; any text that the program chose.</summary>
    public string Program { get; init; } = "";

    /// <summary>What the program is written for, where that is known.</summary>
    public Runtime? Language { get; init; }

    /// <summary>The code that called, where that could be had.</summary>
    public CodePlace? Place { get; init; }

    /// <summary>The socket's cookie (SO_COOKIE), which no other socket gets; 0 where it is not known.</summary>
    public ulong Socket { get; init; }

    /// <summary>Its protocol; null for another, or where it is not known.</summary>
    public Protocol? Protocol { get; init; }

    /// <summary>Its address family; null for UNIX.</summary>
    public IpFamily? Family { get; init; }

    public IpEndpoint? Asked { get; init; }

    /// <summary>Where the socket is bound after it.</summary>
    public IpEndpoint? Local { get; init; }

    /// <summary>The path of a UNIX socket, absolute; null for an abstract name and for others.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// The errno's name of a call that failed; null for one that did not, or where <see cref="IsOutcomeKnown"/> is false.
    /// </summary>
    public string? Error { get; init; }

    public bool IsOutcomeKnown { get; init; } = true;
    public string? Option { get; init; }

    /// <summary>The value to which it was set; null where it is no number.</summary>
    public int? Value { get; init; }

    /// <summary>The backlog that listen() asked for.</summary>
    public int? Backlog { get; init; }

    public AuditOptions Options { get; init; }
    public string? File { get; init; }
    public ImmutableArray<PassedListener> Inherits { get; init; } = [];

    public bool Succeeded => Error is null && IsOutcomeKnown;
}
