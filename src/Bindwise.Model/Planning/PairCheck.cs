using Bindwise.Model.Rules;

namespace Bindwise.Model.Planning;

/// <summary>What the rules say of two ports of files.</summary>
/// <param name="Conflicts">They cannot be open together.</param>
internal readonly record struct PairVerdict(PlanRule Rule, bool Conflicts, BindRequest First, BindRequest Second);

/// <summary>Asks the rule model about two sockets that do not exist yet: one listens, the other one is bound then.</summary>
/// <param name="bindV6Only">net.ipv6.bindv6only.</param>
/// <param name="kernel">The release of Linux whose rules decide.</param>
internal sealed class PairCheck(bool bindV6Only, KernelRelease kernel)
{
    private readonly Dictionary<string, uint> _devices = new(StringComparer.Ordinal);

    /// <summary>
    /// The verdict of two ports with at least one number in common: a conflict if any two of their binds conflict, else how they share the
    /// port. Null where they have nothing to do with each other: other addresses, other interfaces.
    /// </summary>
    public PairVerdict? Decide(PlannedPort first, PlannedPort second)
    {
        PairVerdict? shared = null;
        foreach (var one in first.Binds)
        {
            foreach (var other in second.Binds)
            {
                if (one.Protocol == Protocol.Unix)
                    return new PairVerdict(PlanRule.Of(one.Path is ['@', ..] ? RuleBook.UnixAbstractTaken : RuleBook.UnixPathExists), true,
                        one, other);
                // Asked for every pair: two addresses of their own never meet, whatever else.
                if (!IsWildcard(one.Address) && !IsWildcard(other.Address) && one.Address.AsIPv6 != other.Address.AsIPv6)
                    continue;
                var verdict = Decide(one, other);
                if (verdict.Conflicts)
                {
                    var rule = first.Place == PlanPlace.Cluster ? PlanRule.NodePort
                        : first.Place == PlanPlace.Node ? PlanRule.HostPort : PlanRule.Of(verdict.Rule);
                    return new PairVerdict(rule, true, one, other);
                }
                if (verdict.Rule != RuleBook.AddressesDisjoint && verdict.Rule != RuleBook.DevicesDisjoint && IsOverlapping(one, other))
                    shared ??= new PairVerdict(PlanRule.Of(verdict.Rule), false, one, other);
            }
        }
        return shared;
    }

    // ::ffff:0.0.0.0 is one too.
    private static bool IsWildcard(IpAddress address) => (address.AsIPv4 ?? address).IsAny;

    /// <summary>A bind while a socket of this host holds the port. A device of the plan is not known here: it counts as none.</summary>
    public PairRuling DecideHeld(BindRequest want, HeldSocket held) =>
        PairRules.Settle(AskingSocket.From(want, bindV6Only, 0, kernel) with { Port = held.Local.Port }, HeldTraits.Of(held)).Ruling;

    /// <summary>One bind while another one holds the port, whichever of the two came first.</summary>
    private PairRuling Decide(BindRequest one, BindRequest other)
    {
        var ruling = Ask(other, one);
        return ruling.Conflicts ? ruling : Ask(one, other) is { Conflicts: true } reverse ? reverse : ruling;
    }

    private PairRuling Ask(BindRequest want, BindRequest held)
    {
        // The port is the same: of two ranges only the common part is asked about.
        var asking = AskingSocket.From(want, bindV6Only, DeviceOf(want), kernel);
        return PairRules.Settle(asking with { Port = held.Port }, TraitsOf(held)).Ruling;
    }

    private HeldTraits TraitsOf(BindRequest held)
    {
        var asked = AskingSocket.From(held, bindV6Only, DeviceOf(held), kernel);
        return new HeldTraits(
            held.Address.Family,
            held.Address,
            held.Protocol == Protocol.Tcp ? HeldKind.Listening : HeldKind.Plain,
            asked.DeviceIndex,
            asked.V6Only ? Fact.Yes : Fact.No,
            held.ReuseAddress ? Fact.Yes : Fact.No,
            held.ReusePort ? Fact.Yes : Fact.No,
            held.UserId);
    }

    // UDP asks for SO_REUSEADDR before it looks at the addresses.
    private bool IsOverlapping(BindRequest one, BindRequest other) =>
        AddressOverlap.Exists(AskingSocket.From(one, bindV6Only, DeviceOf(one), kernel),
            TraitsOf(other).Bound(AskingSocket.From(other, bindV6Only, 0, kernel).V6Only));

    /// <summary>The interfaces of a plan have names only; each gets a number of its own.</summary>
    private uint DeviceOf(BindRequest request)
    {
        var name = AddressRules.NeedsScope(request.Address) ? request.Scope ?? request.Device : request.Device;
        if (name is null)
            return 0;
        if (!_devices.TryGetValue(name, out var index))
            _devices[name] = index = (uint)_devices.Count + 1;
        return index;
    }
}
