using Bindwise.Model.Diagnosing;

namespace Bindwise.Diagnostics;

/// <summary>
/// Finds what in the kernel holds a socket: a service that is configured on its port in this network namespace, or what struct sock says.
/// </summary>
internal static class KernelOwners
{
    /// <summary>The kernel's part in a socket; null where a process holds it, or where nothing speaks for the kernel.</summary>
    public static KernelOwner? Of(HeldSocket socket, Snapshot snapshot)
    {
        if (snapshot.KernelSurvey is not { } survey || !IsCandidate(socket)
            || snapshot.Holders.Any(h => h.Inode == socket.Inode && socket.Inode != 0))
            return null;
        var record = survey.Sockets.FirstOrDefault(r => r.Cookie == socket.Cookie && r.Cookie != 0);
        // A descriptor that nobody shows (in flight, another PID namespace) is no kernel socket, whatever is configured.
        if (record is { OpenedByKernel: Fact.No, Handler: null })
            return null;
        var matching = survey.Services.Where(s => Serves(s, socket)).ToList();
        var ofHandler = record is null ? null : KernelHandlers.KindOf(record.Handler);
        // Every subflow of every MPTCP socket has this handler, and was opened by the kernel: only an
        // endpoint that is there is the kernel's own.
        if (ofHandler == KernelServiceKind.MptcpEndpoint && !matching.Exists(static s => s.Kind == KernelServiceKind.MptcpEndpoint))
            return null;
        var fitting = ofHandler is { } kind && matching.Exists(s => s.Kind == kind) ? matching.FindAll(s => s.Kind == kind)
            : ofHandler is null ? matching : [];
        var handler = record?.Handler is { } name ? record.Module is { } module ? $"{name} [{module}]" : name : null;
        if (fitting.Count > 0)
            return Configured(fitting, handler);
        // The NFS server may be given a socket that a program made and let go of (rpc.nfsd): the handler tells then.
        return ofHandler is not null || record is { OpenedByKernel: Fact.Yes } || KernelHandlers.SubsystemOf(record?.Handler) is not null
            ? Unconfigured(ofHandler, record!.Handler, handler) : null;
    }

    /// <summary>Neither a process nor the kernel is seen to hold it, although every process was looked into.</summary>
    public static bool IsOwnerless(HeldSocket socket, Snapshot snapshot) =>
        snapshot.Coverage.IsEveryProcessSeen && socket.Inode != 0 && !snapshot.Holders.Any(h => h.Inode == socket.Inode)
            && Of(socket, snapshot) is null;

    /// <summary>A socket that the kernel may have opened for itself; one without a file in any other state is merely left over.</summary>
    private static bool IsCandidate(HeldSocket socket) => socket.Protocol != Protocol.Unix
        && (socket.Inode != 0 || socket.Protocol == Protocol.Udp || socket.State is TcpSocketState.Listen or TcpSocketState.Bound);

    private static bool Serves(KernelService service, HeldSocket socket) =>
        service.Protocol == socket.Protocol
        && (service.Port is not null || service.Remote is not null)
        && (service.Port is not { } port || port == socket.Local.Port)
        && (service.Address is not { } address || address.IsAny || address.Unmapped == socket.Local.Address.Unmapped)
        && (service.Remote is not { } remote || remote.Unmapped == socket.Remote.Unmapped);

    private static KernelOwner Configured(List<KernelService> services, string? handler)
    {
        var first = services[0];
        var alike = services.Where(s => s.Kind == first.Kind).ToList();
        ImmutableArray<string> names = [.. alike.Select(static s => s.Name).Where(static n => n.Length > 0)
            .Distinct(StringComparer.Ordinal)];
        return new KernelOwner
        {
            Kind = first.Kind,
            Names = names,
            Label = KernelServiceNames.Label(first.Kind, names),
            Source = first.Source,
            Handler = handler,
        };
    }

    private static KernelOwner Unconfigured(KernelServiceKind? kind, string? name, string? handler)
    {
        var label = kind is { } known ? KernelServiceNames.Label(known, [])
            : KernelHandlers.SubsystemOf(name) ?? "the kernel itself";
        return new KernelOwner
        {
            Kind = kind ?? KernelServiceKind.Other,
            Names = [],
            Label = label,
            Source = "struct sock (a BPF walk over the kernel's sockets)",
            Handler = handler,
        };
    }
}

/// <summary>What in the kernel holds a socket that no process holds: claimed on evidence only.</summary>
public sealed record KernelOwner
{
    private readonly EquatableArray<string> _names;

    internal KernelServiceKind Kind { get; init; }

    /// <summary>What it is called, as the interfaces that share the socket; empty where there is only one of its kind.</summary>
    public required ImmutableArray<string> Names { get => _names; init => _names = value; }

