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

    /// <summary>The interface's addresses of both families, in the kernel's order.</summary>
    public ImmutableArray<InterfaceAddress> Addresses { get => _addresses; init => _addresses = value; }
}

/// <summary>An address on an interface (RTM_NEWADDR).</summary>
/// <param name="IsTentative">Duplicate address detection is under way (IFA_F_TENTATIVE without IFA_F_OPTIMISTIC): cannot be bound
/// yet.</param>
/// <param name="IsDuplicate">Duplicate address detection failed (IFA_F_DADFAILED): cannot be bound.</param>
internal sealed record InterfaceAddress(IpAddress Address, int PrefixLength, bool IsTentative = false, bool IsDuplicate = false);
