namespace Bindwise.Diagnostics;

/// <summary>A network interface of this network namespace, with its addresses.</summary>
internal sealed record InterfaceRecord
{
    private readonly EquatableArray<InterfaceAddress> _addresses;

    /// <summary>The interface's index (ifindex), from 1; socket tables name interfaces by it.</summary>
    public required uint Index { get; init; }

    /// <summary>The interface's name, as <c>eth0</c>; at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is administratively up (IFF_UP); a cable is not asked for.</summary>
    public bool IsUp { get; init; }

    /// <summary>net.ipv6.conf.NAME.disable_ipv6: it gets no IPv6 address. Looked at where such an address is missing.</summary>
    public bool IsIPv6Off { get; init; }

    /// <summary>The VRF that it belongs to: the index of its master, or its own where it is one; 0 for none.</summary>
    public uint VrfIndex { get; init; }

    /// <summary>The interface's addresses of both families, in the kernel's order.</summary>
    public ImmutableArray<InterfaceAddress> Addresses { get => _addresses; init => _addresses = value; }
}

/// <summary>An address on an interface (RTM_NEWADDR).</summary>
/// <param name="IsTentative">Duplicate address detection is under way (IFA_F_TENTATIVE without IFA_F_OPTIMISTIC): cannot be bound
/// yet.</param>
/// <param name="IsDuplicate">Duplicate address detection failed (IFA_F_DADFAILED): cannot be bound.</param>
internal sealed record InterfaceAddress(IpAddress Address, int PrefixLength, bool IsTentative = false, bool IsDuplicate = false)
{
    /// <summary>The last address of its IPv4 network, by which all hosts there are reached; null where there is none.</summary>
    public IpAddress? Broadcast => Address.Family == IpFamily.IPv4 && PrefixLength is >= 1 and <= 30
        ? new(IpFamily.IPv4, Address.Bits | (((UInt128)1 << (32 - PrefixLength)) - 1)) : null;
}

/// <summary>
/// Addresses of many receivers: multicast groups and broadcast addresses. Every socket that takes what is sent there gets a copy, whichever
/// address it is bound to (__udp4_lib_mcast_deliver(), net/ipv4/udp.c), so that none loses it to another.
/// </summary>
internal static class SharedAddresses
{
    public static bool Contain(IpAddress address, ImmutableArray<InterfaceRecord> interfaces) =>
        address.Unmapped.IsMulticast || IsBroadcast(address, interfaces);

    /// <summary>255.255.255.255, or the last address of an interface's IPv4 network.</summary>
    public static bool IsBroadcast(IpAddress address, ImmutableArray<InterfaceRecord> interfaces) => address.AsIPv4 is { } own
        && (own.IsBroadcast || interfaces.Any(link => link.Addresses.Any(at => at.Broadcast == own)));
}
