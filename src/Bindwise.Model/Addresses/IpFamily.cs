namespace Bindwise.Model.Addresses;

/// <summary>The two address families, with the kernel's numbers (AF_INET, AF_INET6; ip(7), ipv6(7)).</summary>
public enum IpFamily : byte
{
    /// <summary>AF_INET.</summary>
    IPv4 = 2,

    /// <summary>AF_INET6.</summary>
    IPv6 = 10,
}
