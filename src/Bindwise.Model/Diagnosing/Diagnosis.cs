using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Snippets;

namespace Bindwise.Diagnostics;

/// <summary>Whether a target can be bound, and listened on, as asked.</summary>
public enum Verdict : byte
{
    /// <summary>It can be bound (and listened on) as asked.</summary>
    Free,

    /// <summary>It cannot; <see cref="Diagnosis.Errno"/> is how bind() or listen() would fail.</summary>
    Blocked,

    /// <summary>Rules and snapshot do not decide, and the probe was switched off or could not run.</summary>
    Undetermined,
}

/// <summary>Which end of the connections in the way sent its FIN first.</summary>
public enum ClosedFirst : byte
{
    /// <summary>This host's end sent the first FIN, so it keeps TIME_WAIT.</summary>
    Local,

    /// <summary>The peer sent the first FIN, so the peer keeps TIME_WAIT.</summary>
    Remote,

    /// <summary>Both at once (CLOSING, or TIME_WAIT at both ends).</summary>
    Both,
}

/// <summary>
/// The whole answer to one target: the terminal, the JSON, a page and an exception say the same thing because they render this.
/// </summary>
public sealed record Diagnosis
{
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
    public ImmutableArray<Cause> Factors { get; init; } = [];

    /// <summary>The rule that decided; null only when nothing decided.</summary>
    public Rule? Rule { get; init; }

    /// <summary>The first line: the whole answer in one sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Why, in sentences, the most important first. Text from the system stands in it unescaped: renderers escape.</summary>
    public ImmutableArray<string> Why { get; init; } = [];

    /// <summary>Each bind() that was considered: as asked first, then the other usual ways.</summary>
    public ImmutableArray<Attempt> Attempts { get; init; } = [];

    /// <summary>The sockets in the way, those that decide first.</summary>
    public ImmutableArray<Blocker> Blockers { get; init; } = [];

    /// <summary>Who closed first; null when nobody did or it cannot be told.</summary>
    public ClosedFirst? ClosedFirst { get; init; }

    /// <summary>Policies that refuse the bind(), or may: those that are certain first. Empty where a socket or an address explains it.</summary>
    public ImmutableArray<Policy> Policies { get; init; } = [];

    /// <summary>When the last socket in the way lets go by itself, at the latest; null when one of them does not.</summary>
    public DateTimeOffset? FreeAt { get; init; }

    /// <summary>What to do, the best first.</summary>
    public ImmutableArray<Remedy> Remedies { get; init; } = [];

    /// <summary>Dangers ahead, also for a free port.</summary>
    public ImmutableArray<Remark> Warnings { get; init; } = [];

    /// <summary>What could not be seen, and what would show it.</summary>
    public ImmutableArray<Remark> Limits { get; init; } = [];

    /// <summary>The processes that stand behind <see cref="Blockers"/>, with their parents.</summary>
    public ImmutableArray<ProcessRecord> Processes { get; init; } = [];

    /// <summary>
    /// How many TCP sockets of each kind stand on the port, those included that are too many to stand in <see cref="Blockers"/> one by one.
    /// </summary>
    internal ImmutableArray<SocketTally> Tallies { get; init; } = [];

    /// <summary>Who uses the ephemeral range; null unless it was asked about port 0 or connect(), and had to be looked into.</summary>
    public PortUse? PortUse { get; init; }

    /// <summary>The host's interfaces: by them a socket's device index gets its name.</summary>
    internal ImmutableArray<InterfaceRecord> Interfaces { get; init; } = [];

    /// <summary>A scenario for a bug report where rules and probe disagree; null otherwise.</summary>
    public string? Disagreement { get; init; }

    /// <summary>Sockets in other network namespaces that would be in the way if they were here.</summary>
    public ImmutableArray<ElsewhereRecord> Elsewhere { get; init; } = [];

    /// <summary>The other program for which it is answered; null when it is answered for who asks.</summary>
    public Subject? As { get; init; }

    /// <summary>When the snapshot was taken.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>What .NET itself told where only that was asked; null for the full answer.</summary>
    internal PortableRecord? Portable { get; init; }

