namespace Bindwise.Model.Rules;

/// <summary>
/// The UDP sockets of one port in the kernel's order, which decides: the first that is not passed over has the last word. Source:
/// udp_lib_get_port(), udp_lib_lport_inuse(), udp_lib_lport_inuse2(), net/ipv4/udp.c.
/// </summary>
/// <typeparam name="TMember">What stands for a socket; compared by reference.</typeparam>
internal sealed class UdpPortList<TMember> where TMember : class
{
    /// <summary>From this many sockets in a hash slot on, the lists of one address are walked instead of the port's.</summary>
    private const int SlotLimit = 10;

    private readonly List<(TMember Member, HeldTraits Traits)> _sockets = [];

    // The same sockets in the order of the lists by address (udp_portaddr_node), all in one.
    private readonly List<(TMember Member, HeldTraits Traits)> _byAddress = [];

    /// <summary>
    /// Whether a wildcard asks the list of the wildcards alone because of a crowded slot, and so misses specific addresses (<see
    /// cref="KernelChanges.UdpWildcardSeesAll"/>); unknown for a snapshot, whose kernel may be an older one of its stable releases.
    /// </summary>
    public Fact WildcardMissesSpecific { get; init; } = Fact.No;

    /// <summary>
    /// Each family stands in order, and how the two mix is not known: the kernel lists one family at a time (udp_dump(),
    /// net/ipv4/udp_diag.c).
    /// </summary>
    public bool AreFamiliesApart { get; init; }

    public int Count => _sockets.Count;
    public IReadOnlyList<(TMember Member, HeldTraits Traits)> Sockets => _sockets;

    /// <summary>The same in the order in which a datagram's receiver is looked for.</summary>
    public IReadOnlyList<(TMember Member, HeldTraits Traits)> SocketsByAddress => _byAddress;

    /// <summary>Adds a socket where bind() does: at the head; at the tail with SO_REUSEPORT on IPv6 (sk_add_node_rcu()).</summary>
    public void Add(TMember member, in HeldTraits traits)
    {
        if (traits is { Family: IpFamily.IPv6, ReusePort: Fact.Yes })
        {
            Append(member, traits);
            return;
        }
        _sockets.Insert(0, (member, traits));
        _byAddress.Insert(0, (member, traits));
    }

    /// <summary>Adds a socket after all others: a table that is read already stands in order.</summary>
    public void Append(TMember member, in HeldTraits traits)
    {
        _sockets.Add((member, traits));
        _byAddress.Add((member, traits));
    }

    public void Remove(TMember member)
    {
        _sockets.RemoveAt(IndexIn(_sockets, member));
        _byAddress.RemoveAt(IndexIn(_byAddress, member));
    }

    /// <summary>
    /// An option, the address or the device changed: the socket keeps its place, but for another address it goes to the head of that one's
    /// list (udp_lib_rehash()).
    /// </summary>
    public void Change(TMember member, in HeldTraits traits)
    {
        var place = IndexIn(_byAddress, member);
        var isElsewhere = _byAddress[place].Traits.Address.AsIPv6 != traits.Address.AsIPv6;
        _sockets[IndexIn(_sockets, member)] = (member, traits);
        _byAddress.RemoveAt(place);
        _byAddress.Insert(isElsewhere ? 0 : place, (member, traits));
    }

    /// <param name="blockers">Receives the sockets in the way; null when nobody asks.</param>
    public PortVerdict Decide(in AskingSocket want, List<(TMember Member, Rule Rule, bool IsCertain)>? blockers = null)
    {
        blockers ??= [];
        var walk = Walk(want, _sockets, blockers);
        if (blockers.Count == 0)
            return new(Outcome.Allowed, walk.Passed ?? RuleBook.NothingInTheWay);
        var outcome = _sockets.Count > SlotLimit ? OfCrowdedSlot(want, walk.Outcome) : walk.Outcome;
        return outcome == Outcome.Allowed
            ? new(outcome, walk.Outcome != Outcome.Allowed ? RuleBook.UdpCrowdedSlot : walk.Passed!)
            : new(outcome, outcome != walk.Outcome && outcome == Outcome.Blocked ? RuleBook.UdpCrowdedSlot : blockers[0].Rule);
    }

