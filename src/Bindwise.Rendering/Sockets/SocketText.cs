using static System.FormattableString;

namespace Bindwise.Rendering.Sockets;

/// <summary>A socket's ends and options by name, for text and JSON alike.</summary>
internal static class SocketText
{
    /// <summary>The local end: <c>127.0.0.1:80</c>, <c>[::1]:80</c>, or the UNIX path.</summary>
    public static string Local(HeldSocket socket) => socket.Protocol == Protocol.Unix ? socket.Path ?? "" : socket.Local.ToString();

    public static string? Remote(HeldSocket socket) =>
        socket.Protocol == Protocol.Unix || socket.Remote.Port == 0 ? null : socket.Remote.ToString();

    public static string State(HeldSocket socket) => TcpStateNames.Of(socket.State, socket.Protocol);

    /// <summary>The names of the options of which this is known; an option that means nothing to the socket is left out.</summary>
    public static IEnumerable<string> Options(HeldSocket socket, Fact fact)
    {
        if (socket.Protocol == Protocol.Unix)
            yield break;
        if (socket.ReuseAddress == fact)
            yield return "SO_REUSEADDR";
        if (socket.ReusePort == fact)
            yield return "SO_REUSEPORT";
        if (socket.V6Only == fact && socket.Family == IpFamily.IPv6)
            yield return "IPV6_V6ONLY";
    }

    /// <summary>Seconds with three decimals: <c>41.250</c>.</summary>
    public static string Seconds(int milliseconds) => Invariant($"{(decimal)milliseconds / 1000:0.000}");
}

internal sealed class DeviceNames(ImmutableArray<InterfaceRecord> interfaces)
{
    /// <summary>The name; the index in digits when the name is not known (the interface may be gone); null for 0, which is none.</summary>
    public string? Of(uint index) => index == 0
        ? null
        : interfaces.FirstOrDefault(candidate => candidate.Index == index)?.Name ?? index.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The kernel's services by the words of the JSON form and of snapshot files.</summary>
internal static class KernelKinds
{
    public static readonly (KernelServiceKind Kind, string Word)[] Words =
    [
        (KernelServiceKind.Other, "other"), (KernelServiceKind.Vxlan, "vxlan"), (KernelServiceKind.Geneve, "geneve"),
        (KernelServiceKind.Bareudp, "bareudp"),
        (KernelServiceKind.Gtp, "gtp"), (KernelServiceKind.Amt, "amt"), (KernelServiceKind.WireGuard, "wireguard"),
        (KernelServiceKind.Fou, "fou"),
        (KernelServiceKind.L2tp, "l2tp"), (KernelServiceKind.Tipc, "tipc"), (KernelServiceKind.SctpOverUdp, "sctp-over-udp"),
        (KernelServiceKind.Rxe, "rxe"),
        (KernelServiceKind.Rds, "rds"), (KernelServiceKind.NfsServer, "nfs-server"), (KernelServiceKind.NfsLocks, "nfs-locks"),
        (KernelServiceKind.NfsCallback, "nfs-callback"), (KernelServiceKind.NfsMount, "nfs-mount"),
        (KernelServiceKind.SmbMount, "smb-mount"),
        (KernelServiceKind.CephMount, "ceph-mount"), (KernelServiceKind.PlanNineMount, "9p-mount"),
        (KernelServiceKind.SmbServer, "smb-server"),
        (KernelServiceKind.IscsiTarget, "iscsi-target"), (KernelServiceKind.NvmeTarget, "nvme-target"),
        (KernelServiceKind.NvmeHost, "nvme-host"),
        (KernelServiceKind.RxRpc, "rxrpc"), (KernelServiceKind.Dlm, "dlm"), (KernelServiceKind.Ocfs2Cluster, "ocfs2-cluster"),
        (KernelServiceKind.MptcpEndpoint, "mptcp-endpoint"),
    ];

    public static string Name(KernelServiceKind kind) => Array.Find(Words, pair => pair.Kind == kind).Word ?? "other";
}

/// <summary>The kinds of policies by the words of the JSON form and of snapshot files.</summary>
internal static class PolicyKinds
{
    public static readonly (PolicyKind Kind, string Word)[] Words =
    [
        (PolicyKind.Capability, "capability"), (PolicyKind.UserNamespace, "user-namespace"), (PolicyKind.CgroupBpf, "cgroup-bpf"),
        (PolicyKind.Seccomp, "seccomp"),
        (PolicyKind.SELinux, "selinux"), (PolicyKind.AppArmor, "apparmor"), (PolicyKind.Smack, "smack"), (PolicyKind.Tomoyo, "tomoyo"),
        (PolicyKind.Landlock, "landlock"), (PolicyKind.BpfLsm, "bpf-lsm"),
    ];

    public static string Name(PolicyKind kind) => Array.Find(Words, pair => pair.Kind == kind).Word ?? "";
}
