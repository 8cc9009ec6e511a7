using System.Collections.Immutable;
using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms;

/// <summary>
/// The rules of one system: whether a socket may be bound, and listen, beside others. Pure, and nothing is guessed: what no source tells
/// is <see cref="PlatformRuling.Unknown"/>.
/// </summary>
internal abstract class PlatformProfile
{
    /// <summary>The name that <c>--on</c> takes: <c>freebsd</c>.</summary>
    public abstract string Id { get; }

    /// <summary>The name that people read: <c>FreeBSD</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Which release, tree or document the rules are those of.</summary>
    public abstract string Release { get; }

    /// <summary>What is known beside the rules.</summary>
    public abstract PlatformFacts Facts { get; }

    /// <summary>Every rule of this system, once.</summary>
    public abstract ImmutableArray<PlatformRule> Rules { get; }

    /// <summary>What the system calls SO_EXCLUSIVEADDRUSE or its like; null where it has none.</summary>
    public virtual string? ExclusiveOption => null;

    /// <summary>The system has SO_REUSEPORT; if not, a socket that is said to set it gives <see cref="PlatformRuling.NoOption"/>.</summary>
    public virtual bool HasReusePort => true;

    /// <summary>The system has SO_REUSEPORT_LB; if not, a socket that is said to set it gives <see cref="PlatformRuling.NoOption"/>.</summary>
    public virtual bool HasReusePortBalanced => false;

    /// <summary>The name of this system's EADDRINUSE.</summary>
    public virtual string InUse => "EADDRINUSE";

    /// <summary>bind() to a named port: the errors in this system's order, then the other sockets.</summary>
    public PlatformRuling Bind(PlatformQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (Lacks(question.Want) is { } lack)
            return PlatformRuling.Missing(lack);
        foreach (var other in question.Held)
        {
            if (Lacks(other.Socket) is { } itsLack)
                return PlatformRuling.Missing(itsLack);
        }
        return Decide(question);
    }

    /// <summary>The answer, where both sockets ask for nothing that the system does not have.</summary>
    private protected abstract PlatformRuling Decide(PlatformQuestion question);

    /// <summary>listen() by a bound TCP socket.</summary>
    /// <param name="want">The socket.</param>
    /// <param name="held">The others on its port.</param>
    public abstract PlatformRuling Listen(PlatformSocket want, ImmutableArray<PlatformHeld> held);

    /// <summary>setsockopt() of an option on a fresh socket, where the system is known to differ from Linux; null where it just sets it.</summary>
    public abstract PlatformRuling? Set(SocketOption option, bool isIPv6);

    /// <summary>Why a socket cannot be as it is described; null where it can.</summary>
    public virtual PlatformRule? Lacks(PlatformSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var option = socket.Exclusive && ExclusiveOption is null ? "SO_EXCLUSIVEADDRUSE"
            : socket.ReusePort && !HasReusePort ? "SO_REUSEPORT"
            : socket.ReusePortBalanced && !HasReusePortBalanced ? "SO_REUSEPORT_LB" : null;
        return option is null ? null : new PlatformRule("NO-OPTION", $"{Name} has no {option}.", "other systems' options", Confidence.Memory);
    }

    /// <summary>Equal addresses, or a wildcard on either side; the family is not looked at.</summary>
    internal static bool Meets(PlatformSocket one, PlatformSocket other) => one.Address == other.Address || one.IsWildcard || other.IsWildcard;
}

/// <summary>A rule by which a system decides, as its documents or its source tell it.</summary>
/// <param name="Id">The stable id: <c>BSD-A</c>, <c>WIN-1</c>, or a rule of ours on Linux (<c>BW004</c>).</param>
/// <param name="Sentence">The rule in one sentence.</param>
/// <param name="Citation">Where it stands: a file with its revision, or a document.</param>
/// <param name="Confidence">How sure it is.</param>
internal sealed record PlatformRule(string Id, string Sentence, string Citation, Confidence Confidence);

/// <summary>What a system answers to one call, and by which rule.</summary>
/// <param name="Results">
/// <c>ok</c> or an error by the system's own name; several where its document disagrees with itself; none where no source tells.
/// </param>
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

    /// <summary>Success.</summary>
    internal static PlatformRuling Allow(PlatformRule rule) => new([Ok], rule);

    /// <summary>An error.</summary>
    internal static PlatformRuling Refuse(string errno, PlatformRule rule) => new([errno], rule);

    /// <summary>The document says both.</summary>
    internal static PlatformRuling Either(string one, string other, PlatformRule rule) => new([one, other], rule);

    /// <summary>No source tells.</summary>
    internal static PlatformRuling Open(PlatformRule rule) => new([], rule);

    /// <summary>The system lacks an option.</summary>
    internal static PlatformRuling Missing(PlatformRule rule) => new([NoOption], rule);

    /// <summary>Of several rulings that must all pass, the one that decides: a certain refusal, then what is open, then what passes.</summary>
    internal static PlatformRuling Worse(PlatformRuling? one, PlatformRuling other) =>
        one is null || RankOf(other) > RankOf(one) ? other : one;

    private static int RankOf(PlatformRuling ruling) => ruling.IsRefused ? 2 : ruling.IsAllowed ? 0 : 1;
}

/// <summary>A fact about a system beside its bind rules.</summary>
/// <param name="Text">The fact in words.</param>
/// <param name="Citation">Where it stands.</param>
/// <param name="Confidence">How sure it is.</param>
internal sealed record PlatformFact(string Text, string Citation, Confidence Confidence)
{
    internal static PlatformFact Open(string text) => new(text, "no source that we read says", Confidence.Unknown);
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
    public required ImmutableArray<(string Heading, PlatformFact Fact)> Told { get; init; }
}

/// <summary>How sure a documented rule is. Only <see cref="Verified"/> was ever run by us.</summary>
internal enum Confidence : byte
{
    /// <summary>Read in the source, and held to the running kernel by tests: Linux.</summary>
    Verified,

    /// <summary>Read in the system's source; not run.</summary>
    SourceRead,

    /// <summary>Told by the vendor's documentation; not run.</summary>
    VendorDocument,

    /// <summary>Seen in an issue, a log or a test's text.</summary>
    Issue,

    /// <summary>Known to the authors, without a source that could be cited.</summary>
    Memory,

    /// <summary>No source tells: nothing is claimed.</summary>
    Unknown,
}

/// <summary>The words for how sure a rule is.</summary>
internal static class ConfidenceNames
{
    /// <summary>The words, as the matrix and docs/systems.md print them.</summary>
    public static string Of(Confidence confidence) => confidence switch
    {
        Confidence.Verified => "played live",
        Confidence.SourceRead => "source read",
        Confidence.VendorDocument => "vendor document",
        Confidence.Issue => "issue or log",
        Confidence.Memory => "memory",
        _ => "unknown",
    };
}
