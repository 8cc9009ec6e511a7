namespace Bindwise.Model.Rules;

/// <summary>Which of several sockets on one port gets what arrives.</summary>
internal static class DeliveryRules
{
    /// <summary>
    /// Whether a wildcard loses to a socket what is sent to that socket's address: the address itself comes before the wildcard, and IPv4
    /// before an IPv6 wildcard of both families (compute_score(), net/ipv4/inet_hashtables.c and net/ipv4/udp.c).
    /// </summary>
    public static bool TakesFromWildcard(IpAddress winner, IpAddress wildcard, bool isV6Only)
    {
        var taken = winner.Unmapped;
        return wildcard.IsAny && (taken.Family == wildcard.Family ? !taken.IsAny : wildcard.Family == IpFamily.IPv6 && !isV6Only);
    }

    public static bool TakesFromWildcard(HeldSocket winner, HeldSocket wildcard) =>
        TakesFromWildcard(winner.Local.Address, wildcard.Local.Address, wildcard.V6Only != Fact.No);

    /// <summary>
    /// Whether of two sockets on [::] one takes IPv6 alone: SO_REUSEPORT makes no group of such two (inet_reuseport_add_sock(),
    /// udp_reuseport_add_sock()), and the older gets all that comes over IPv6.
    /// </summary>
    public static bool DifferInFamilies(IpAddress shared, Fact isV6Only, Fact isOtherV6Only) =>
        shared == IpAddress.AnyIPv6 && isV6Only != isOtherV6Only && isV6Only != Fact.Unknown && isOtherV6Only != Fact.Unknown;
}
