namespace Bindwise.Diagnostics;

/// <summary>What an IPv4 address is to this host (rtnetlink(7), rtm_type; inet_addr_type_table(), net/ipv4/fib_frontend.c).</summary>
internal enum AddressKind : byte
{
    /// <summary>The kernel could not be asked, or gave another kind of route.</summary>
    Unknown,

    /// <summary>The host's own (RTN_LOCAL), every address of 127.0.0.0/8 included while loopback is up: can be bound.</summary>
    Local,

    /// <summary>A broadcast address (RTN_BROADCAST; 0.0.0.0 and 255.255.255.255 count as such): can be bound, even by TCP.</summary>
    Broadcast,

    /// <summary>A multicast group (RTN_MULTICAST): can be bound, even by TCP.</summary>
    Multicast,

    /// <summary>Another host's, or nobody's: bind() answers EADDRNOTAVAIL, unless a setting or option allows foreign addresses.</summary>
    Elsewhere,
}

/// <summary>What the kernel's routes say of an address that a target names.</summary>
/// <param name="Address">The IPv4 address; a v4-mapped one stands as IPv4.</param>
internal sealed record AddressFact(IpAddress Address, AddressKind Kind);