    /// <summary>What the search cost and how much it saw, for --verbose.</summary>
    internal Coverage Coverage { get; init; } = new();

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Diagnosis? other) => other is not null
        && (Target, Port, Verdict, Errno) == (other.Target, other.Port, other.Verdict, other.Errno)
        && (Kernel, Cause, Rule, Summary) == (other.Kernel, other.Cause, other.Rule, other.Summary)
        && (ClosedFirst, FreeAt, PortUse, Disagreement) == (other.ClosedFirst, other.FreeAt, other.PortUse, other.Disagreement)
        && (As, TakenAt, Portable, Coverage) == (other.As, other.TakenAt, other.Portable, other.Coverage)
        && Sequence.AreEqual(Factors, other.Factors)
        && Sequence.AreEqual(Why, other.Why)
        && Sequence.AreEqual(Attempts, other.Attempts)
        && Sequence.AreEqual(Blockers, other.Blockers)
        && Sequence.AreEqual(Policies, other.Policies)
        && Sequence.AreEqual(Remedies, other.Remedies)
        && Sequence.AreEqual(Warnings, other.Warnings)
        && Sequence.AreEqual(Limits, other.Limits)
        && Sequence.AreEqual(Processes, other.Processes)
        && Sequence.AreEqual(Tallies, other.Tallies)
        && Sequence.AreEqual(Interfaces, other.Interfaces)
        && Sequence.AreEqual(Elsewhere, other.Elsewhere);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Target, Port, Verdict, Errno, Cause, Summary, TakenAt);
}

/// <summary>One bind() (and listen()) with one set of options.</summary>
public sealed record Attempt
{
    /// <summary>Address and options.</summary>
    public required BindRequest Request { get; init; }

    /// <summary>What bind() answers.</summary>
    public required CallResult Bind { get; init; }

    /// <summary>What listen() answers then; null when bind() fails, and for UDP.</summary>
    public required CallResult? Listen { get; init; }

    /// <summary>It is one of those that the verdict stands on.</summary>
    public required bool IsAsked { get; init; }

    /// <summary>The rule that decided.</summary>
    public required Rule? Rule { get; init; }
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
    /// The kernel was asked, without taking the port, and neither a policy nor a missing privilege refuses it: the rules then tell only whether
    /// a socket is in the way.
    /// </summary>
    public bool IsPermitted { get; init; }
}

/// <summary>A socket in the way, with the rule by which it is and the processes that hold it.</summary>
public sealed record Blocker
{
    /// <summary>The socket.</summary>
    public required HeldSocket Socket { get; init; }

    /// <summary>The processes that hold it; empty when none is visible.</summary>
    public required ImmutableArray<Owner> Owners { get; init; }

    /// <summary>The rule by which it stands in the way.</summary>
    public required Rule Rule { get; init; }

    /// <summary>The other end of the connection, when it is on this host; null for another host's, and where there is no connection.</summary>
    public Peer? Peer { get; init; }

    /// <summary>What in the kernel holds it; null where a process does, or where nothing tells.</summary>
    public KernelOwner? Kernel { get; init; }

    /// <summary>Where it waits to be received, when it is in flight through UNIX sockets; empty otherwise.</summary>
    internal ImmutableArray<ScmRightsInFlight> Flights { get; init; } = [];

    /// <summary>Who may have made it; null with an owner, and where the kernel tells nothing.</summary>
    public CreatorHint? Hint { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Blocker? other) => other is not null
        && (Socket, Rule, Peer, Kernel) == (other.Socket, other.Rule, other.Peer, other.Kernel)
        && Hint == other.Hint
        && Sequence.AreEqual(Owners, other.Owners)
        && Sequence.AreEqual(Flights, other.Flights);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Socket, Rule, Peer, Kernel, Hint, Sequence.Hash(Owners), Sequence.Hash(Flights));
}

/// <summary>The other end of a connection, on this host.</summary>
public sealed record Peer
{
    /// <summary>Its socket.</summary>
    public required HeldSocket Socket { get; init; }

    /// <summary>The processes that hold it; empty when none is visible, or it was not looked for (<see cref="LocalPeers.MaximumLookups"/>).</summary>
    public required ImmutableArray<Owner> Owners { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Peer? other) => other is not null
        && Socket == other.Socket
        && Sequence.AreEqual(Owners, other.Owners);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Socket, Sequence.Hash(Owners));
}

/// <summary>What a process is to a socket that it holds.</summary>
public enum OwnerRole : byte
{
    /// <summary>It holds it; who made it is not known.</summary>
    Holder,

    /// <summary>It made the socket, as far as the parents of the processes that hold it tell.</summary>
    Creator,

    /// <summary>It got the descriptor from its parent.</summary>
    Inherited,

