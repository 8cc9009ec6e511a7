using System.Net;

namespace Bindwise.Diagnostics;

/// <summary>An address and a port, as a socket is bound or connected to.</summary>
internal readonly record struct IpEndpoint
{
    /// <param name="port">The port, 0 to 65535 in host order; 0 means none.</param>
    public IpEndpoint(IpAddress address, ushort port) => (Address, Port) = (address, port);

    public IpAddress Address { get; init; }

    /// <summary>The port, 0 to 65535 in host order; 0 means none.</summary>
    public ushort Port { get; init; }

    public IPEndPoint ToIPEndPoint() => new(Address.ToIPAddress(), Port);

    /// <summary><c>127.0.0.1:80</c> or <c>[::1]:80</c>.</summary>
    public override string ToString() => Address.Family == IpFamily.IPv6
        ? string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");
}
