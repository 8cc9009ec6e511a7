using Bindwise.Model.Diagnosing.Commands;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A socket that the kernel opened itself, for a tunnel, a file system or a cluster (<see cref="KernelOwners"/>).</summary>
internal sealed class KernelSocketTopic : Topic
{
    public override string? Explanation(DiagnosisContext context) =>
        "The kernel opened this socket itself, so there is no process to stop; it closes together with what the kernel opened it for.";

    public override IEnumerable<Remedy> Remedies(DiagnosisContext context) =>
        context.Main?.Kernel is { } kernel ? KernelRemedies.Of(context, kernel) : [];
}

/// <summary>What remains possible when the kernel's own services were looked through and none of them explains the socket.</summary>
internal static class KernelLimits
{
    public static IEnumerable<Remark> Of(DiagnosisContext context)
    {
        // Where the socket itself was asked, it is known whose it is.
        if (context.Snapshot.KernelSurvey is not { } survey || Unexplained(context) is not { } blocker || IsOfProgram(context))
            yield break;
        // Behind processes that cannot be looked into the holder is most likely one of them.
        if (context.Snapshot is
            {
                DescriptorsInFlight.IsEmpty: true,
                Coverage: { UnreadableProcesses: 0, ProcessesHidden: false, StuckProcesses.IsEmpty: true }
            })
            yield return Remark.Of("kernel-service-not-found", $"No kernel service configured here explains it. What remains: "
                    + $"{Wording.List([.. Remaining(survey, blocker.Socket)])}.");
        if (!survey.Unread.IsEmpty)
            yield return Remark.Of("kernel-services-unread", RemarkFinder.MayNotRead(context, survey.Unread));
    }

    /// <summary>A socket that nothing explains was opened by a program, by its own record.</summary>
    public static bool IsOfProgram(DiagnosisContext context) => Unexplained(context) is { } blocker
        && context.Snapshot.KernelSurvey?.Sockets.FirstOrDefault(r => r.Cookie == blocker.Socket.Cookie)
            is { OpenedByKernel: Fact.No, Handler: null } or { Handler: "subflow_data_ready" };

    private static Blocker? Unexplained(DiagnosisContext context) => context.Blockers.FirstOrDefault(static b => IsUnexplained(b));

    private static bool IsUnexplained(Blocker blocker) =>
        blocker is { Owners.IsEmpty: true, Kernel: null, Socket: { Inode: not 0, Protocol: not Protocol.Unix } };

    private static IEnumerable<string> Remaining(KernelSurvey survey, HeldSocket socket)
    {
        if (socket.Protocol == Protocol.Udp)
        {
            yield return "a tunnel's interface (WireGuard, VXLAN, GENEVE) that was created in this network namespace and moved to another; "
                + "its socket stayed here";
        }
        else
        {
            if (socket.State == TcpSocketState.Listen)
                yield return "the NFS lock manager or callback service on a port that the kernel chose (see rpcinfo -p)";
            yield return "the TCP socket beneath an SMC socket (smcss -a)";
        }
        if (survey.IsFirstNamespace != true)
            yield return "a kernel service that was set up from another network namespace";
        yield return "a process in another PID namespace";
    }
}

