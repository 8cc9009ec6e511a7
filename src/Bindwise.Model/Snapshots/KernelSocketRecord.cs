using Bindwise.Model.Sockets;

namespace Bindwise.Model.Snapshots;

/// <summary>What struct sock says of a socket that no process shows (a BPF walk over the kernel's sockets).</summary>
public sealed record KernelSocketRecord
{
    /// <summary>The socket's cookie (<see cref="HeldSocket.Cookie"/>).</summary>
    public required ulong Cookie { get; init; }

    /// <summary>Opened by the kernel for itself (sk_kern_sock).</summary>
    public Fact OpenedByKernel { get; init; }

    /// <summary>SO_REUSEADDR (sk_reuse).</summary>
    public Fact ReuseAddress { get; init; }

    /// <summary>SO_REUSEPORT (sk_reuseport).</summary>
    public Fact ReusePort { get; init; }

    /// <summary>
    /// The kernel function that takes what arrives, where it is not the one of every socket: vxlan_rcv, svc_tcp_listen_data_ready …;
    /// null when it is that of every socket, or its name is not known.
    /// </summary>
    public string? Handler { get; init; }

    /// <summary>The module of <see cref="Handler"/>; null for a built-in one.</summary>
    public string? Module { get; init; }
}
