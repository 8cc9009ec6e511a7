namespace Bindwise.Linux.Listening;

/// <summary>The options of a listening socket that the kernel is told, or that it tells.</summary>
/// <param name="ReuseAddress">SO_REUSEADDR; set only where true, since a new socket has it off.</param>
/// <param name="ReusePort">SO_REUSEPORT; set only where true.</param>
/// <param name="V6Only">IPV6_V6ONLY; null leaves it as the system has it, and stands for IPv4.</param>
/// <param name="Device">The interface of SO_BINDTODEVICE; null for none.</param>
/// <param name="Freebind">IP_FREEBIND, or IPV6_FREEBIND; set only where true.</param>
internal readonly record struct ListenOptions(bool ReuseAddress, bool ReusePort, bool? V6Only, string? Device, bool Freebind);
