namespace Bindwise.Diagnostics;

/// <summary>The search for what the kernel itself does on the port, made only when a socket in the way has no holder.</summary>
internal sealed record KernelSurvey
{
    private readonly EquatableArray<KernelService> _services;
    private readonly EquatableArray<KernelSocketRecord> _sockets;
    private readonly EquatableArray<string> _unread;

    /// <summary>Services that are configured on the port, or towards the other end of a connection in the way.</summary>
    public ImmutableArray<KernelService> Services { get => _services; init => _services = value; }

    /// <summary>What the kernel's own walk over its sockets tells of those without a holder; empty without the right to ask.</summary>
    public ImmutableArray<KernelSocketRecord> Sockets { get => _sockets; init => _sockets = value; }

    /// <summary>The walk over the sockets was made (as root, with the kernel's type information).</summary>
    public bool SocketsWalked { get; init; }

    /// <summary>What could not be asked, each in a few words, as "WireGuard (EPERM)".</summary>
    public ImmutableArray<string> Unread { get => _unread; init => _unread = value; }

    /// <summary>
    /// The network namespace is the system's first one, in which services that know only that one live; null when not known.
    /// </summary>
    public bool? IsFirstNamespace { get; init; }
}

/// <summary>What struct sock says of a socket that no process shows (a BPF walk over the kernel's sockets).</summary>
/// <param name="Cookie">The socket's cookie (<see cref="HeldSocket.Cookie"/>).</param>
/// <param name="OpenedByKernel">Opened by the kernel for itself (sk_kern_sock).</param>
/// <param name="ReuseAddress">SO_REUSEADDR of the socket (sk_reuse).</param>
/// <param name="ReusePort">SO_REUSEPORT of the socket (sk_reuseport).</param>
/// <param name="Handler">The kernel function that takes what arrives, where it is not the one of every socket: vxlan_rcv,
/// svc_tcp_listen_data_ready …; null when it is that of every socket, or its name is not known.</param>
/// <param name="Module">The module of <see cref="Handler"/>; null for a built-in one.</param>
internal sealed record KernelSocketRecord(ulong Cookie, Fact OpenedByKernel = default, Fact ReuseAddress = default,
    Fact ReusePort = default, string? Handler = null, string? Module = null);