    /// <summary>How it stands in a sentence: <c>the VXLAN interface v0</c>.</summary>
    public required string Label { get; init; }

    /// <summary>How it was told.</summary>
    public required string Source { get; init; }

    /// <summary>The kernel function that takes what arrives, with its module; null when it was not read.</summary>
    public required string? Handler { get; init; }
}

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

    /// <summary>
    /// For functions that several services share, or of which none can be configured: who it is, in a sentence; null for none that is
    /// known.
    /// </summary>
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

/// <summary>How the kernel's services are called in sentences.</summary>
internal static class KernelServiceNames
{
    /// <summary><c>the VXLAN interface v0</c>, <c>the NFS server</c>, <c>the VXLAN interfaces v0 and v1</c>.</summary>
    public static string Label(KernelServiceKind kind, ImmutableArray<string> names)
    {
        var (one, many, alone) = Nouns(kind);
        return names.Length switch
        {
            0 => alone,
            1 => $"{one} {names[0]}",
            _ => $"{many} {Wording.List(names)}",
        };
    }

    private static (string One, string Many, string Alone) Nouns(KernelServiceKind kind) => kind switch
    {
        KernelServiceKind.Vxlan => ("the VXLAN interface", "the VXLAN interfaces", "a VXLAN interface"),
        KernelServiceKind.Geneve => ("the GENEVE interface", "the GENEVE interfaces", "a GENEVE interface"),
        KernelServiceKind.Bareudp => ("the bareudp interface", "the bareudp interfaces", "a bareudp interface"),
        KernelServiceKind.Gtp => ("the GTP interface", "the GTP interfaces", "a GTP interface"),
        KernelServiceKind.Amt => ("the AMT interface", "the AMT interfaces", "an AMT interface"),
        KernelServiceKind.WireGuard => ("the WireGuard interface", "the WireGuard interfaces", "a WireGuard interface"),
        KernelServiceKind.Fou => ("the receiver of", "the receivers of", "a receiver of foo-over-UDP"),
        KernelServiceKind.L2tp => ("the L2TP tunnel", "the L2TP tunnels", "an L2TP tunnel"),
        KernelServiceKind.Tipc => ("the TIPC bearer", "the TIPC bearers", "TIPC over UDP"),
        KernelServiceKind.SctpOverUdp => ("SCTP over UDP", "SCTP over UDP", "SCTP over UDP"),
        KernelServiceKind.Rxe => ("the soft RoCE device", "the soft RoCE devices", "soft RoCE (rxe)"),
        KernelServiceKind.Rds => ("RDS over TCP", "RDS over TCP", "RDS over TCP"),
        KernelServiceKind.NfsServer => ("the NFS server", "the NFS server", "the kernel's NFS server"),
        KernelServiceKind.NfsLocks => ("the NFS lock manager", "the NFS lock manager", "the kernel's NFS lock manager (lockd)"),
        KernelServiceKind.NfsCallback =>
            ("the NFS client's callback service", "the NFS client's callback service", "the NFS client's callback service"),
        KernelServiceKind.NfsMount => ("the NFS mount on", "the NFS mounts on", "an NFS mount"),
        KernelServiceKind.SmbMount => ("the SMB mount on", "the SMB mounts on", "an SMB mount"),
        KernelServiceKind.CephMount => ("the Ceph mount on", "the Ceph mounts on", "the kernel's Ceph client"),
        KernelServiceKind.PlanNineMount => ("the 9P mount on", "the 9P mounts on", "a 9P mount"),
        KernelServiceKind.SmbServer =>
            ("the kernel's SMB server (ksmbd)", "the kernel's SMB server (ksmbd)", "the kernel's SMB server (ksmbd)"),
        KernelServiceKind.IscsiTarget => ("the iSCSI target", "the iSCSI targets", "the kernel's iSCSI target"),
        KernelServiceKind.NvmeTarget => ("the NVMe target's port", "the NVMe target's ports", "the kernel's NVMe target"),
        KernelServiceKind.NvmeHost =>
            ("the NVMe-over-TCP controller", "the NVMe-over-TCP controllers", "the kernel's NVMe-over-TCP client"),
        KernelServiceKind.RxRpc => ("RxRPC (AFS)", "RxRPC (AFS)", "RxRPC (AFS)"),
        KernelServiceKind.Dlm =>
            ("the distributed lock manager (DLM)", "the distributed lock manager (DLM)", "the distributed lock manager (DLM)"),
        KernelServiceKind.Ocfs2Cluster => ("the OCFS2 cluster", "the OCFS2 clusters", "the OCFS2 cluster"),
        KernelServiceKind.MptcpEndpoint => ("the MPTCP endpoint with id", "the MPTCP endpoints with ids", "an MPTCP endpoint with a port"),
        _ => ("the kernel's", "the kernel's", "the kernel itself"),
    };
}
