using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms;

/// <summary>
/// The one rule of the BSD family, for TCP and UDP alike (in_pcbbind(), in_pcblookup_local()). Of the other socket's state only whether it
/// has a peer counts, its SO_REUSEADDR is never read, and one best match decides. The systems differ in who passes rule A, in how IPv4 and
/// IPv6 meet, and in the order of errors.
/// </summary>
internal abstract class BsdProfile : PlatformProfile
{
    /// <summary>The shared rules, with this system's file.</summary>
    private protected abstract BsdRules Book { get; }

    public sealed override ImmutableArray<PlatformRule> Rules => Book.All;

    public sealed override PlatformRuling Listen(PlatformSocket want, ImmutableArray<PlatformHeld> held) =>
        PlatformRuling.Allow(Book.Listen);

    public sealed override PlatformRuling? Set(SocketOption option, bool isIPv6) =>
        IsEverywhere(option) ? null : PlatformRuling.Open(Book.NoOption);

    private protected sealed override PlatformRuling Decide(PlatformQuestion question) =>
        Order(question).FirstOrDefault(static ruling => ruling is { IsAllowed: false }) ?? Passed(question.Want, question.Held);

    /// <summary>What bind() looks at, in this system's order; null for what does not apply.</summary>
    private protected virtual IEnumerable<PlatformRuling?> Order(PlatformQuestion question)
    {
        yield return Stream(question);
        yield return Bound(question);
        yield return Foreign(question);
        yield return Privilege(question.Want, question.Port);
        yield return InTheWay(question.Want, question.Held);
    }

    // EAFNOSUPPORT for TCP at an address of many hosts, on the systems that look.
    private PlatformRuling? Stream(PlatformQuestion question) =>
        Book.Stream is { } rule && question.Want is { Protocol: Protocol.Tcp, Address: var address } && IsForMany(address)
            ? PlatformRuling.Refuse("EAFNOSUPPORT", rule) : null;

    private protected virtual bool IsForMany(IpAddress address) => address.IsMulticast;

    private protected PlatformRuling? Bound(PlatformQuestion question) =>
        question.IsBound ? PlatformRuling.Refuse("EINVAL", Book.Bound) : null;

    private protected PlatformRuling? Foreign(PlatformQuestion question) =>
        question.IsLocal ? null : PlatformRuling.Refuse("EADDRNOTAVAIL", Book.Foreign);

    /// <summary>EACCES; null where the port is open to this socket.</summary>
    private protected PlatformRuling? Privilege(PlatformSocket want, ushort port) =>
        IsReserved(want, port) && !want.IsPrivileged ? PlatformRuling.Refuse("EACCES", Book.Reserved) : null;

    private protected virtual bool IsReserved(PlatformSocket want, ushort port) => port < 1024;

    /// <summary>Whether another user's socket passes rule A.</summary>
    private protected abstract bool IsExempt(PlatformSocket want, PlatformHeld held);

    /// <summary>
    /// Which sockets of the other family, or at mapped addresses, the asking one sees: null for a pair that no source tells about. Sockets
    /// of its own family with native addresses are always seen.
    /// </summary>
    private protected abstract BsdLookup Sees(PlatformSocket want, PlatformHeld held);

    /// <summary>
    /// FreeBSD and XNU: a v4-mapped address stands in the table of IPv4, a dual-stack wildcard in both (INP_IPV4, INP_IPV6); a new one
    /// looks at both tables.
    /// </summary>
    private protected static BsdLookup DualStackSight(PlatformSocket want, PlatformHeld held)
    {
        var other = held.Socket;
        if (IsOddlyMapped(want) || IsOddlyMapped(other))
            return BsdLookup.Undocumented;
        if (want.IsIPv4)
            return other.IsIPv4 || other.IsDual ? BsdLookup.Same : BsdLookup.Never;
        return !other.IsIPv4 ? BsdLookup.Same : want.IsDual ? BsdLookup.OtherFamily : BsdLookup.Never;
    }

    private static bool IsOddlyMapped(PlatformSocket socket) => socket.Address.IsMapped && (socket.IsWildcard || socket.V6Only);

