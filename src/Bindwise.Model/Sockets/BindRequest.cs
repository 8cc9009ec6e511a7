using System.Net;

namespace Bindwise.Diagnostics;

/// <summary>One bind() (and listen()) that is asked about: everything of the asking socket that the rules read.</summary>
public sealed record BindRequest
{
    /// <summary>The protocol of the socket that is to be bound: TCP, UDP or UNIX.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>The address to bind; without meaning for UNIX.</summary>
    internal IpAddress Address { get; init; }

    /// <summary>The port, 0 for the system's choice.</summary>
    public ushort Port { get; init; }

    /// <summary>The UNIX path, or <c>@name</c> for an abstract address.</summary>
    public string? Path { get; init; }

    /// <summary>The type of a UNIX socket, as <see cref="HeldSocket.SocketType"/>; a stream unless it is told.</summary>
    internal byte UnixType { get; init; } = HeldSocket.UnixStream;

    /// <summary>SO_REUSEADDR is set before bind().</summary>
    public bool ReuseAddress { get; init; }

    /// <summary>SO_REUSEPORT is set before bind().</summary>
    public bool ReusePort { get; init; }

    /// <summary>IPV6_V6ONLY as set by the program; null leaves the system's default (net.ipv6.bindv6only).</summary>
    public bool? V6Only { get; init; }

    /// <summary>The interface of SO_BINDTODEVICE; null for none.</summary>
    public string? Device { get; init; }

    /// <summary>IP_FREEBIND is set before bind(): any address will do.</summary>
    public bool Freebind { get; init; }

    /// <summary>The scope of a link-local address: an interface's name or number, as typed; null for none.</summary>
    public string? Scope { get; init; }

    /// <summary>The effective user that binds.</summary>
    public uint UserId { get; init; }

    /// <summary>The local end that is asked for; null for UNIX.</summary>
    public IPEndPoint? LocalEndPoint => Protocol == Protocol.Unix ? null : Endpoint.ToIPEndPoint();

    /// <summary>The same without the options by which sockets share a port.</summary>
    internal BindRequest Plain => this with { ReuseAddress = false, ReusePort = false };

    internal IpEndpoint Endpoint => new(Address, Port);

    /// <summary>The options, by the names of socket(7) and ipv6(7), in a fixed order.</summary>
    public IEnumerable<string> OptionNames
    {
        get
        {
            if (ReuseAddress)
                yield return "SO_REUSEADDR";
            if (ReusePort)
                yield return "SO_REUSEPORT";
            if (V6Only is { } only && Protocol != Protocol.Unix && Address.Family == IpFamily.IPv6)
                yield return only ? "IPV6_V6ONLY" : "IPV6_V6ONLY=0";
            if (Device is not null)
                yield return "SO_BINDTODEVICE=" + Device;
            if (Freebind)
                yield return "IP_FREEBIND";
        }
    }
}
