namespace Bindwise.Model.Platforms;

/// <summary>A socket as the rules of the systems read it; a system ignores what it does not have.</summary>
internal sealed record PlatformSocket
{
    /// <summary>TCP or UDP; sockets of different protocols never meet.</summary>
    public Protocol Protocol { get; init; } = Protocol.Tcp;

    /// <summary>The address it is, or wants to be, bound to. Its family is the socket's.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>IPV6_V6ONLY, the system's default applied. Without meaning on IPv4.</summary>
    public bool V6Only { get; init; }

    /// <summary>SO_REUSEADDR was set before bind().</summary>
    public bool ReuseAddress { get; init; }

    /// <summary>SO_REUSEPORT was set before bind().</summary>
    public bool ReusePort { get; init; }

    /// <summary>SO_REUSEPORT_LB was set before bind() (FreeBSD).</summary>
    public bool ReusePortBalanced { get; init; }

    /// <summary>SO_EXCLUSIVEADDRUSE (Windows) or SO_EXCLBIND (illumos) was set before bind().</summary>
    public bool Exclusive { get; init; }

    /// <summary>The effective user that made it; equal numbers are the same user.</summary>
    public uint UserId { get; init; } = 1000;

    /// <summary>It may bind privileged ports: root, or what the system has in its place.</summary>
    public bool IsPrivileged { get; init; }

    /// <summary>A socket of IPv6 on <c>::</c> that takes IPv4 too.</summary>
    internal bool IsDual => Address is { Family: IpFamily.IPv6, IsAny: true } && !V6Only;

    /// <summary>Sees IPv4 alone: a socket of IPv4, or one of IPv6 at a v4-mapped address.</summary>
    internal bool IsIPv4 => Address.AsIPv4 is not null;

    /// <summary>0.0.0.0, <c>::</c> or <c>::ffff:0.0.0.0</c>.</summary>
    internal bool IsWildcard => Address.AsIPv4?.IsAny ?? Address.IsAny;
}
