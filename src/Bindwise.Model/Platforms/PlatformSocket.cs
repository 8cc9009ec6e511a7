using System.Collections.Immutable;

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

/// <summary>What state the other socket is in, as far as any of the systems tells states apart.</summary>
internal enum PlatformState : byte
{
    /// <summary>Bound, and no more; every UDP socket without a peer.</summary>
    Bound,

    /// <summary>It listens (LISTEN).</summary>
    Listening,

    /// <summary>It has a peer: connecting, connected, closing.</summary>
    Connected,

    /// <summary>Closed, and kept by the system for its timer (TIME_WAIT).</summary>
    TimeWait,
}

/// <summary>A socket that is there already.</summary>
/// <param name="Socket">The socket, with the address it has now: a connection's is never a wildcard.</param>
/// <param name="State">Its state.</param>
internal sealed record PlatformHeld(PlatformSocket Socket, PlatformState State)
{
    /// <summary>All that the BSD rules read of the state.</summary>
    internal bool HasPeer => State is PlatformState.Connected or PlatformState.TimeWait;

    /// <summary>It listens, or is only bound.</summary>
    internal bool IsListeningOrBound => !HasPeer;
}

/// <summary>One bind(), with all that a system looks at before it looks at other sockets.</summary>
/// <param name="Want">The socket.</param>
/// <param name="Port">The port; not 0.</param>
/// <param name="Held">The sockets of the same protocol on that port, in no order.</param>
internal sealed record PlatformQuestion(PlatformSocket Want, ushort Port, ImmutableArray<PlatformHeld> Held)
{
    /// <summary>The asking socket is bound already.</summary>
    public bool IsBound { get; init; }

    /// <summary>The host has the address, or it is a wildcard.</summary>
    public bool IsLocal { get; init; } = true;
}
