using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms;

/// <summary>
/// The rules of one system: whether a socket may be bound, and listen, beside others. Pure, and nothing is guessed: what no source tells is
/// <see cref="PlatformRuling.Unknown"/>.
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

    /// <summary>SO_REUSEADDR of a bound socket counts as it was at its bind().</summary>
    public virtual bool KeepsReuseAddress => false;

    /// <summary>The same of SO_REUSEPORT.</summary>
    public virtual bool KeepsReusePort => false;

    /// <summary>
    /// The system has SO_REUSEPORT_LB; if not, a socket that is said to set it gives <see cref="PlatformRuling.NoOption"/>.
    /// </summary>
    public virtual bool HasReusePortBalanced => false;

    public virtual string InUse => "EADDRINUSE";

    /// <summary>bind() to a named port: the errors in this system's order, then the other sockets.</summary>
    public PlatformRuling Bind(PlatformQuestion question)
    {
        var unsupported = FindUnsupported(question.Want)
            ?? question.Held.Select(held => FindUnsupported(held.Socket)).FirstOrDefault(static rule => rule is not null);
        return unsupported is null ? Decide(question) : PlatformRuling.Missing(unsupported);
    }

    /// <summary>The answer, where both sockets ask for nothing that the system does not have.</summary>
    private protected abstract PlatformRuling Decide(PlatformQuestion question);

    public abstract PlatformRuling Listen(PlatformSocket want, ImmutableArray<PlatformHeld> held);

    /// <summary>
    /// setsockopt() of an option on a fresh socket, where the system is known to differ from Linux; null where it just sets it.
    /// </summary>
    public abstract PlatformRuling? Set(SocketOption option, bool isIPv6);

    private protected static PlatformRule Read(string id, string sentence, string citation) =>
        new(id, sentence, citation, Confidence.SourceRead);

    /// <summary>The options that the systems of UNIX's family have as Linux has them.</summary>
    private protected static bool IsEverywhere(SocketOption option) =>
        option is SocketOption.ReuseAddress or SocketOption.ReusePort or SocketOption.V6Only or SocketOption.Linger;

    /// <summary>Why a socket cannot be as it is described; null where it can.</summary>
    public virtual PlatformRule? FindUnsupported(PlatformSocket socket)
    {
        var option = socket.Exclusive && ExclusiveOption is null ? "SO_EXCLUSIVEADDRUSE"
            : socket.ReusePort && !HasReusePort ? "SO_REUSEPORT"
            : socket.ReusePortBalanced && !HasReusePortBalanced ? "SO_REUSEPORT_LB" : null;
        return option is null ? null
            : new PlatformRule("NO-OPTION", $"{Name} has no {option}.", "other systems' options", Confidence.Memory);
    }

    /// <summary>Equal addresses, or a wildcard on either side; the family is not looked at.</summary>
    internal static bool Meets(PlatformSocket one, PlatformSocket other) =>
        one.Address == other.Address || one.IsWildcard || other.IsWildcard;
}

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

/// <summary>The systems whose rules are known, in the order in which they are shown.</summary>
internal static class PlatformProfiles
{
    /// <summary>The rules of Linux, those that the tests hold to the running kernel.</summary>
    public static PlatformProfile Linux { get; } = new LinuxProfile(KernelRelease.Documented);

    /// <summary>Every system with rules, Linux first.</summary>
    public static ImmutableArray<PlatformProfile> All { get; } =
    [
        Linux, new FreeBsdProfile(), new MacOsProfile(), new OpenBsdProfile(), new NetBsdProfile(), new WindowsProfile(),
        new IllumosProfile(), new GvisorProfile(),
    ];

    /// <summary>The system of a name, as <c>freebsd</c>; null for none.</summary>
    public static PlatformProfile? Find(string name) =>
        All.FirstOrDefault(profile => string.Equals(profile.Id, name, StringComparison.OrdinalIgnoreCase));

    public static string Names => string.Join(", ", All.Select(static profile => profile.Id));
}
