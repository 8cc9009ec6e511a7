namespace Bindwise.Diagnostics;

/// <summary>
/// The whole answer to one target: the terminal, the JSON, a page and an exception say the same thing because they render this.
/// </summary>
public sealed record Diagnosis
{
    private readonly EquatableArray<Cause> _factors;
    private readonly EquatableArray<string> _why;
    private readonly EquatableArray<Attempt> _attempts;
    private readonly EquatableArray<Blocker> _blockers;
    private readonly EquatableArray<Policy> _policies;
    private readonly EquatableArray<Remedy> _remedies;
    private readonly EquatableArray<Remark> _warnings;
    private readonly EquatableArray<Remark> _limits;
    private readonly EquatableArray<ProcessRecord> _processes;
    private readonly EquatableArray<SocketTally> _tallies;
    private readonly EquatableArray<InterfaceRecord> _interfaces;
    private readonly EquatableArray<ElsewhereRecord> _elsewhere;

    /// <summary>The port, address or path that was asked about, as it was read.</summary>
    public required Target Target { get; init; }

    /// <summary>The port, a service name resolved; null for UNIX.</summary>
    public ushort? Port { get; init; }

    /// <summary>Free, blocked or undetermined: of bind() and listen() with the options given.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The errno's name, as <c>EADDRINUSE</c>; null when free or undetermined.</summary>
    public string? Errno { get; init; }

    /// <summary>The release of Linux whose rules were asked; null where none is known.</summary>
    internal KernelRelease? Kernel { get; init; }

    /// <summary>The cause that explains the verdict best; others that hold are in <see cref="Factors"/>.</summary>
    public required Cause Cause { get; init; }

    /// <summary>Other causes that hold as well.</summary>
    public ImmutableArray<Cause> Factors { get => _factors; init => _factors = value; }

    /// <summary>The rule that decided; null only when nothing decided.</summary>
    public Rule? Rule { get; init; }

    /// <summary>The first line: the whole answer in one sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Why, in sentences, the most important first. Text from the system stands in it unescaped: renderers escape.</summary>
    public ImmutableArray<string> Why { get => _why; init => _why = value; }

    /// <summary>Each bind() that was considered: as asked first, then the other usual ways.</summary>
    public ImmutableArray<Attempt> Attempts { get => _attempts; init => _attempts = value; }

    /// <summary>The sockets in the way, those that decide first.</summary>
    public ImmutableArray<Blocker> Blockers { get => _blockers; init => _blockers = value; }

    /// <summary>Who closed first; null when nobody did or it cannot be told.</summary>
    public ClosedFirst? ClosedFirst { get; init; }

    /// <summary>
    /// Policies that refuse the bind(), or may: those that are certain first. Empty where a socket or an address explains it.
    /// </summary>
    public ImmutableArray<Policy> Policies { get => _policies; init => _policies = value; }

    /// <summary>When the last socket in the way lets go by itself, at the latest; null when one of them does not.</summary>
    public DateTimeOffset? FreeAt { get; init; }

    /// <summary>What to do, the best first.</summary>
    public ImmutableArray<Remedy> Remedies { get => _remedies; init => _remedies = value; }

    /// <summary>Dangers ahead, also for a free port.</summary>
    public ImmutableArray<Remark> Warnings { get => _warnings; init => _warnings = value; }

    /// <summary>What could not be seen, and what would show it.</summary>
    public ImmutableArray<Remark> Limits { get => _limits; init => _limits = value; }

    /// <summary>The processes that stand behind <see cref="Blockers"/>, with their parents.</summary>
    public ImmutableArray<ProcessRecord> Processes { get => _processes; init => _processes = value; }

    /// <summary>
    /// How many TCP sockets of each kind stand on the port, those included that are too many to stand in <see cref="Blockers"/> one by one.
    /// </summary>
    internal ImmutableArray<SocketTally> Tallies { get => _tallies; init => _tallies = value; }

    /// <summary>Who uses the ephemeral range; null unless it was asked about port 0 or connect(), and had to be looked into.</summary>
    public PortUse? PortUse { get; init; }

    /// <summary>The host's interfaces: by them a socket's device index gets its name.</summary>
    internal ImmutableArray<InterfaceRecord> Interfaces { get => _interfaces; init => _interfaces = value; }

    /// <summary>A scenario for a bug report where rules and probe disagree; null otherwise.</summary>
    public string? Disagreement { get; init; }

    /// <summary>Sockets in other network namespaces that would be in the way if they were here.</summary>
    public ImmutableArray<ElsewhereRecord> Elsewhere { get => _elsewhere; init => _elsewhere = value; }

    /// <summary>The other program for which it is answered; null when it is answered for who asks.</summary>
    public Subject? As { get; init; }

    /// <summary>When the snapshot was taken.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>What .NET itself told where only that was asked; null for the full answer.</summary>
    internal PortableRecord? Portable { get; init; }

    /// <summary>What the search cost and how much it saw, for --verbose.</summary>
    internal Coverage Coverage { get; init; } = new();
}

/// <summary>The result of one call.</summary>
public readonly record struct CallResult
{
    /// <summary>A result.</summary>
    /// <param name="result"><c>ok</c> or the errno's name; null when it could not be told.</param>
    /// <param name="isProbed">Asked of the kernel; false: told by the rules.</param>
    public CallResult(string? result, bool isProbed) => (Result, IsProbed) = (result, isProbed);

    /// <summary><c>ok</c> or the errno's name; null when it could not be told.</summary>
    public string? Result { get; init; }

    /// <summary>Asked of the kernel; false: told by the rules.</summary>
    public bool IsProbed { get; init; }

    /// <summary>
    /// The kernel was asked, without taking the port, and neither a policy nor a missing privilege refuses it: the rules then tell only
    /// whether a socket is in the way.
    /// </summary>
    public bool IsPermitted { get; init; }
}