    /// <summary>The conflicts: rule A, then B or C; null where nothing is in the way.</summary>
    private protected PlatformRuling? InTheWay(PlatformSocket want, ImmutableArray<PlatformHeld> held)
    {
        // What is not told about is in doubt only as long as nothing else is in the way for certain.
        var doubt = held.Any(other => Sees(want, other) == BsdLookup.Undocumented) ? PlatformRuling.Open(Book.Undocumented) : null;
        foreach (var sight in (ReadOnlySpan<BsdLookup>)[BsdLookup.Same, BsdLookup.OtherFamily])
        {
            var seen = held.RemoveAll(other => Sees(want, other) != sight);
            if (seen.IsEmpty)
                continue;
            if (OwnerOf(want, seen) is { } owner)
                return owner;
            var isOther = sight == BsdLookup.OtherFamily;
            var ruling = IsPlain(want) ? PlainOf(want, seen, isOther) : isOther ? null : ExactOf(want, seen);
            if (ruling is { IsRefused: true })
                return ruling;
            doubt ??= ruling;
        }
        return doubt;
    }

    private PlatformRuling? OwnerOf(PlatformSocket want, ImmutableArray<PlatformHeld> seen)
    {
        if (want.IsPrivileged || want.Address.IsMulticast)
            return null;
        return Settle(Best(want, seen), other => other.Socket.UserId != want.UserId && !IsExempt(want, other), Book.Owner);
    }

    // A new dual-stack wildcard lets 0.0.0.0 pass, and with an option it looks for nothing else in the table of IPv4.
    private PlatformRuling? PlainOf(PlatformSocket want, ImmutableArray<PlatformHeld> seen, bool isOther) =>
        Settle(Best(want, seen), other => !(isOther && other.Socket.IsWildcard), Book.Plain);

    private PlatformRuling? ExactOf(PlatformSocket want, ImmutableArray<PlatformHeld> seen)
    {
        var exact = seen.RemoveAll(other => other.HasPeer || !IsExact(want, other.Socket));
        return Settle(exact, other => !Shares(want, other.Socket), Book.Exact);
    }

    /// <summary>
    /// Those that match best: an equal address before a wildcard, no peer before a peer, a socket of IPv4 before a dual-stack one.
    /// </summary>
    private static ImmutableArray<PlatformHeld> Best(PlatformSocket want, ImmutableArray<PlatformHeld> seen)
    {
        var best = seen.Min(other => CostOf(want, other));
        return best == int.MaxValue ? [] : seen.RemoveAll(other => CostOf(want, other) != best);
    }

    private static int CostOf(PlatformSocket want, PlatformHeld other)
    {
        var (mine, its) = (ViewOf(want), ViewOf(other.Socket));
        if (!mine.IsAny && !its.IsAny && mine != its)
            return int.MaxValue;
        return (mine.IsAny != its.IsAny ? 1 : 0) + (other.HasPeer ? 1 : 0) + (want.IsIPv4 && other.Socket.IsDual ? 3 : 0);
    }

    // A dual-stack wildcard stands in the IPv4 table as 0.0.0.0, so only whether it is a wildcard counts across families.
    private static IpAddress ViewOf(PlatformSocket socket) =>
        socket.IsWildcard ? IpAddress.AnyIPv4 : socket.Address.Unmapped;

    private static bool IsExact(PlatformSocket want, PlatformSocket other) => ViewOf(want) == ViewOf(other);

    private static bool IsPlain(PlatformSocket want) => !want.ReuseAddress && !want.ReusePort && !want.ReusePortBalanced;

    private static bool Shares(PlatformSocket want, PlatformSocket other)
    {
        var (mine, its) = (want.ReusePort, other.ReusePort);
        if (want.Address.IsMulticast)
            (mine, its) = (mine || want.ReuseAddress, its || other.ReuseAddress);
        return (mine && its) || (want.ReusePortBalanced && other.ReusePortBalanced);
    }

    private PlatformRuling? Settle(ImmutableArray<PlatformHeld> matches, Func<PlatformHeld, bool> isInTheWay, PlatformRule rule)
    {
        var blockers = matches.Count(isInTheWay);
        return blockers == 0 ? null : blockers == matches.Length ? PlatformRuling.Refuse(InUse, rule) : PlatformRuling.Open(Book.Tie);
    }

