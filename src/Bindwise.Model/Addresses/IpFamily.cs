namespace Bindwise.Diagnostics;

/// <summary>The two address families, with the kernel's numbers (AF_INET, AF_INET6; ip(7), ipv6(7)).</summary>
internal enum IpFamily : byte
{
    /// <summary>IPv4, with Linux's number of AF_INET.</summary>
    IPv4 = 2,

    /// <summary>IPv6, with Linux's number of AF_INET6.</summary>
    IPv6 = 10,
}
