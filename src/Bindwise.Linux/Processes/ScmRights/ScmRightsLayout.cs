using Bindwise.Linux.Bpf;

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

    private static readonly KernelLayout<ScmRightsLayout> RunningKernel = new(Read);

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static ScmRightsLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static ScmRightsLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        if (!KernelTypes.TryOpen(typeInformation, out var types))
            return null;
        var found = new Places();
        while (types.TryNext())
        {
            if (types.Current == KernelTypes.Kind.Function)
                found.TakeFunction(types);
            else if (types.Current == KernelTypes.Kind.Structure)
                found.TakeStructure(types);
            if (found.IsDone)
                break;
        }

        return found.Complete();
    }

    private sealed class Places
    {
        private int? _function;
        private int? _listener;
        private (int Queue, int Socket)? _sock;
        private int? _messageSock;
        private int? _control;
        private int? _files;
        private (int Count, int First, int User)? _list;
        private int? _user;
        private int? _file;
        private (int Number, int FileSystem)? _inode;
        private int? _magic;
        private int? _allocation;

        private bool _hasUnixSock;

        /// <summary>The function stands after the structures, so that little is left to look at by then.</summary>
        internal bool IsDone => _function is not null && _hasUnixSock && Complete() is not null;

        internal void TakeFunction(in KernelTypes types)
        {
            if (types.IsNamed("bpf_iter_unix"u8))
                _function ??= types.Id;
        }

        // The first of a name that has the members counts.
        internal void TakeStructure(in KernelTypes types)
        {
            if (types.IsNamed("sock"u8))
                _sock ??= Both(types, "sk_receive_queue"u8, "sk_socket"u8);
            else if (types.IsNamed("unix_sock"u8))
                (_hasUnixSock, _listener) = (true, _listener ?? types.OffsetOf("listener"u8));
            else if (types.IsNamed("sk_buff"u8))
                (_messageSock, _control) = (_messageSock ?? types.OffsetOf("sk"u8), _control ?? types.OffsetOf("cb"u8));
            else if (types.IsNamed("unix_skb_parms"u8))
                _files ??= types.OffsetOf("fp"u8);
            else if (types.IsNamed("scm_fp_list"u8))
                _list ??= Both(types, "count"u8, "fp"u8) is (var count, var first) && types.OffsetOf("user"u8) is { } user
                    ? (count, first, user) : null;
            else if (types.IsNamed("user_struct"u8))
                _user ??= types.OffsetOf("uid"u8);
            else if (types.IsNamed("file"u8))
                _file ??= types.OffsetOf("f_inode"u8);
            else if (types.IsNamed("inode"u8))
                _inode ??= Both(types, "i_ino"u8, "i_sb"u8);
            else if (types.IsNamed("super_block"u8))
                _magic ??= types.OffsetOf("s_magic"u8);
            else if (types.IsNamed("socket_alloc"u8))
                _allocation ??= Both(types, "vfs_inode"u8, "socket"u8) is (var inode, var socket) ? inode - socket : null;
        }

        internal ScmRightsLayout? Complete() =>
            _function is { } function && _sock is (var queue, var socket) && _control is { } control && _files is { } files
            && _list is (var count, var first, var user) && _user is { } number && _file is { } inode
                && _inode is (var inodeNumber, var fileSystem)
            && _magic is { } magic && _allocation is { } allocation
                ? new ScmRightsLayout
                {
                    Function = function,
                    ReceiveQueue = queue,
                    SocketOfSock = socket,
                    Listener = _listener,
                    MessageSock = _messageSock,
                    MessageControl = control,
                    Files = files,
                    FileCount = count,
                    FirstFile = first,
                    FilesUser = user,
                    UserNumber = number,
                    FileInode = inode,
                    InodeNumber = inodeNumber,
                    InodeFileSystem = fileSystem,
                    Magic = magic,
                    SocketToInode = allocation,
                }
                : null;

        private static (int First, int Second)? Both(in KernelTypes types, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
            types.OffsetOf(first) is { } one && types.OffsetOf(second) is { } other ? (one, other) : null;
    }
}
