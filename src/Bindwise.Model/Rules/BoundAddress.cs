using Bindwise.Model.Addresses;

namespace Bindwise.Model.Rules;

/// <summary>A socket's local address as the overlap functions read it: with its family and effective IPV6_V6ONLY.</summary>
/// <param name="Family">The socket's family.</param>
/// <param name="Address">sk_rcv_saddr or sk_v6_rcv_saddr.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY; false on IPv4.</param>
internal readonly record struct BoundAddress(IpFamily Family, IpAddress Address, bool V6Only)
{
    /// <summary>What the kernel writes as the IPv4 view of a v6 socket with a native address (LOOPBACK4_IPV6).</summary>
    private static readonly IpAddress NativeIPv4View = new(IpFamily.IPv4, 0x7f000006);

    /// <summary>An IPv4 socket, or a v6 one on a v4-mapped address.</summary>
    public bool IsIPv4OrMapped => Family == IpFamily.IPv4 || Address.IsMapped;

    /// <summary>A v6 socket on <c>::</c>.</summary>
    public bool IsAnyIPv6 => Family == IpFamily.IPv6 && Address.IsAny;

    /// <summary>0.0.0.0, <c>::</c> or <c>::ffff:0.0.0.0</c>.</summary>
    public bool IsWildcard => Address.AsIPv4?.IsAny ?? Address.IsAny;

    /// <summary>sk_rcv_saddr, which v6 sockets carry too: <c>::</c> as 0.0.0.0, a native address as 127.0.0.6.</summary>
    public IpAddress IPv4View => Address.AsIPv4 ?? (Address.IsAny ? IpAddress.AnyIPv4 : NativeIPv4View);
}
