using System.Runtime.InteropServices;

namespace Bindwise.Model.Rules;

/// <summary>
/// The TCP sockets of one port, by address, and what the port remembers. Sockets that the rules cannot tell apart count as one, so a
/// decision costs the same for ten sockets and for a hundred thousand. Source: inet_bind_bucket, inet_bind2_bucket,
/// include/net/inet_hashtables.h.
/// </summary>
/// <typeparam name="TMember">What stands for a socket; compared by reference.</typeparam>
internal sealed class PortBucket<TMember> where TMember : class
{
    private sealed class Group(HeldTraits traits)
    {
        public HeldTraits Traits => traits;

        public HashSet<TMember> Members { get; } = new(ReferenceEqualityComparer.Instance);
    }

    private sealed class Kind(HeldTraits traits)
    {
        public HeldTraits Traits => traits;

        public int Count { get; set; }
    }

    /// <summary>The sockets at one address (inet_bind2_bucket), and the family of the one that made it.</summary>
    private sealed class Place(IpFamily family)
    {
        public IpFamily Family => family;

        public List<Group> Groups { get; } = [];
    }

    private readonly Dictionary<IpAddress, Place> _byAddress = [];
    private readonly List<Kind> _kinds = [];

    /// <summary>What the port remembers of the sockets that bound or listened on it.</summary>
    public PortHistory History { get; set; }

    /// <summary>False where nobody could tell what the port remembers: a socket that might pass by it is then undetermined.</summary>
    public bool IsHistoryKnown { get; init; } = true;

    public int Count { get; private set; }

    public IEnumerable<(TMember Member, HeldTraits Traits)> Members =>
        from place in _byAddress.Values from g in place.Groups from member in g.Members select (member, g.Traits);

    public void Add(TMember member, in HeldTraits traits)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, traits.Address.AsIPv6, out _);
        place ??= new Place(traits.Family);
        var found = GroupOf(place.Groups, traits);
        if (found is null)
            place.Groups.Add(found = new Group(traits));
        found.Members.Add(member);
        var seen = traits.AsSeenByWildcards;
        var kind = KindOf(seen);
        if (kind is null)
            _kinds.Add(kind = new Kind(seen));
        kind.Count++;
        Count++;
    }

    /// <summary>Takes out a socket that was added with these traits.</summary>
    public void Remove(TMember member, in HeldTraits traits)
    {
        var groups = _byAddress[traits.Address.AsIPv6].Groups;
        var found = GroupOf(groups, traits)!;
        found.Members.Remove(member);
        if (found.Members.Count == 0)
            groups.Remove(found);
        if (groups.Count == 0)
            _byAddress.Remove(traits.Address.AsIPv6);
        var kind = KindOf(traits.AsSeenByWildcards)!;
        if (--kind.Count == 0)
            _kinds.Remove(kind);
        Count--;
    }

    /// <param name="self">Its own traits, where it is a member already: it does not stand in its own way.</param>
    public PortAnswer Decide(in AskingSocket want, HeldTraits? self = null, PortWay way = PortWay.Named, bool listens = false)
    {
        var answer = new PortAnswer();
        if (want.Address.IsWildcard)
        {
            var own = self is { } traits ? KindOf(traits.AsSeenByWildcards) : null;
            foreach (var kind in _kinds)
            {
                if (kind != own || kind.Count > 1)
                    answer.Add(want, kind.Traits, way);
            }
        }
        else if (want.Kernel.Has(KernelChanges.AddressTable))
        {
            AddAt(want.Address.AsIPv6, want, self, way, ref answer);
            AddAt(IpAddress.AnyIPv6, want, self, way, ref answer);
            AddAt(IpAddress.AnyIPv4.AsIPv6, want, self, way, ref answer);
        }
        else
        {
            foreach (var address in _byAddress.Keys)
                AddAt(address, want, self, way, ref answer);
        }
        if (Count > (self is null ? 0 : 1))
            answer.Pass(RuleBook.AddressesDisjoint);
        if (way == PortWay.Named && answer.Outcome == Outcome.Blocked)
        {
            if (History.Lets(want, listens) is { } rule)
                return PortAnswer.Passed(rule);
            if (!IsHistoryKnown && PortHistory.MayLet(want, listens || HasListener))
                return answer.Doubted();
        }
        return answer;
    }

    public IEnumerable<(TMember Member, Rule Rule)> BlockersOf(AskingSocket want, TMember? self = null)
    {
        foreach (var (place, group) in from place in PlacesMetBy(want) from g in place.Groups select (place, g))
        {
            var ruling = PairRules.Settle(want, AsListed(group.Traits, place, want)).Ruling;
            if (!ruling.Conflicts)
                continue;
            foreach (var member in group.Members)
            {
                if (!ReferenceEquals(member, self))
                    yield return (member, ruling.Rule);
            }
        }
    }

    // listen() ends what the port remembers of SO_REUSEADDR.
    private bool HasListener => _kinds.Exists(static kind => kind.Traits.Kind == HeldKind.Listening);

    private IEnumerable<Place> PlacesMetBy(in AskingSocket want) =>
        want.Address.IsWildcard || !want.Kernel.Has(KernelChanges.AddressTable) ? _byAddress.Values
            : ((IpAddress[])[want.Address.AsIPv6, IpAddress.AnyIPv6, IpAddress.AnyIPv4.AsIPv6]).Select(
                address => _byAddress.GetValueOrDefault(address)).OfType<Place>();

    /// <summary>
    /// As the list of its address tells it. Before 6.8 that has a family of its own, which it got from its first socket: a v4-mapped
    /// address does not meet ::ffff:0.0.0.0 unless the list was made by 0.0.0.0.
    /// </summary>
    private static HeldTraits AsListed(in HeldTraits held, Place place, in AskingSocket want) =>
        place.Family == IpFamily.IPv4 && held.Family == IpFamily.IPv6 && !want.Kernel.Has(KernelChanges.MappedWildcardMeetsMapped)
            ? held with { Family = IpFamily.IPv4, Address = held.Address.Unmapped }
            : held;

    private void AddAt(IpAddress address, in AskingSocket want, HeldTraits? self, PortWay way, ref PortAnswer answer)
    {
        if (!_byAddress.TryGetValue(address, out var place))
            return;
        foreach (var group in place.Groups)
        {
            if (group.Members.Count > 1 || group.Traits != self)
                answer.Add(want, AsListed(group.Traits, place, want), way);
        }
    }

    private static Group? GroupOf(List<Group> groups, in HeldTraits traits)
    {
        foreach (var group in groups)
        {
            if (group.Traits == traits)
                return group;
        }
        return null;
    }

    private Kind? KindOf(in HeldTraits traits)
    {
        foreach (var kind in _kinds)
        {
            if (kind.Traits == traits)
                return kind;
        }
        return null;
    }
}

