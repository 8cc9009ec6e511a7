using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>
/// What the kernel functions that take a socket's data belong to: encap_rcv of UDP sockets, sk_data_ready of TCP sockets.
/// </summary>
internal static class KernelHandlers
{
    /// <summary>The kind of service; null for a function that is not known, or one that several services share.</summary>
    public static KernelServiceKind? KindOf(string? function) => function switch
    {
        "vxlan_rcv" => KernelServiceKind.Vxlan,
        "geneve_udp_encap_recv" => KernelServiceKind.Geneve,
        "bareudp_udp_encap_recv" => KernelServiceKind.Bareudp,
        "gtp_encap_recv" => KernelServiceKind.Gtp,
        "amt_rcv" => KernelServiceKind.Amt,
        "wg_receive" => KernelServiceKind.WireGuard,
        "fou_udp_recv" or "gue_udp_recv" => KernelServiceKind.Fou,
        "l2tp_udp_encap_recv" => KernelServiceKind.L2tp,
        "tipc_udp_recv" => KernelServiceKind.Tipc,
        "sctp_udp_rcv" => KernelServiceKind.SctpOverUdp,
        "rxe_udp_encap_recv" => KernelServiceKind.Rxe,
        "rxrpc_encap_rcv" => KernelServiceKind.RxRpc,
        "iscsi_target_sk_data_ready" => KernelServiceKind.IscsiTarget,
        "nvmet_tcp_listen_data_ready" or "nvmet_tcp_data_ready" => KernelServiceKind.NvmeTarget,
        "nvme_tcp_data_ready" => KernelServiceKind.NvmeHost,
        "lowcomms_listen_data_ready" or "lowcomms_data_ready" => KernelServiceKind.Dlm,
        "o2net_listen_data_ready" or "o2net_data_ready" => KernelServiceKind.Ocfs2Cluster,
        "rds_tcp_listen_data_ready" or "rds_tcp_data_ready" => KernelServiceKind.Rds,
        "ceph_sock_data_ready" => KernelServiceKind.CephMount,
        "subflow_data_ready" => KernelServiceKind.MptcpEndpoint,
        _ => null,
    };

    /// <summary>For functions that several services share, or of which none can be configured: who it is, in a sentence; null for none that is known.</summary>
    public static string? SubsystemOf(string? function) => function switch
    {
        "svc_tcp_listen_data_ready" or "svc_data_ready" => "the kernel's RPC server (NFS, its lock manager or its callback service)",
        "xs_data_ready" => "the kernel's RPC client (an NFS mount)",
        "smc_clcsock_data_ready" or "smc_clcsock_state_change" => "an SMC socket (the TCP socket beneath it)",
        "drbd_incoming_connection" => "DRBD",
        "espintcp_data_ready" => "IPsec over TCP",
        _ => null,
    };
}
