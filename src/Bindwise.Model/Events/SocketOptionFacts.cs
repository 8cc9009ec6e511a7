namespace Bindwise.Diagnostics;

/// <summary>Options of a socket as they stood when it was looked at.</summary>
/// <param name="ReuseAddress">SO_REUSEADDR (socket(7)).</param>
/// <param name="ReusePort">SO_REUSEPORT (socket(7)).</param>
/// <param name="V6Only">IPV6_V6ONLY (ipv6(7)); No for IPv4.</param>
public sealed record SocketOptionFacts(Fact ReuseAddress, Fact ReusePort, Fact V6Only);