/// <summary>
/// How to make the kernel let go of a socket of its own, in the terms of the service that has it: nobody is there to be killed.
/// </summary>
internal static class KernelRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext context, KernelOwner owner)
    {
        var port = context.Plan.Port ?? 0;
        return owner.Kind switch
        {
            KernelServiceKind.Vxlan =>
                Interface(context, owner, "Create the interface again with another port; it cannot be changed later.",
                ShellCommand.Of($"{RunAs.Root(context)}ip link add NAME type vxlan id ID dstport OTHER …")),
            KernelServiceKind.Geneve =>
                Interface(context, owner, "Create the interface again with another port; it cannot be changed later.",
                ShellCommand.Of($"{RunAs.Root(context)}ip link add NAME type geneve id ID remote ADDRESS dstport OTHER")),
            KernelServiceKind.Bareudp => Interface(context, owner, "Create the interface again with another port.",
                ShellCommand.Of($"{RunAs.Root(context)}ip link add NAME type bareudp dstport OTHER ethertype mpls_uc")),
            KernelServiceKind.Gtp => Interface(context, owner, null, null),
            KernelServiceKind.Amt => Interface(context, owner, null, null),
            KernelServiceKind.WireGuard => WireGuard(context, owner),
            KernelServiceKind.Fou => [Remedy.Of("delete-fou", "Remove the receiver.",
                ShellCommand.Of(
                    $"{RunAs.Root(context)}ip fou del port {port}"
                        + $"{(context.Main?.Socket.Family == IpFamily.IPv6 ? ShellCommand.Of($" -6") : ShellCommand.Empty)}"),
                "tunnels to this port get nothing", "what goes through the tunnel stops")],
            KernelServiceKind.L2tp => [Remedy.Of("delete-tunnel", "Remove the tunnel, or create it with another local port (udp_sport).",
                $"{RunAs.Root(context)}ip l2tp del tunnel tunnel_id {NameOr(owner, NameGrammar.KernelNumber, $"ID")}",
                "the tunnel and its sessions end", "what goes through it stops")],
            KernelServiceKind.Tipc => [Remedy.Of("disable-bearer", "Disable the bearer.",
                $"{RunAs.Root(context)}tipc bearer disable media udp name {Bearer(owner)}", "the cluster loses this link",
                "none if another link is left")],
            KernelServiceKind.SctpOverUdp => [Remedy.Of("move-sctp", "Give SCTP over UDP another port; 0 turns it off.",
                $"{RunAs.Root(context)}sysctl -w net.sctp.udp_port=0", "SCTP over UDP of this network namespace",
                "its peers have to be told")],
            KernelServiceKind.Rxe => [Remedy.Of("delete-link", "Remove the soft RoCE device; its port (4791) cannot be changed.",
                $"{RunAs.Root(context)}rdma link delete {NameOr(owner, NameGrammar.Interface, $"NAME")}", "RDMA over this device ends",
                "what uses it stops")],
            KernelServiceKind.Rds => [Remedy.Of("unload-module", "Unload RDS over TCP; its port (16385) cannot be changed.",
                $"{RunAs.Root(context)}modprobe -r rds_tcp", "RDS over TCP ends", "what uses it stops")],
            KernelServiceKind.NfsServer => NfsServer(context),
            KernelServiceKind.NfsLocks => NfsLocks(context),
            KernelServiceKind.NfsCallback => [Remedy.Of("move-callback",
                "Give the callback service a fixed port, or mount with NFSv4.1 or later, which needs none.",
                $"echo 'options nfs callback_tcpport=OTHER' | {RunAs.Root(context)}tee /etc/modprobe.d/nfs-callback.conf",
                "takes effect when the module nfs is loaded again", "none")],
            KernelServiceKind.NfsMount => NfsMount(context, owner),
            KernelServiceKind.SmbMount or KernelServiceKind.CephMount or KernelServiceKind.PlanNineMount => [Unmount(context, owner)],
            KernelServiceKind.SmbServer => [Remedy.Of("stop-ksmbd",
                "Stop the kernel's SMB server, or give it another port (tcp port = in ksmbd.conf).",
                $"{RunAs.Root(context)}ksmbd.control --shutdown", "its shares are gone", "clients are cut off")],
            KernelServiceKind.IscsiTarget => [Remedy.Of("delete-portal", "Remove the portal from the target, or move it to another port.",
                $"{RunAs.Root(context)}targetcli /iscsi/{NameOr(owner, NameGrammar.IscsiName, $"IQN")}/tpg1/portals delete "
                    + $"{PortalOf(context)}",
                "initiators lose this portal", "their disks stop if they have no other path")],
            KernelServiceKind.NvmeTarget => [Remedy.Of("unlink-subsystem",
                "Remove the subsystems from the port; its socket closes with the last one.",
                $"{RunAs.Root(context)}sh -c 'rm /sys/kernel/config/nvmet/ports/"
                    + $"{NameOr(owner, NameGrammar.KernelNumber, $"ID")}/subsystems/*'",
                "hosts lose their disks", "unwritten data is lost")],
            KernelServiceKind.NvmeHost => [Remedy.Of("disconnect", "Disconnect the controller.",
                $"{RunAs.Root(context)}nvme disconnect --device={NameOr(owner, NameGrammar.NvmeDevice, $"nvme0")}", "its disks are gone",
                "unmount what is on them first")],
            KernelServiceKind.RxRpc => [Remedy.Of("stop-afs", "Stop what uses AFS; the endpoint closes with the module.",
                $"{RunAs.Root(context)}umount -a -t afs && {RunAs.Root(context)}modprobe -r kafs rxrpc", "AFS is gone",
                "none once it is unmounted")],
            KernelServiceKind.Dlm => [Remedy.Of("stop-cluster", "Stop the cluster stack on this node.",
                $"{RunAs.Root(context)}systemctl stop dlm", "cluster file systems (GFS2) have to be unmounted first",
                "the node leaves the cluster")],
            KernelServiceKind.Ocfs2Cluster => [Remedy.Of("stop-cluster", "Stop the cluster stack on this node.",
                $"{RunAs.Root(context)}systemctl stop o2cb", "OCFS2 has to be unmounted first", "the node leaves the cluster")],
            KernelServiceKind.MptcpEndpoint => [Remedy.Of("delete-endpoint",
                "Delete the MPTCP endpoint, or add it again with another port.",
                $"{RunAs.Root(context)}ip mptcp endpoint delete id {NameOr(owner, NameGrammar.KernelNumber, $"ID")}",
                "new subflows do not reach the host by this address", "none where peers have another address")],
            _ => [Remedy.Of("look-again",
                "Look for the kernel service; the kernel opened the socket itself, so there is no process to stop.",
                $"bindwise why {context.Question} --verbose", "nothing", "none")],
        };
    }

    private static IEnumerable<Remedy> Interface(DiagnosisContext context, KernelOwner owner, string? anew, ShellCommand? command)
    {
        if (owner.Names.IsEmpty)
        {
            yield return MovedAway(context, owner);
            yield break;
        }
        var names = owner.Names;
        var links = names.Select(NameGrammar.Interface.Word).OfType<ShellWord>().ToList();
        if (links.Count < names.Length)
        {
            yield return UnnamedLink(names);
            yield break;
        }
        yield return Remedy.Of("set-link-down", names.Length == 1
            ? $"Set interface {names[0]} down; its socket closes with it, and comes back when the interface is up."
            : $"Set {(names.Length == 2 ? "both" : $"all {Wording.Number(names.Length)}")} interfaces down; they share the socket, which "
                + "closes with the last one.",
            ShellCommand.Join(" && ", links.Select(link => ShellCommand.Of($"{RunAs.Root(context)}ip link set dev {link} down"))),
            "the tunnel carries nothing", "what goes through it stops");
        yield return Remedy.Of("remove-link", "Remove it for good.",
            ShellCommand.Join(" && ", links.Select(link => ShellCommand.Of($"{RunAs.Root(context)}ip link del dev {link}"))),
            "the interface is gone", "what created it (systemd-networkd, Open vSwitch, flannel, Docker) may create it again");
        if (anew is not null)
            yield return Remedy.Of("other-tunnel-port", anew, command, "the tunnel's port", "the other ends have to use the same port");
    }

    private static IEnumerable<Remedy> WireGuard(DiagnosisContext context, KernelOwner owner)
    {
        if (owner.Names.IsEmpty)
        {
            yield return MovedAway(context, owner);
            yield break;
        }
        if (NameGrammar.Interface.Word(owner.Names[0]) is not { } name)
        {
            yield return UnnamedLink(owner.Names);
            yield break;
        }
        yield return Remedy.Of("move-wireguard", "Let WireGuard listen on another port.",
            $"{RunAs.Root(context)}wg set {name} listen-port OTHER",
            "the port, until the interface is created again (ListenPort = in its configuration keeps it)",
            "peers that connect first need the new port as their Endpoint");
        yield return Remedy.Of("set-link-down", "Set the interface down.", $"{RunAs.Root(context)}ip link set dev {name} down",
            "the tunnel carries nothing", "what goes through it stops");
    }

    /// <summary>An interface whose name ip(8) would read as something else.</summary>
    private static Remedy UnnamedLink(ImmutableArray<string> names) => Remedy.Of(
        "set-link-down", $"Set the {(names.Length == 1 ? "interface" : "interfaces")} down by number (ip -o link); ip(8) does not take "
            + $"{(names.Length == 1 ? "its name" : "one of the names")}.", $"ip -o link", "nothing", "none");

    /// <summary>The kernel tells that it is a tunnel's socket, and no interface here has it.</summary>
    private static Remedy MovedAway(DiagnosisContext context, KernelOwner owner) => Remedy.Of(
        "find-interface",
        "Find the interface in the other network namespaces and set it down there; it was created here and moved, and its socket stayed "
            + "here.",
        $"{RunAs.Root(context)}lsns -t net -n -o PID | while read pid; do {RunAs.Root(context)}nsenter -t $pid -n ip -d link show type "
            + $"{LinkTypeOf(owner.Kind)}; done; {RunAs.Root(context)}ip -all netns exec ip -d link show type {LinkTypeOf(owner.Kind)}",
        "nothing",
        "none");

    private static ShellCommand LinkTypeOf(KernelServiceKind kind) => kind switch
    {
        KernelServiceKind.Geneve => ShellCommand.Of($"geneve"),
        KernelServiceKind.Bareudp => ShellCommand.Of($"bareudp"),
        KernelServiceKind.Gtp => ShellCommand.Of($"gtp"),
        KernelServiceKind.Amt => ShellCommand.Of($"amt"),
        KernelServiceKind.WireGuard => ShellCommand.Of($"wireguard"),
        _ => ShellCommand.Of($"vxlan"),
    };

    private static IEnumerable<Remedy> NfsServer(DiagnosisContext context)
    {
        yield return Remedy.Of("stop-nfs", "Stop the NFS server.",
            $"{RunAs.Root(context)}systemctl stop nfs-server || {RunAs.Root(context)}rpc.nfsd 0",
            "its exports are gone", "clients hang until it is back; exportfs -v lists what is exported");
        yield return Remedy.Of("move-nfs", "Give it another port (port= under [nfsd] in /etc/nfs.conf) and restart it.",
            $"{RunAs.Root(context)}nfsconf --set nfsd port OTHER && {RunAs.Root(context)}systemctl restart nfs-server",
            "the NFS server's port",
            "NFSv4 clients have to mount with port=");
    }

    private static IEnumerable<Remedy> NfsLocks(DiagnosisContext context)
    {
        yield return Remedy.Of("move-lockd", "Give the lock manager fixed ports (port= and udp-port= under [lockd] in /etc/nfs.conf).",
            $"{RunAs.Root(context)}nfsconf --set lockd port 32803 && {RunAs.Root(context)}nfsconf --set lockd udp-port 32769",
            "takes effect when lockd starts again, after the NFS server and the last NFSv3 mount are gone", "none");
        yield return Remedy.Of("stop-lockd", "It ends by itself once the NFS server has stopped and the last NFSv3 mount is gone.",
            $"findmnt -t nfs", "nothing", "none");
    }

    private static IEnumerable<Remedy> NfsMount(DiagnosisContext context, KernelOwner owner)
    {
        yield return Remedy.Of("no-reserved-port",
            "Mount without a reserved source port (noresvport), or move the range of reserved ports.",
            $"{RunAs.Root(context)}sysctl -w sunrpc.min_resvport=700 sunrpc.max_resvport=1000",
            "the source ports of later mounts; for noresvport the server has to allow it (insecure)", "none");
        yield return Unmount(context, owner);
    }

    private static Remedy Unmount(DiagnosisContext context, KernelOwner owner) =>
        Remedy.Of("unmount", "Unmount the file system; the connection closes with the last mount from that server.",
            $"{RunAs.Root(context)}umount {NameOr(owner, NameGrammar.Path, $"/MOUNTPOINT")}", "its files are gone",
            "programs with open files there keep it from being unmounted");

    private static ShellCommand NameOr(KernelOwner owner, NameGrammar grammar, ShellCommand unknown) =>
        owner.Names is [var first, ..] && grammar.Word(first) is { } word ? ShellCommand.Of($"{word}") : unknown;

    /// <summary>The kernel calls a bearer <c>udp:NAME</c>; the tool wants the name alone.</summary>
    private static ShellCommand Bearer(KernelOwner owner) => NameOr(owner with
    {
        Names = [.. owner.Names.Select(
        static n => n.StartsWith("udp:", StringComparison.Ordinal) ? n[4..] : n)]
    }, NameGrammar.TipcBearer, $"NAME");

    private static ShellCommand PortalOf(DiagnosisContext context) => context.Main is { Socket.Local: var local }
        ? ShellCommand.Of($"ip_address={local.Address} ip_port={local.Port}") : ShellCommand.Of($"ip_address=ADDRESS ip_port=PORT");
}
