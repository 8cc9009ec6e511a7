namespace Bindwise.Diagnostics;

/// <summary>The two address families, with the kernel's numbers (AF_INET, AF_INET6; ip(7), ipv6(7)).</summary>
internal enum IpFamily : byte
{
    IPv4 = 2,
    IPv6 = 10,
}