    /// <summary>After a specific address the list of that address and the list of the wildcards are walked, and both must pass.</summary>
    private Outcome OfCrowdedSlot(in AskingSocket want, Outcome ofPort)
    {
        var wildcards = Walk(want, _byAddress.FindAll(static s => s.Traits.Address.IsWildcard), null).Outcome;
        if (want.Address.IsWildcard)
            return wildcards == ofPort ? ofPort
                : WildcardMissesSpecific switch { Fact.No => ofPort, Fact.Yes => wildcards, _ => Outcome.Undetermined };
        var address = want.Address.AsIPv6;
        var own = Walk(want, _byAddress.FindAll(s => s.Traits.Address.AsIPv6 == address), null).Outcome;
        return own == Outcome.Blocked || wildcards == Outcome.Blocked ? Outcome.Blocked
            : own == Outcome.Undetermined || wildcards == Outcome.Undetermined ? Outcome.Undetermined
            : Outcome.Allowed;
    }

    private (Outcome Outcome, Rule? Passed) Walk(
        in AskingSocket want, List<(TMember Member, HeldTraits Traits)> list, List<(TMember Member, Rule Rule, bool IsCertain)>? blockers)
    {
        if (!AreFamiliesApart)
        {
            var (outcome, only) = WalkInOrder(want, list, blockers);
            return (outcome ?? Outcome.Allowed, only);
        }
        var (ofIPv4, passed) = WalkInOrder(want, list.FindAll(static s => s.Traits.Family == IpFamily.IPv4), blockers);
        var (ofIPv6, passedIPv6) = WalkInOrder(want, list.FindAll(static s => s.Traits.Family == IpFamily.IPv6), blockers);
        // Without SO_REUSEPORT none ends the walk in favour of the bind: one that refuses is met, whichever comes first.
        var differing = !want.ReusePort && (ofIPv4 == Outcome.Blocked || ofIPv6 == Outcome.Blocked) ? Outcome.Blocked
            : Outcome.Undetermined;
        var both = ofIPv4 is null ? ofIPv6 : ofIPv6 is null || ofIPv4 == ofIPv6 ? ofIPv4 : differing;
        return (both ?? Outcome.Allowed, passedIPv6 is null ? passed : PairRules.MoreSpecific(passed, passedIPv6));
    }

    // No outcome: every socket is passed over.
    private static (Outcome? Outcome, Rule? Passed) WalkInOrder(
        in AskingSocket want, List<(TMember Member, HeldTraits Traits)> list, List<(TMember Member, Rule Rule, bool IsCertain)>? blockers)
    {
        Rule? passed = null;
        Outcome? outcome = null;
        var isDoubtful = false;
        foreach (var (member, traits) in list)
        {
            var (ruling, certain) = PairRules.Settle(want, traits);
            if (ruling.Conflicts)
            {
                blockers?.Add((member, ruling.Rule, certain));
                if (certain)
                    outcome ??= isDoubtful && want.ReusePort ? Outcome.Undetermined : Outcome.Blocked;
                else
                    isDoubtful = true;
                continue;
            }
            passed = PairRules.MoreSpecific(passed, ruling.Rule);
            if (ruling.Rule == RuleBook.UdpReusePortSameUser)
                outcome ??= isDoubtful ? Outcome.Undetermined : Outcome.Allowed;
        }
        return (outcome ?? (isDoubtful ? Outcome.Undetermined : null), passed);
    }

    private static int IndexIn(List<(TMember Member, HeldTraits Traits)> list, TMember member) =>
        list.FindIndex(s => ReferenceEquals(s.Member, member));
}

/// <summary>What a port says of a bind().</summary>
internal readonly record struct PortVerdict(Outcome Outcome, Rule Rule);