    private PlatformRuling Passed(PlatformSocket want, ImmutableArray<PlatformHeld> held)
    {
        var isMet = held.Any(other => Sees(want, other) == BsdLookup.Same && CostOf(want, other) != int.MaxValue);
        var isElsewhere = held.Any(other => want.Address.Family != other.Socket.Address.Family);
        return PlatformRuling.Allow(
            !isMet ? isElsewhere ? Book.Families : Book.Free : want.Address.IsMulticast ? Book.Multicast : Book.Exact);
    }
}

/// <summary>In which way a BSD's bind() comes across another socket.</summary>
internal enum BsdLookup : byte
{
    Never,

    /// <summary>In the table of its own family.</summary>
    Same,

    /// <summary>As a new dual-stack wildcard, in the table of IPv4.</summary>
    OtherFamily,

    Undocumented,
}

/// <summary>
/// The rules of a system of the BSD family: those that all share, each with the place where it stands in this one's source, and its own.
/// </summary>
/// <param name="prefix">How the ids of its own rules begin.</param>
/// <param name="source">The file that holds the shared ones, with its revision.</param>
/// <param name="exempt">Who passes rule A there, to end its sentence; empty for nobody.</param>
/// <param name="listen">What says that listen() looks for nothing, and how surely.</param>
internal sealed class BsdRules(string prefix, string source, string exempt, (string Source, Confidence Confidence) listen)
{
    public required PlatformRule Families { get; init; }

    /// <summary>What about the families no source tells.</summary>
    public required PlatformRule Undocumented { get; init; }

    /// <summary>The ports that need root.</summary>
    public required PlatformRule Reserved { get; init; }

    /// <summary>TCP at an address of many hosts; null where nothing looks.</summary>
    public PlatformRule? Stream { get; init; }

    public PlatformRule Listen { get; } =
        new(prefix + "-LISTEN", "listen() looks for no conflicts again.", listen.Source, listen.Confidence);

    public PlatformRule NoOption { get; } = new(
        prefix + "-OPT", "This is a Linux option; no source that we read says what this system has instead.", "setsockopt(2)",
        Confidence.Unknown);

    public ImmutableArray<PlatformRule> All =>
    [
        Free, Owner, Plain, Exact, Multicast, Tie, Bound, Foreign,
        Families, Undocumented, Reserved, .. Stream is null ? (ReadOnlySpan<PlatformRule>)[] : [Stream], Listen, NoOption,
    ];

    public PlatformRule Free { get; } = new(
        "BSD-0", "No socket on the port has an equal address or a wildcard on either side: bind() succeeds.", source,
        Confidence.SourceRead);

    public PlatformRule Owner { get; } = new(
        "BSD-A",
        "Whoever is not root meets the best match at an equal or wildcard address, in any state: another user's is in the way, whatever "
            + "the options" + exempt + ".",
        source,
        Confidence.SourceRead);

    public PlatformRule Plain { get; } = new(
        "BSD-B",
        "Without SO_REUSEADDR and SO_REUSEPORT of its own any socket at an equal address, or with a wildcard on either side, is in the "
            + "way, connections and TIME_WAIT included.",
        source,
        Confidence.SourceRead);

    /// <summary>With an option: in the way.</summary>
    public PlatformRule Exact { get; } = new(
        "BSD-C",
        "With SO_REUSEADDR or SO_REUSEPORT of its own only a socket without a peer at exactly its address counts, unless both have "
            + "SO_REUSEPORT; the other's SO_REUSEADDR is never read.",
        source,
        Confidence.SourceRead);

    public PlatformRule Multicast { get; } = new(
        "BSD-M", "At a multicast address SO_REUSEADDR counts as SO_REUSEPORT, on both sides.", source, Confidence.SourceRead);

    /// <summary>Several equally good matches of which some are in the way.</summary>
    public PlatformRule Tie { get; } = new(
        "BSD-TIE",
        "One best match decides; of several that match equally well the order of a hash list picks one; no source says which.",
        source,
        Confidence.Unknown);

    public PlatformRule Bound { get; } = new("BSD-BOUND", "A socket is bound once: EINVAL.", source, Confidence.SourceRead);
    public PlatformRule Foreign { get; } = new("BSD-ADDR", "The host must have the address: EADDRNOTAVAIL.", source, Confidence.SourceRead);
}