/// <summary>What the sockets of a port say of a bind(), gathered one kind of socket at a time.</summary>
internal struct PortAnswer
{
    private Rule? _passed;
    private Rule? _blocked;
    private HeldKind _blockedBy;
    private bool _isCertain;
    private bool _isDoubted;

    /// <summary>A certain conflict blocks; an uncertain one leaves it open.</summary>
    public readonly Outcome Outcome =>
        _blocked is null ? Outcome.Allowed : _isCertain && !_isDoubted ? Outcome.Blocked : Outcome.Undetermined;

    /// <summary>The rule that decides: that of the most telling socket in the way, else the one that lets it pass.</summary>
    public readonly Rule Rule => _blocked ?? _passed ?? RuleBook.NothingInTheWay;

    public static PortAnswer Passed(Rule rule) => new() { _passed = rule };

    public readonly PortAnswer Doubted() => this with { _isDoubted = true };

    public void Add(in AskingSocket want, in HeldTraits held, PortWay way)
    {
        var (ruling, certain) = PairRules.Settle(want, held, way);
        if (!ruling.Conflicts)
        {
            Pass(ruling.Rule);
            return;
        }
        if (_blocked is null || (certain && !_isCertain) || (certain == _isCertain && Rank(held.Kind) < Rank(_blockedBy)))
            (_blocked, _blockedBy) = (ruling.Rule, held.Kind);
        _isCertain |= certain;
    }

    /// <summary>Some socket lets it pass by this rule.</summary>
    public void Pass(Rule rule) => _passed = PairRules.MoreSpecific(_passed, rule);

    /// <summary>A listener has to go before anything else matters; TIME_WAIT goes by itself.</summary>
    private static int Rank(HeldKind kind) => kind switch
    {
        HeldKind.Listening => 0,
        HeldKind.Plain => 1,
        _ => 2,
    };
}

/// <summary>
/// What a TCP port remembers of the sockets that bound or listened on it: the next one may pass without a look at the others, even where
/// the options of today would stop it. A snapshot cannot know it. Source: sk_reuseport_match(), inet_csk_update_fastreuse(),
/// net/ipv4/inet_connection_sock.c.
/// </summary>
/// <param name="AllReuseAddress">Each of them had SO_REUSEADDR, and none listened (fastreuse); before Linux 6.8 only.</param>
/// <param name="ReusePort">The last one with SO_REUSEPORT, where the last one of all had it; null for none (fastreuseport).</param>
internal readonly record struct PortHistory(bool AllReuseAddress, ReusePortMemory? ReusePort)
{
    /// <summary>The rule by which a socket passes; null where the port remembers nothing that lets it.</summary>
    public Rule? Lets(in AskingSocket want, bool listens) =>
        AllReuseAddress && want.ReuseAddress && !listens ? RuleBook.ReuseAddressHistory
        : ReusePort is { } last && last.Lets(want) ? RuleBook.ReusePortHistory
        : null;

    /// <summary>Whether a history that nobody knows may let a socket pass.</summary>
    public static bool MayLet(in AskingSocket want, bool somethingListens) =>
        want.ReusePort || (want.ReuseAddress && !somethingListens && !want.Kernel.Has(KernelChanges.OptionsReadAlways));

    /// <summary>What stands there after a bind() or listen() that succeeded.</summary>
    public PortHistory After(in AskingSocket want, bool isFirst, bool listens)
    {
        // Since 6.8 the socket's own address stands in the list before the port is found empty.
        var isNew = isFirst && !want.Kernel.Has(KernelChanges.OptionsReadAlways);
        return new(
            want.ReuseAddress && !listens && (isNew || AllReuseAddress),
            !want.ReusePort ? null
                : ReusePort is { } last && last.Lets(want) ? last : new ReusePortMemory(want.Bound, want.UserId, AnyAddress: isNew));
    }
}

/// <summary>The last SO_REUSEPORT socket of a port.</summary>
/// <param name="Address">Its address, family and IPV6_V6ONLY of then.</param>
/// <param name="AnyAddress">It was the port's first socket, and every address counts as covered (FASTREUSEPORT_ANY; else
/// FASTREUSEPORT_STRICT).</param>
internal readonly record struct ReusePortMemory(BoundAddress Address, uint UserId, bool AnyAddress)
{
    /// <summary>Whether a socket passes by it: same user, SO_REUSEPORT, and an address that the remembered one covers.</summary>
    public bool Lets(in AskingSocket want) =>
        want.ReusePort && UserId == want.UserId && (AnyAddress || AddressOverlap.ReceiveAlike(Address, want.Bound, otherCovers: false));
}
