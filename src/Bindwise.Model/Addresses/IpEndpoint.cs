using System.Net;

namespace Bindwise.Diagnostics;

/// <summary>An address and a port, as a socket is bound or connected to.</summary>
/// <param name="Port">The port, 0 to 65535 in host order; 0 means none.</param>
internal readonly record struct IpEndpoint(IpAddress Address, ushort Port)
{
    /// <summary>The same with a v4-mapped address as IPv4.</summary>
    public IpEndpoint Unmapped => new(Address.Unmapped, Port);

    public IPEndPoint ToIPEndPoint() => new(Address.ToIPAddress(), Port);

    /// <summary><c>127.0.0.1:80</c> or <c>[::1]:80</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address.Bracketed}:{Port}");
}
