using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>When two sockets' local addresses meet (ipv4_rcv_saddr_equal, ipv6_rcv_saddr_equal, inet_use_hash2_on_bind).</summary>
internal static class AddressOverlap
{
    /// <summary>What the kernel writes as the IPv4 view of a v6 socket with a native address (LOOPBACK4_IPV6).</summary>
    private static readonly IpAddress NativeIPv4View = new(IpFamily.IPv4, 0x7f000006);

    /// <summary>Whether the two overlap.</summary>
    /// <param name="want">The asking socket.</param>
    /// <param name="held">The socket on the port.</param>
    /// <param name="heldV6Only">Its effective IPV6_V6ONLY.</param>
    public static bool Exists(in AskingSocket want, HeldSocket held, bool heldV6Only) =>
        want.Protocol == Protocol.Tcp && !want.Address.IsAny && !IsMappedAny(want.Address)
            ? MeetsSpecificTcp(want.Address, held, heldV6Only)
            : WildcardMeets(want, held, heldV6Only);

    /// <summary>TCP with a specific address looks only at its own address and at the wildcards (inet_use_hash2_on_bind).</summary>
    private static bool MeetsSpecificTcp(IpAddress want, HeldSocket held, bool heldV6Only)
    {
        var local = held.Local.Address;
        var wantsIPv4 = want.AsIPv4 is not null;
        if (local.Family == IpFamily.IPv6 && local.IsAny)
            return !(heldV6Only && wantsIPv4);
        return wantsIPv4 && local.AsIPv4 is { } view ? view.IsAny || view == want.AsIPv4 : local == want;
    }

    private static bool WildcardMeets(in AskingSocket want, HeldSocket held, bool heldV6Only) =>
        want.Address.Family == IpFamily.IPv4
            ? !heldV6Only && IPv4ViewsMeet(want.Address, IPv4View(held))
            : IPv6Meets(want, held, heldV6Only);

    private static bool IPv6Meets(in AskingSocket want, HeldSocket held, bool heldV6Only)
    {
        var local = held.Local.Address;
        var heldIsMapped = held.Family == IpFamily.IPv4 || local.IsMapped;
        if (want.Address.IsMapped && heldIsMapped)
            return !heldV6Only && IPv4ViewsMeet(want.Address.AsIPv4!.Value, IPv4View(held));
        var heldIsAny = held.Family == IpFamily.IPv6 && local.IsAny;
        if (heldIsAny && want.Address.IsAny)
            return true;
        if (heldIsAny)
            return !(heldV6Only && want.Address.IsMapped);
        if (want.Address.IsAny)
            return !(want.V6Only && heldIsMapped);
        return local.AsIPv6 == want.Address;
    }

    private static IpAddress IPv4View(HeldSocket held) =>
        held.Local.Address.AsIPv4 ?? (held.Local.Address.IsAny ? IpAddress.AnyIPv4 : NativeIPv4View);

    private static bool IPv4ViewsMeet(IpAddress one, IpAddress other) => one.IsAny || other.IsAny || one == other;

    private static bool IsMappedAny(IpAddress address) => address.IsMapped && address.AsIPv4!.Value.IsAny;
}
