namespace Bindwise.Linux.Bpf;

/// <summary>Places in the kernel that several programs of ours read.</summary>
internal static class KernelMembers
{
    internal static readonly KernelPlace WalkOfTasks = KernelPlace.Function("bpf_iter_task");
    internal static readonly KernelPlace UserOfCredentials = KernelPlace.Offset("cred", "euid");
    internal static readonly KernelPlace InodeOfFile = KernelPlace.Offset("file", "f_inode");
    internal static readonly KernelPlace NumberOfInode = KernelPlace.Offset("inode", "i_ino");
    internal static readonly KernelPlace CommonPartOfNetwork = KernelPlace.Offset("net", "ns");
    internal static readonly KernelPlace NumberOfNamespace = KernelPlace.Offset("ns_common", "inum");
    internal static readonly KernelPlace NetworkAmongNamespaces = KernelPlace.Offset("nsproxy", "net_ns");
    internal static readonly KernelPlace LevelOfPid = KernelPlace.Offset("pid", "level");
    internal static readonly KernelPlace NumbersOfPid = KernelPlace.Offset("pid", "numbers");
    internal static readonly KernelPlace SocketOfAnySock = KernelPlace.Offset("sock", "sk_socket");
    internal static readonly KernelPlace CookieOfCommon = KernelPlace.Offset("sock_common", "skc_cookie");
    internal static readonly KernelPlace FamilyOfCommon = KernelPlace.Offset("sock_common", "skc_family");
    internal static readonly KernelPlace NetworkOfCommon = KernelPlace.Offset("sock_common", "skc_net");
    internal static readonly KernelPlace ReuseOfCommon = KernelPlace.Bit("sock_common", "skc_reuse");
    internal static readonly KernelPlace ReusePortOfCommon = KernelPlace.Bit("sock_common", "skc_reuseport");
    internal static readonly KernelPlace StateOfCommon = KernelPlace.Offset("sock_common", "skc_state");
    internal static readonly KernelPlace LocalOfCommon = KernelPlace.Offset("sock_common", "skc_v6_rcv_saddr");
    internal static readonly KernelPlace InodeOfAllocation = KernelPlace.Offset("socket_alloc", "vfs_inode");
    internal static readonly KernelPlace NameOfTask = KernelPlace.Offset("task_struct", "comm");
    internal static readonly KernelPlace LeaderOfTask = KernelPlace.Offset("task_struct", "group_leader");
    internal static readonly KernelPlace NamespacesOfTask = KernelPlace.Offset("task_struct", "nsproxy");
    internal static readonly KernelPlace PidOfTask = KernelPlace.Offset("task_struct", "thread_pid");
    internal static readonly KernelPlace SizeOfNumber = KernelPlace.Size("upid");
    internal static readonly KernelPlace ValueOfNumber = KernelPlace.Offset("upid", "nr");
    internal static readonly KernelPlace NamespaceOfNumber = KernelPlace.Offset("upid", "ns");
}
