using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Sockets;

/// <summary>The kernel's services by the words of the JSON form and of snapshot files.</summary>
internal static class KernelKinds
{
    private static readonly (KernelServiceKind Kind, string Word)[] Words =
    [
        (KernelServiceKind.Other, "other"), (KernelServiceKind.Vxlan, "vxlan"), (KernelServiceKind.Geneve, "geneve"), (KernelServiceKind.Bareudp, "bareudp"),
        (KernelServiceKind.Gtp, "gtp"), (KernelServiceKind.Amt, "amt"), (KernelServiceKind.WireGuard, "wireguard"), (KernelServiceKind.Fou, "fou"),
        (KernelServiceKind.L2tp, "l2tp"), (KernelServiceKind.Tipc, "tipc"), (KernelServiceKind.SctpOverUdp, "sctp-over-udp"), (KernelServiceKind.Rxe, "rxe"),
        (KernelServiceKind.Rds, "rds"), (KernelServiceKind.NfsServer, "nfs-server"), (KernelServiceKind.NfsLocks, "nfs-locks"),
        (KernelServiceKind.NfsCallback, "nfs-callback"), (KernelServiceKind.NfsMount, "nfs-mount"), (KernelServiceKind.SmbMount, "smb-mount"),
        (KernelServiceKind.CephMount, "ceph-mount"), (KernelServiceKind.PlanNineMount, "9p-mount"), (KernelServiceKind.SmbServer, "smb-server"),
        (KernelServiceKind.IscsiTarget, "iscsi-target"), (KernelServiceKind.NvmeTarget, "nvme-target"), (KernelServiceKind.NvmeHost, "nvme-host"),
        (KernelServiceKind.RxRpc, "rxrpc"), (KernelServiceKind.Dlm, "dlm"), (KernelServiceKind.Ocfs2Cluster, "ocfs2-cluster"), (KernelServiceKind.MptcpEndpoint, "mptcp-endpoint"),
    ];

    public static string Name(KernelServiceKind kind) => Array.Find(Words, pair => pair.Kind == kind).Word ?? "other";

    public static bool TryParse(string text, out KernelServiceKind kind)
    {
        var index = Array.FindIndex(Words, pair => pair.Word == text);
        kind = index < 0 ? KernelServiceKind.Other : Words[index].Kind;
        return index >= 0;
    }
}
