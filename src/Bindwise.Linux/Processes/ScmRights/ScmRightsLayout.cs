using Bindwise.Linux.Bpf;
using static Bindwise.Linux.Bpf.KernelMembers;

namespace Bindwise.Linux.Processes.ScmRights;

/// <summary>What a program for the kernel's walk over all UNIX sockets must know of this kernel. Offsets in bytes.</summary>
internal sealed record ScmRightsLayout
{
    /// <summary>BTF id of bpf_iter_unix, the function that stands for the iterator (Linux 5.15).</summary>
    internal required int Function { get; init; }

    /// <summary>struct sock: sk_receive_queue, whose first member is the first message (struct sk_buff_head).</summary>
    internal required int ReceiveQueue { get; init; }

    /// <summary>struct sock: sk_socket.</summary>
    internal required int SocketOfSock { get; init; }

    /// <summary>struct unix_sock: listener (Linux 6.10); null before.</summary>
    internal required int? Listener { get; init; }

    /// <summary>
    /// struct sk_buff: sk, the sender's; null where it stands in a union (before Linux 6.9): then the sender is not told.
    /// </summary>
    internal required int? MessageSock { get; init; }

    /// <summary>struct sk_buff: cb, which holds a struct unix_skb_parms.</summary>
    internal required int MessageControl { get; init; }

    /// <summary>struct unix_skb_parms: fp, the files that go with the message.</summary>
    internal required int Files { get; init; }

    /// <summary>struct scm_fp_list: count, a short.</summary>
    internal required int FileCount { get; init; }

    /// <summary>struct scm_fp_list: fp, the files.</summary>
    internal required int FirstFile { get; init; }

    /// <summary>struct scm_fp_list: user.</summary>
    internal required int FilesUser { get; init; }

    /// <summary>struct user_struct: uid.</summary>
    internal required int UserNumber { get; init; }

    /// <summary>struct file: f_inode.</summary>
    internal required int FileInode { get; init; }

    /// <summary>struct inode: i_ino.</summary>
    internal required int InodeNumber { get; init; }

    /// <summary>struct inode: i_sb.</summary>
    internal required int InodeFileSystem { get; init; }

    /// <summary>struct super_block: s_magic.</summary>
    internal required int Magic { get; init; }

    /// <summary>struct socket_alloc: vfs_inode less socket: from a socket to its inode.</summary>
    internal required int SocketToInode { get; init; }

    private static readonly KernelPlace WalkOfUnix = KernelPlace.Function("bpf_iter_unix");
    private static readonly KernelPlace QueueOfSock = KernelPlace.Offset("sock", "sk_receive_queue");
    private static readonly KernelPlace ListenerOfUnix = KernelPlace.OptionalOffset("unix_sock", "listener");
    private static readonly KernelPlace SockOfMessage = KernelPlace.OptionalOffset("sk_buff", "sk");
    private static readonly KernelPlace ControlOfMessage = KernelPlace.Offset("sk_buff", "cb");
    private static readonly KernelPlace FilesOfMessage = KernelPlace.Offset("unix_skb_parms", "fp");
    private static readonly KernelPlace CountOfFiles = KernelPlace.Offset("scm_fp_list", "count");
    private static readonly KernelPlace FirstOfFiles = KernelPlace.Offset("scm_fp_list", "fp");
    private static readonly KernelPlace UserOfFiles = KernelPlace.Offset("scm_fp_list", "user");
    private static readonly KernelPlace NumberOfUser = KernelPlace.Offset("user_struct", "uid");
    private static readonly KernelPlace FileSystemOfInode = KernelPlace.Offset("inode", "i_sb");
    private static readonly KernelPlace MagicOfFileSystem = KernelPlace.Offset("super_block", "s_magic");
    private static readonly KernelPlace SocketOfAllocation = KernelPlace.Offset("socket_alloc", "socket");
    private static readonly KernelLayout<ScmRightsLayout> RunningKernel = new(Read);

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static ScmRightsLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static ScmRightsLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        var found = KernelPlaces.Read(typeInformation, [WalkOfUnix, QueueOfSock, SocketOfAnySock, ListenerOfUnix, SockOfMessage,
            ControlOfMessage, FilesOfMessage, CountOfFiles, FirstOfFiles, UserOfFiles, NumberOfUser, InodeOfFile, NumberOfInode,
            FileSystemOfInode, MagicOfFileSystem, InodeOfAllocation, SocketOfAllocation]);
        return found is null ? null : new ScmRightsLayout
        {
            Function = found[WalkOfUnix],
            ReceiveQueue = found[QueueOfSock],
            SocketOfSock = found[SocketOfAnySock],
            Listener = found.Find(ListenerOfUnix),
            MessageSock = found.Find(SockOfMessage),
            MessageControl = found[ControlOfMessage],
            Files = found[FilesOfMessage],
            FileCount = found[CountOfFiles],
            FirstFile = found[FirstOfFiles],
            FilesUser = found[UserOfFiles],
            UserNumber = found[NumberOfUser],
            FileInode = found[InodeOfFile],
            InodeNumber = found[NumberOfInode],
            InodeFileSystem = found[FileSystemOfInode],
            Magic = found[MagicOfFileSystem],
            SocketToInode = found[InodeOfAllocation] - found[SocketOfAllocation],
        };
    }
}
