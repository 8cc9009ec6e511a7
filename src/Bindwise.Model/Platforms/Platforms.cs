namespace Bindwise.Model.Platforms;

/// <summary>One bind(), with all that a system looks at before it looks at other sockets.</summary>
/// <param name="Port">The port; not 0.</param>
/// <param name="Held">The sockets of the same protocol on that port, in no order.</param>
/// <param name="IsBound">The asking socket is bound already.</param>
/// <param name="IsLocal">The host has the address, or it is a wildcard.</param>
internal sealed record PlatformQuestion(PlatformSocket Want, ushort Port, ImmutableArray<PlatformHeld> Held, bool IsBound = false,
    bool IsLocal = true);

/// <param name="Socket">The socket, with the address it has now: a connection's is never a wildcard.</param>
internal sealed record PlatformHeld(PlatformSocket Socket, PlatformState State)
{
    /// <summary>All that the BSD rules read of the state.</summary>
    internal bool HasPeer => State is PlatformState.Connected or PlatformState.TimeWait;

    internal bool IsListeningOrBound => !HasPeer;
}

/// <summary>What state the other socket is in, as far as any of the systems tells states apart.</summary>
internal enum PlatformState : byte
{
    /// <summary>Bound, and no more; every UDP socket without a peer.</summary>
    Bound,

    Listening,

    /// <summary>It has a peer: connecting, connected, closing.</summary>
    Connected,

    /// <summary>Closed, and kept by the system for its timer (TIME_WAIT).</summary>
    TimeWait,
}

/// <summary>A socket as the rules of the systems read it; a system ignores what it does not have.</summary>
internal sealed record PlatformSocket
{
    /// <summary>TCP or UDP; sockets of different protocols never meet.</summary>
    public Protocol Protocol { get; init; } = Protocol.Tcp;

    /// <summary>The address it is, or wants to be, bound to. Its family is the socket's.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>IPV6_V6ONLY, the system's default applied. Without meaning on IPv4.</summary>
    public bool V6Only { get; init; }

    public bool ReuseAddress { get; init; }

    public bool ReusePort { get; init; }

    /// <summary>SO_REUSEPORT_LB was set before bind() (FreeBSD).</summary>
    public bool ReusePortBalanced { get; init; }

    /// <summary>SO_EXCLUSIVEADDRUSE (Windows) or SO_EXCLBIND (illumos) was set before bind().</summary>
    public bool Exclusive { get; init; }

    /// <summary>The effective user that made it; equal numbers are the same user.</summary>
    public uint UserId { get; init; } = 1000;

    /// <summary>It may bind privileged ports: root, or what the system has in its place.</summary>
    public bool IsPrivileged { get; init; }

    /// <summary>A socket of IPv6 on <c>::</c> that takes IPv4 too.</summary>
    internal bool IsDual => Address is { Family: IpFamily.IPv6, IsAny: true } && !V6Only;

    /// <summary>Sees IPv4 alone: a socket of IPv4, or one of IPv6 at a v4-mapped address.</summary>
    internal bool IsIPv4 => Address.AsIPv4 is not null;

    internal bool IsWildcard => Address.IsWildcard;
}

/// <summary>A rule by which a system decides, as its documents or its source tell it.</summary>
/// <param name="Id">The stable id: <c>BSD-A</c>, <c>WIN-1</c>, or a rule of ours on Linux (<c>BW004</c>).</param>
/// <param name="Citation">Where it stands: a file with its revision, or a document.</param>
internal sealed record PlatformRule(string Id, string Sentence, string Citation, Confidence Confidence);

/// <summary>What a system answers to one call, and by which rule.</summary>
/// <param name="Results"><c>ok</c> or an error by the system's own name; several where its document disagrees with itself; none where no
/// source tells.</param>
/// <param name="Rule">The rule that decides, or what it is that no source tells.</param>
internal sealed record PlatformRuling(ImmutableArray<string> Results, PlatformRule Rule)
{
    /// <summary>The result of a call that succeeds.</summary>
    public const string Ok = "ok";

    /// <summary>The result where no source tells.</summary>
    public const string Unknown = "unknown";

    /// <summary>The system lacks an option that one of the sockets is said to have.</summary>
    public const string NoOption = "no option";

    /// <summary>The question cannot be asked on this system.</summary>
    public bool IsMissing => Results is [NoOption];

    /// <summary>The call succeeds for certain: <see cref="Ok"/> is the only result.</summary>
    public bool IsAllowed => Results is [Ok];

    /// <summary>It fails, for certain, perhaps with one error or the other.</summary>
    public bool IsRefused => !Results.IsEmpty && !IsMissing && !Results.Contains(Ok);

    /// <summary>Neither success nor failure is certain, or the system lacks an option.</summary>
    public bool IsOpen => !IsAllowed && !IsRefused;

    /// <summary>As it is printed: the result, <c>A or B</c>, <c>unknown</c>.</summary>
    public string Text => Results.IsEmpty ? Unknown : string.Join(" or ", Results);

    internal static PlatformRuling Allow(PlatformRule rule) => new([Ok], rule);

    internal static PlatformRuling Refuse(string errno, PlatformRule rule) => new([errno], rule);

    internal static PlatformRuling Either(string one, string other, PlatformRule rule) => new([one, other], rule);

    internal static PlatformRuling Open(PlatformRule rule) => new([], rule);

    internal static PlatformRuling Missing(PlatformRule rule) => new([NoOption], rule);

    /// <summary>
    /// Of several rulings that must all pass, the first that decides: a certain refusal, then what is open, then what passes. Null of none.
    /// </summary>
    internal static PlatformRuling? Worst(IEnumerable<PlatformRuling> rulings) =>
        rulings.MaxBy(static ruling => ruling.IsRefused ? 2 : ruling.IsAllowed ? 0 : 1);
}

/// <summary>What is known of a system beside its bind rules: the numbers with which scenarios are played, and where they stand.</summary>
internal sealed record PlatformFacts
{
    /// <summary>How long TIME_WAIT lasts between two hosts; null where no source tells.</summary>
    public TimeSpan? TimeWait { get; init; }

    /// <summary>
    /// How long TIME_WAIT lasts where the peer is this host too, at least and at most, where that differs or hangs on a setting or a
    /// release; null where it is <see cref="TimeWait"/>.
    /// </summary>
    public (TimeSpan Least, TimeSpan Most)? LocalTimeWait { get; init; }

    /// <summary>The ports that are chosen for port 0; null where no source tells.</summary>
    public PortRange? Ephemeral { get; init; }

    /// <summary>IPV6_V6ONLY where a program sets nothing; null where no source tells.</summary>
    public bool? V6OnlyDefault { get; init; }

    /// <summary>What connect() says to a four-tuple that is taken; null where no source tells.</summary>
    public string? TakenFourTuple { get; init; }

    /// <summary>What bind() to port 0 says when no port is left; null where no source tells.</summary>
    public string? PortsExhausted { get; init; }

    /// <summary>The facts in words, by heading, each with its source.</summary>
    public required ImmutableArray<(string Heading, PlatformFact Fact)> Listed { get; init; }
}

/// <summary>A fact about a system beside its bind rules.</summary>
internal sealed record PlatformFact(string Text, string Citation, Confidence Confidence)
{
    internal static PlatformFact Open(string text) => new(text, "no source that we read says", Confidence.Unknown);
}
