namespace Bindwise.Diagnostics;

/// <summary>
/// Something that the kernel itself does on a port, as the host's configuration tells. Read only when a socket in the way has no holder.
/// </summary>
/// <param name="Kind">Which part of the kernel uses the port.</param>
/// <param name="Protocol">The protocol of the port, TCP or UDP.</param>
/// <param name="Name">What it is called: the interface, the target, the mount point; empty where there is only one.</param>
/// <param name="Address">The local address that it is configured for; null for every one, or when not told.</param>
/// <param name="Port">The local port; null for a service that takes whichever is free, as the source port of a mount.</param>
/// <param name="Remote">The other end of its connections; null for none, or when not told.</param>
/// <param name="Source">How it was told: a file, or the interface of the kernel that was asked.</param>
internal sealed record KernelService(KernelServiceKind Kind, Protocol Protocol, string Name = "", IpAddress? Address = null,
    ushort? Port = null, IpEndpoint? Remote = null, string Source = "");

/// <summary>What in the kernel opens sockets of its own.</summary>
internal enum KernelServiceKind : byte
{
    /// <summary>Not told apart: the kernel's own, as its handler says.</summary>
    Other,

    /// <summary>A VXLAN interface (drivers/net/vxlan).</summary>
    Vxlan,

    /// <summary>A GENEVE interface (drivers/net/geneve.c).</summary>
    Geneve,

    /// <summary>A bareudp interface: MPLS or IP in UDP (drivers/net/bareudp.c).</summary>
    Bareudp,

    /// <summary>A GTP interface of a mobile network (drivers/net/gtp.c).</summary>
    Gtp,

    /// <summary>An AMT interface: multicast over unicast (drivers/net/amt.c).</summary>
    Amt,

    /// <summary>A WireGuard interface (drivers/net/wireguard).</summary>
    WireGuard,

    /// <summary>A receiver of foo-over-UDP or GUE (net/ipv4/fou_core.c).</summary>
    Fou,

    /// <summary>An L2TP tunnel over UDP (net/l2tp).</summary>
    L2tp,

    /// <summary>A UDP bearer of TIPC (net/tipc/udp_media.c).</summary>
    Tipc,

    /// <summary>SCTP over UDP (net.sctp.udp_port).</summary>
    SctpOverUdp,

    /// <summary>The software RDMA device over Ethernet, RoCE v2 (drivers/infiniband/sw/rxe).</summary>
    Rxe,

    /// <summary>RDS over TCP (net/rds).</summary>
    Rds,

    /// <summary>The NFS server (fs/nfsd).</summary>
    NfsServer,

    /// <summary>The NFS lock manager (fs/lockd).</summary>
    NfsLocks,

    /// <summary>The NFS client's callback service for NFSv4.0 (fs/nfs/callback.c).</summary>
    NfsCallback,

    /// <summary>A mounted NFS file system (fs/nfs), of which the kernel is the client.</summary>
    NfsMount,

    /// <summary>A mounted SMB share (fs/smb/client), of which the kernel is the client.</summary>
    SmbMount,

    /// <summary>A mounted Ceph file system (fs/ceph), of which the kernel is the client.</summary>
    CephMount,

    /// <summary>A mounted 9P file system (fs/9p), of which the kernel is the client.</summary>
    PlanNineMount,

    /// <summary>The kernel's SMB server, ksmbd (fs/smb/server).</summary>
    SmbServer,

    /// <summary>An iSCSI target's portal (drivers/target/iscsi).</summary>
    IscsiTarget,

    /// <summary>A port of an NVMe-over-TCP target (drivers/nvme/target/tcp.c).</summary>
    NvmeTarget,

    /// <summary>A connection to an NVMe-over-TCP target (drivers/nvme/host/tcp.c).</summary>
    NvmeHost,

    /// <summary>An endpoint of RxRPC, which AFS uses (net/rxrpc).</summary>
    RxRpc,

    /// <summary>The distributed lock manager (fs/dlm).</summary>
    Dlm,

    /// <summary>The cluster of OCFS2 (fs/ocfs2/cluster).</summary>
    Ocfs2Cluster,

    /// <summary>An MPTCP endpoint with a port, at which the kernel listens for further subflows (net/mptcp/pm_kernel.c).</summary>
    MptcpEndpoint,
}
