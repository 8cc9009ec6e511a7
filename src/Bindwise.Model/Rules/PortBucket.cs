using System.Runtime.InteropServices;
using Bindwise.Model.Addresses;

namespace Bindwise.Model.Rules;

/// <summary>
/// The TCP sockets of one port, by address, and what the port remembers. Sockets that the rules cannot tell apart count as one, so a
/// decision costs the same for ten sockets and for a hundred thousand.
/// Source: inet_bind_bucket, inet_bind2_bucket, include/net/inet_hashtables.h.
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

    private readonly Dictionary<IpAddress, List<Group>> _byAddress = [];
    private readonly List<Kind> _kinds = [];

    /// <summary>What the port remembers of SO_REUSEPORT; null for nothing.</summary>
    public ReusePortHistory? History { get; set; }

    /// <summary>False where nobody could tell what the port remembers: a socket that might pass by it is then undetermined.</summary>
    public bool IsHistoryKnown { get; init; } = true;

    /// <summary>How many sockets there are.</summary>
    public int Count { get; private set; }

    /// <summary>All members, address by address.</summary>
    public IEnumerable<(TMember Member, HeldTraits Traits)> Members =>
        from groups in _byAddress.Values from g in groups from member in g.Members select (member, g.Traits);

    /// <summary>Adds a socket.</summary>
    public void Add(TMember member, in HeldTraits traits)
    {
        ref var groups = ref CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, traits.Address.AsIPv6, out _);
        groups ??= [];
        var found = GroupOf(groups, traits);
        if (found is null)
            groups.Add(found = new Group(traits));
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
        var groups = _byAddress[traits.Address.AsIPv6];
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

    /// <summary>Whether a socket may bind to, or listen on, this port.</summary>
    /// <param name="want">The asking socket.</param>
    /// <param name="self">Its own traits, where it is a member already: it does not stand in its own way.</param>
    /// <param name="way">How it came to the port.</param>
    public PortAnswer Decide(in AskingSocket want, HeldTraits? self = null, PortWay way = PortWay.Named)
    {
        var answer = new PortAnswer();
        if (want.Bound.IsWildcard)
        {
            var own = self is { } traits ? KindOf(traits.AsSeenByWildcards) : null;
            foreach (var kind in _kinds)
            {
                if (kind != own || kind.Count > 1)
                    answer.Add(want, kind.Traits, way);
            }
        }
        else
        {
            AddAt(want.Address.AsIPv6, want, self, way, ref answer);
            AddAt(IpAddress.AnyIPv6, want, self, way, ref answer);
            AddAt(IpAddress.AnyIPv4.AsIPv6, want, self, way, ref answer);
        }
        if (Count > (self is null ? 0 : 1))
            answer.Pass(RuleBook.AddressesDisjoint);
        if (way == PortWay.Named && answer.Outcome == Outcome.Blocked)
        {
            if (ReusePortHistory.Lets(History, want))
                return PortAnswer.Passed(RuleBook.ReusePortHistory);
            if (!IsHistoryKnown && want.ReusePort)
                return answer.Doubted();
        }
        return answer;
    }

    /// <summary>The sockets in the way, each with its rule.</summary>
    public IEnumerable<(TMember Member, Rule Rule)> BlockersOf(AskingSocket want, TMember? self = null)
    {
        foreach (var group in want.Bound.IsWildcard ? _byAddress.Values.SelectMany(static groups => groups) : GroupsMetBy(want.Address.AsIPv6))
        {
            var ruling = PairRules.Settle(want, group.Traits).Ruling;
            if (!ruling.Conflicts)
                continue;
            foreach (var member in group.Members)
            {
                if (!ReferenceEquals(member, self))
                    yield return (member, ruling.Rule);
            }
        }
    }

    /// <summary>All that a specific address can meet.</summary>
    private IEnumerable<Group> GroupsMetBy(IpAddress address)
    {
        foreach (var place in (IpAddress[])[address, IpAddress.AnyIPv6, IpAddress.AnyIPv4.AsIPv6])
        {
            foreach (var group in _byAddress.GetValueOrDefault(place) ?? [])
                yield return group;
        }
    }

    private void AddAt(IpAddress address, in AskingSocket want, HeldTraits? self, PortWay way, ref PortAnswer answer)
    {
        if (!_byAddress.TryGetValue(address, out var groups))
            return;
        foreach (var group in groups)
        {
            if (group.Members.Count > 1 || group.Traits != self)
                answer.Add(want, group.Traits, way);
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