    /// <summary>The descriptor waits in a UNIX socket of this process to be received.</summary>
    Receiver,

    /// <summary>Nothing names the socket, but the process uses a file whose descriptor is closed, and this socket fits.</summary>
    Candidate,

    /// <summary>It is bindwise, which keeps the socket for a program that it runs (<c>run --hold</c>, <c>pick --hold</c>).</summary>
    Keeper,
}

/// <summary>A process that holds a socket.</summary>
public sealed record Owner
{
    /// <summary>The process.</summary>
    public required ProcessRecord Process { get; init; }

    /// <summary>What it is to the socket.</summary>
    public required OwnerRole Role { get; init; }

    /// <summary>Its descriptors of that socket.</summary>
    public required ImmutableArray<int> Descriptors { get; init; }

    /// <summary>By what it holds the socket, each way once.</summary>
    internal ImmutableArray<HoldingWay> Ways { get; init; } = [];

    /// <summary>The thread in whose table the descriptor stands, or whose system call holds the socket; null when the process's own shows it.</summary>
    public int? ThreadId { get; init; }

    /// <summary>The system call that holds it, as <c>accept4</c>; null for another way, and where its name is not known.</summary>
    public string? Call { get; init; }

    /// <summary>Where it was started; null when that was not asked.</summary>
    public ProcessProvenance? StartedFrom { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Owner? other) => other is not null
        && (Process, Role, ThreadId, Call) == (other.Process, other.Role, other.ThreadId, other.Call)
        && StartedFrom == other.StartedFrom
        && Sequence.AreEqual(Descriptors, other.Descriptors)
        && Sequence.AreEqual(Ways, other.Ways);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Process, Role, ThreadId, Call, StartedFrom, Sequence.Hash(Descriptors), Sequence.Hash(Ways));
}

/// <summary>A way to make the bind work, or to find out more.</summary>
public sealed record Remedy
{
    /// <summary>A remedy; Bindwise finds them, and tests may make their own.</summary>
    /// <param name="id">A stable kebab-case id, as <c>wait</c>.</param>
    /// <param name="text">What to do, one sentence.</param>
    /// <param name="command">The exact command, or the lines of code, parted by line feeds; null when there is none.</param>
    /// <param name="changes">What it changes.</param>
    /// <param name="risk">What may go wrong; "none" when nothing.</param>
    public Remedy(string id, string text, string? command, string changes, string risk) =>
        (Id, Text, Command, Changes, Risk) = (id, text, command, changes, risk);

    /// <summary>A stable kebab-case id, as <c>wait</c>.</summary>
    public string Id { get; init; }

    /// <summary>What to do, one sentence.</summary>
    public string Text { get; init; }

    /// <summary>The exact command, or the lines of code, parted by line feeds; null when there is none.</summary>
    public string? Command { get; private init; }

    /// <summary>What it changes.</summary>
    public string Changes { get; init; }

    /// <summary>What may go wrong; "none" when nothing.</summary>
    public string Risk { get; init; }

    /// <summary>The language of the code, or of what the text tells of it; null when the remedy is not about code.</summary>
    public Runtime? Language { get; init; }

    /// <summary>What the runtime in question does by itself, or needs besides; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The risk is worth a word in the short answer.</summary>
    public bool IsRiskNotable { get; init; }

#pragma warning disable RS0030 // Banned everywhere else, for the sake of these two.
    /// <summary>One with a command: the only way by which the diagnosis makes one, so that no text of others gets into it.</summary>
    internal static Remedy Of(string id, string text, ShellCommand? command, string changes, string risk) => new(id, text, command?.ToString(), changes, risk);

    /// <summary>One with lines of code, which are our own.</summary>
    internal static Remedy OfCode(string id, string text, CodeSnippet snippet, string changes, string risk) => new(id, text, snippet.Code, changes, risk);
#pragma warning restore RS0030

    /// <summary>With another command, or none.</summary>
    internal Remedy Running(ShellCommand? command) => this with { Command = command?.ToString() };
}

/// <summary>A warning, or a limit of the answer, in one sentence.</summary>
public sealed record Remark
{
    /// <summary>A stable kebab-case id.</summary>
    public required string Id { get; init; }

    /// <summary>One sentence.</summary>
    public required string Text { get; init; }

    /// <summary>One of the remedies says what to do about it, so the short answer leaves it out.</summary>
    public bool IsInRemedies { get; init; }
}
