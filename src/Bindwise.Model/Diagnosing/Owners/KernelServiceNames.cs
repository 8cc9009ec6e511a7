using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Owners;

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
        KernelServiceKind.NfsCallback => ("the NFS client's callback service", "the NFS client's callback service", "the NFS client's callback service"),
        KernelServiceKind.NfsMount => ("the NFS mount on", "the NFS mounts on", "an NFS mount"),
        KernelServiceKind.SmbMount => ("the SMB mount on", "the SMB mounts on", "an SMB mount"),
        KernelServiceKind.CephMount => ("the Ceph mount on", "the Ceph mounts on", "the kernel's Ceph client"),
        KernelServiceKind.PlanNineMount => ("the 9P mount on", "the 9P mounts on", "a 9P mount"),
        KernelServiceKind.SmbServer => ("the kernel's SMB server (ksmbd)", "the kernel's SMB server (ksmbd)", "the kernel's SMB server (ksmbd)"),
        KernelServiceKind.IscsiTarget => ("the iSCSI target", "the iSCSI targets", "the kernel's iSCSI target"),
        KernelServiceKind.NvmeTarget => ("the NVMe target's port", "the NVMe target's ports", "the kernel's NVMe target"),
        KernelServiceKind.NvmeHost => ("the NVMe-over-TCP controller", "the NVMe-over-TCP controllers", "the kernel's NVMe-over-TCP client"),
        KernelServiceKind.RxRpc => ("RxRPC (AFS)", "RxRPC (AFS)", "RxRPC (AFS)"),
        KernelServiceKind.Dlm => ("the distributed lock manager (DLM)", "the distributed lock manager (DLM)", "the distributed lock manager (DLM)"),
        KernelServiceKind.Ocfs2Cluster => ("the OCFS2 cluster", "the OCFS2 clusters", "the OCFS2 cluster"),
        KernelServiceKind.MptcpEndpoint => ("the MPTCP endpoint with id", "the MPTCP endpoints with ids", "an MPTCP endpoint with a port"),
        _ => ("the kernel's", "the kernel's", "the kernel itself"),
    };
}
