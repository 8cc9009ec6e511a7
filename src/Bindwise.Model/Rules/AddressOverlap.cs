using Bindwise.Model.Addresses;

namespace Bindwise.Model.Rules;

/// <summary>When two sockets' local addresses meet.</summary>
internal static class AddressOverlap
{
    /// <summary>Whether an asking socket meets a held one: TCP with a specific address looks at fewer sockets (inet_use_hash2_on_bind).</summary>
    public static bool Exists(in AskingSocket want, in BoundAddress held) =>
        want.Protocol == Protocol.Tcp && !want.Bound.IsWildcard
            ? MeetsSpecificTcp(want.Address, held)
            : ReceiveAlike(want.Bound, held, otherCovers: true);

    /// <summary>
    /// Whether two addresses receive for each other; a wildcard of the first always counts (match_sk1_wildcard).
    /// Source: ipv4_rcv_saddr_equal(), ipv6_rcv_saddr_equal(), net/ipv4/inet_connection_sock.c.
    /// </summary>
    /// <param name="one">The socket that asks (sk).</param>
    /// <param name="other">The other one (sk2).</param>
    /// <param name="otherCovers">A wildcard of the second counts (match_sk2_wildcard).</param>
    public static bool ReceiveAlike(in BoundAddress one, in BoundAddress other, bool otherCovers)
    {
        if (one.Family == IpFamily.IPv4 || (one.Address.IsMapped && other.IsIPv4OrMapped))
        {
            var (view, otherView) = (one.IPv4View, other.IPv4View);
            return !other.V6Only && (view == otherView || view.IsAny || (otherCovers && otherView.IsAny));
        }
        if (one.IsAnyIPv6 && other.IsAnyIPv6)
            return true;
        if (otherCovers && other.IsAnyIPv6 && !(other.V6Only && one.Address.IsMapped))
            return true;
        if (one.IsAnyIPv6 && !(one.V6Only && other.IsIPv4OrMapped))
            return true;
        return other.Address == one.Address;
    }

    /// <summary>Its own address, and the wildcards of its kind (inet_bhash2_addr_any_conflict(), __inet_bhash2_conflict()).</summary>
    private static bool MeetsSpecificTcp(IpAddress want, in BoundAddress held)
    {
        var wantsIPv4 = want.AsIPv4 is not null;
        // Even at a mapped address: one may be bound to it and get a port only after IPV6_V6ONLY was set.
        if (held.V6Only && wantsIPv4)
            return false;
        if (held.IsAnyIPv6)
            return true;
        return wantsIPv4 && held.Address.AsIPv4 is { } view ? view.IsAny || view == want.AsIPv4 : held.Address == want;
    }
}
