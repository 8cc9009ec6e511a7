using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>Where this kernel has what leads from a socket to those who wait at it. Offsets in bytes.</summary>
internal sealed record WaitQueueLayout
{
    /// <summary>The iterators over sockets.</summary>
    internal SocketIterators Functions { get; init; }

    /// <summary>struct sock_common: skc_state.</summary>
    internal int State { get; init; }

    /// <summary>struct sock: sk_socket.</summary>
    internal int Socket { get; init; }

    /// <summary>From struct socket to the i_ino of the inode beside it (struct socket_alloc).</summary>
    internal int Inode { get; init; }

    /// <summary>From struct socket to the list in its wait queue.</summary>
    internal int Waiters { get; init; }

    /// <summary>struct wait_queue_entry: private, func and entry.</summary>
    internal (int Private, int Function, int Entry) Waiter { get; init; }

    /// <summary>struct poll_wqueues: polling_task.</summary>
    internal int PollingTask { get; init; }

    /// <summary>struct io_kiocb: tctx (Linux 6.13), or task before it.</summary>
    internal int RequestTask { get; init; }

    /// <summary>struct io_uring_task: task; null where <see cref="RequestTask"/> is the task itself.</summary>
    internal int? ContextTask { get; init; }

    /// <summary>From the waiter of an AIO poll to the ki_ctx of its request (struct aio_kiocb).</summary>
    internal int AioContext { get; init; }

    /// <summary>struct kioctx: aio_ring_file.</summary>
    internal int AioFile { get; init; }

    private static readonly KernelLayout<WaitQueueLayout> RunningKernel = new(Read);

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static WaitQueueLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static WaitQueueLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        if (!KernelTypes.TryOpen(typeInformation, out var types))
            return null;
        var functions = new SocketIterators();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        while (types.TryNext())
        {
            functions.Take(in types);
            if (types.Current != KernelTypes.Kind.Structure)
                continue;
            foreach (var (structure, member) in Needed)
            {
                if (types.IsNamed(structure) && types.OffsetOf(member) is { } offset)
                    places.TryAdd(Key(structure, member), offset);
            }
        }
        return Complete(functions, places);
    }

    // The members that are needed; the last two pairs are alternatives.
    private static readonly (byte[] Structure, byte[] Member)[] Needed =
    [
        ("sock_common"u8.ToArray(), "skc_state"u8.ToArray()), ("sock"u8.ToArray(), "sk_socket"u8.ToArray()),
        ("socket_alloc"u8.ToArray(), "vfs_inode"u8.ToArray()),
        ("inode"u8.ToArray(), "i_ino"u8.ToArray()), ("socket"u8.ToArray(), "wq"u8.ToArray()), ("socket_wq"u8.ToArray(), "wait"u8.ToArray()),
        ("wait_queue_head"u8.ToArray(), "head"u8.ToArray()), ("wait_queue_entry"u8.ToArray(), "private"u8.ToArray()),
        ("wait_queue_entry"u8.ToArray(), "func"u8.ToArray()),
        ("wait_queue_entry"u8.ToArray(), "entry"u8.ToArray()), ("poll_wqueues"u8.ToArray(), "polling_task"u8.ToArray()),
        ("poll_iocb"u8.ToArray(), "wait"u8.ToArray()),
        ("aio_kiocb"u8.ToArray(), "ki_ctx"u8.ToArray()), ("kioctx"u8.ToArray(), "aio_ring_file"u8.ToArray()),
        ("io_uring_task"u8.ToArray(), "task"u8.ToArray()),
        ("io_kiocb"u8.ToArray(), "tctx"u8.ToArray()), ("io_kiocb"u8.ToArray(), "task"u8.ToArray()),
    ];

    private static string Key(ReadOnlySpan<byte> structure, ReadOnlySpan<byte> member) =>
        System.Text.Encoding.ASCII.GetString(structure) + "." + System.Text.Encoding.ASCII.GetString(member);

    private static WaitQueueLayout? Complete(SocketIterators functions, Dictionary<string, int> places)
    {
        var isWhole = true;
        int Of(string key)
        {
            isWhole &= places.TryGetValue(key, out var offset);
            return offset;
        }

        int? context = places.TryGetValue("io_uring_task.task", out var task) && places.ContainsKey("io_kiocb.tctx") ? task : null;
        // Where a kernel was built without io_uring or AIO, no waiter is one of theirs.
        var layout = new WaitQueueLayout
        {
            Functions = functions,
            State = Of("sock_common.skc_state"),
            Socket = Of("sock.sk_socket"),
            Inode = Of("socket_alloc.vfs_inode") + Of("inode.i_ino"),
            Waiters = Of("socket.wq") + Of("socket_wq.wait") + Of("wait_queue_head.head"),
            Waiter = (Of("wait_queue_entry.private"), Of("wait_queue_entry.func"), Of("wait_queue_entry.entry")),
            PollingTask = Of("poll_wqueues.polling_task"),
            RequestTask = places.GetValueOrDefault(context is null ? "io_kiocb.task" : "io_kiocb.tctx"),
            ContextTask = context,
            AioContext = places.GetValueOrDefault("aio_kiocb.ki_ctx") - places.GetValueOrDefault("poll_iocb.wait"),
            AioFile = places.GetValueOrDefault("kioctx.aio_ring_file"),
        };
        return isWhole ? layout : null;
    }
}
