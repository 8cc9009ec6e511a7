using System.Buffers.Binary;
using System.Buffers.Text;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>
/// What /proc tells of threads and their memory: every look at another process that the search for pending uses takes goes through here.
/// </summary>
internal sealed class TaskView(int procDirectory)
{
    // What poll() and select() may name; RLIMIT_NOFILE bounds them as well.
    private const int PollLimit = 4096;
    private const int SelectLimit = 16_384;
    private const int PollBytes = 8;

    private const int NameBytes = 64;
    private const int LinkBytes = 64;
    private const int MapsLimitBytes = 16 * 1024 * 1024;
    private const int RingInfoLimitBytes = 1024 * 1024;
    private const int DescriptorLimit = 1024 * 1024;

    private readonly byte[] _path = new byte[PathWriter.SizeBytes];

    /// <summary>The thread that looks; 0 where /proc does not tell.</summary>
    internal int Self { get; } = ReadSelf(procDirectory);

    internal List<int> Processes()
    {
        var pids = new List<int>();
        _ = ProcFile.ListNumbers(procDirectory, ".\0"u8, ProcFile.ProcessLimit, pids);
        return pids;
    }

    /// <summary>The threads of a process; none when it is gone.</summary>
    internal List<int> Threads(int pid) => List(pid, "/task"u8, ThreadTables.ThreadLimit);

    /// <summary>The descriptors of a process; none when they may not be read.</summary>
    internal List<int> Descriptors(int pid) => List(pid, "/fd"u8, DescriptorLimit);

    /// <summary>The sockets that a process has open, each with who made it. False where not all of its descriptors may be read.</summary>
    internal bool TryReadSockets(int pid, out List<(int Descriptor, ulong Inode, uint UserId)> sockets)
    {
        sockets = [];
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return false;
        var descriptors = new List<int>();
        var errno = ProcFile.ListNumbers(procDirectory, Path(pid).Append("/fd"u8).Terminated(), DescriptorLimit, descriptors);
        if (errno != Errno.None)
            return errno is Errno.ENOENT or Errno.ESRCH;
        Span<byte> link = stackalloc byte[LinkBytes];
        var isWhole = true;
        foreach (var descriptor in descriptors)
        {
            errno = ReadLinkAt.Read(procDirectory, Path(pid).Append("/fd/"u8).Append(descriptor).Terminated(), link, out var length);
            isWhole &= errno is not (Errno.EACCES or Errno.EPERM);
            if (errno == Errno.None && SocketLink.TryParse(link[..length], out var inode)
                && StatX.Follow(procDirectory, Path(pid).Append("/fd/"u8).Append(descriptor).Terminated(), out var status) == Errno.None)
                sockets.Add((descriptor, inode, status.UserId));
        }
        return isWhole;
    }

    /// <summary>Whether a thread is there, and is no kernel thread.</summary>
    internal bool IsUserThread(int pid, int tid)
    {
        Span<byte> sizes = stackalloc byte[NameBytes];
        return TryRead(pid, tid, "/statm"u8, sizes, out var length) && !sizes[..length].StartsWith("0 "u8);
    }

    /// <summary>The system call that a thread sleeps in; null for none, and without the right to trace it.</summary>
    internal SystemCall? CallOf(int pid, int tid)
    {
        Span<byte> line = stackalloc byte[SystemCall.LineBytes];
        return TryRead(pid, tid, "/syscall"u8, line, out var length) ? SystemCall.Parse(line[..length]) : null;
    }

    /// <summary>The descriptors that a call names. An int is passed in the lower half of a register.</summary>
    internal List<int> Named(int pid, in SystemCall call, DescriptorPlace place) => place switch
    {
        DescriptorPlace.First => [unchecked((int)call.First)],
        DescriptorPlace.FirstAndSecond => [unchecked((int)call.First), unchecked((int)call.Second)],
        DescriptorPlace.FirstAndThird => [unchecked((int)call.First), unchecked((int)call.Third)],
        DescriptorPlace.PollArray => Polled(pid, call.First, unchecked((uint)call.Second)),
        _ => Selected(pid, call),
    };

    private List<int> Polled(int pid, ulong address, uint count)
    {
        var descriptors = new List<int>();
        var array = new byte[(int)Math.Min(count, PollLimit) * PollBytes];
        if (array.Length == 0 || !TryReadMemory(pid, address, array))
            return descriptors;
        for (var at = 0; at < array.Length; at += PollBytes)
            descriptors.Add(BinaryPrimitives.ReadInt32LittleEndian(array.AsSpan(at)));
        return descriptors;
    }

    private List<int> Selected(int pid, in SystemCall call)
    {
        var descriptors = new HashSet<int>();
        var count = (int)Math.Min(unchecked((uint)call.First), SelectLimit);
        // The kernel reads whole longs.
        var set = new byte[(count + 63) / 64 * 8];
        foreach (var address in (ReadOnlySpan<ulong>)[call.Second, call.Third, call.Fourth])
        {
            if (set.Length == 0 || address == 0 || !TryReadMemory(pid, address, set))
                continue;
            for (var bit = 0; bit < count; bit++)
            {
                if ((set[bit / 8] >> (bit % 8) & 1) != 0)
                    descriptors.Add(bit);
            }
        }
        return [.. descriptors];
    }

    /// <summary>Whether a thread sleeps in a pipe (/proc/PID/task/TID/wchan).</summary>
    internal bool WaitsInPipe(int pid, int tid)
    {
        Span<byte> function = stackalloc byte[NameBytes];
        return TryRead(pid, tid, "/wchan"u8, function, out var length) && function[..length].IndexOf("pipe"u8) >= 0;
    }

    /// <summary>Whether a thread is one that the kernel made for an io_uring: a worker, or the one that polls its queue.</summary>
    internal bool IsRingWorker(int pid, int tid)
    {
        Span<byte> name = stackalloc byte[NameBytes];
        return TryRead(pid, tid, "/comm"u8, name, out var length) && name[..length].StartsWith("iou-"u8);
    }

    /// <summary>Whether a number in a call stands for a file that the thread's table no longer shows.</summary>
    /// <param name="isSocket">The file is a socket: a table that shows something else there shows another file.</param>
    internal bool IsClosed(int pid, int tid, int descriptor, bool isSocket)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return false;
        Span<byte> link = stackalloc byte[LinkBytes];
        var errno = ReadLinkAt.Read(procDirectory, Path(pid, tid).Append("/fd/"u8).Append(descriptor).Terminated(), link, out var length);
        return errno == Errno.ENOENT || (errno == Errno.None && isSocket && !link[..length].StartsWith("socket:["u8));
    }

    internal bool TryReadMemory(int pid, ulong address, Span<byte> buffer)
    {
        using var access = ForeignAccess.To(ForeignKind.Memory, pid);
        if (!access.IsAllowed || address > long.MaxValue
            || OpenAt.Open(procDirectory, Path(pid).Append("/mem"u8).Terminated(), out var memory) != Errno.None)
            return false;
        try
        {
            return ReadWriteCall.TryFill(memory, buffer, (long)address);
        }
        finally
        {
            CloseDescriptor.Close(memory);
        }
    }

    /// <summary>
    /// Whether a thread is in the network namespace of the thread that asks; Unknown where it is stuck. Without the right to look, the
    /// files of its /proc/PID/net tell: they are other ones in each namespace (proc_net_ns_init(), fs/proc/proc_net.c). One that has ended
    /// is in none.
    /// </summary>
    internal Fact IsInOurNetwork(int pid, int tid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return Fact.Unknown;
        var errno = IsSame("thread-self/ns/net\0"u8, Path(pid, tid).Append("/ns/net"u8).Terminated(), out var isHere);
        if (errno is Errno.EACCES or Errno.EPERM)
            errno = IsSame("thread-self/net/unix\0"u8, Path(pid, tid).Append("/net/unix"u8).Terminated(), out isHere);
        return errno switch
        {
            Errno.None => isHere ? Fact.Yes : Fact.No,
            Errno.ENOENT or Errno.ESRCH => Fact.No,
            _ => Fact.Unknown,
        };
    }

    private Errno IsSame(ReadOnlySpan<byte> ours, ReadOnlySpan<byte> theirs, out bool isSame)
    {
        var errno = StatX.Follow(procDirectory, theirs, out var there);
        isSame = StatX.Follow(procDirectory, ours, out var here) == Errno.None && errno == Errno.None && here.Inode == there.Inode;
        return errno;
    }

    /// <summary>The effective user of a process; null when it is gone.</summary>
    internal uint? UserOf(int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        return access.IsAllowed && StatX.Follow(procDirectory, Path(pid).Append("/task"u8).Terminated(), out var status) == Errno.None
            ? status.UserId : null;
    }

    /// <summary>The inode of a ring that a descriptor stands for; null for other files.</summary>
    internal ulong? RingOf(int pid, int descriptor)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return null;
        Span<byte> link = stackalloc byte[LinkBytes];
        var path = Path(pid).Append("/fd/"u8).Append(descriptor).Terminated();
        return ReadLinkAt.Read(procDirectory, path, link, out var length) == Errno.None
            && link[..length].SequenceEqual("anon_inode:[io_uring]"u8)
            && StatX.Follow(procDirectory, path, out var status) == Errno.None ? status.Inode : null;
    }

    /// <summary>The operations that wait in a ring (<c>PollList:</c> of its fdinfo).</summary>
    internal List<int> WaitingOperations(int pid, int descriptor)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        return access.IsAllowed && ProcFile.ReadAll(procDirectory, Path(pid).Append("/fdinfo/"u8).Append(descriptor).Terminated(),
            RingInfoLimitBytes, out var info) == Errno.None
            ? DescriptorInfo.WaitingOperations(info)
            : [];
    }

    /// <summary>The rings that a process has mapped, by the inodes that /proc/PID/maps shows.</summary>
    /// <param name="name">What the line ends with: <c>anon_inode:[io_uring]</c> or <c>/[aio] (deleted)</c>.</param>
    internal HashSet<ulong> MappedRings(int pid, ReadOnlySpan<byte> name)
    {
        using var access = ForeignAccess.To(ForeignKind.Memory, pid);
        var inodes = new HashSet<ulong>();
        if (!access.IsAllowed || ProcFile.ReadAll(procDirectory, Path(pid).Append("/maps"u8).Terminated(), MapsLimitBytes,
            out var maps) != Errno.None || maps.IndexOf(name) < 0)
            return inodes;
        foreach (var range in maps.Split((byte)'\n'))
        {
            if (maps[range].EndsWith(name) && SocketMappings.FileOf(maps[range], out var path) is { } inode && path.SequenceEqual(name))
                inodes.Add(inode);
        }
        return inodes;
    }

    private List<int> List(int pid, ReadOnlySpan<byte> folder, int limit)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        var numbers = new List<int>();
        if (access.IsAllowed)
            _ = ProcFile.ListNumbers(procDirectory, Path(pid).Append(folder).Terminated(), limit, numbers);
        return numbers;
    }

    private bool TryRead(int pid, int tid, ReadOnlySpan<byte> file, Span<byte> room, out int lengthBytes)
    {
        lengthBytes = 0;
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        return access.IsAllowed
            && SmallFile.Read(procDirectory, Path(pid, tid).Append(file).Terminated(), room, out lengthBytes) == Errno.None;
    }

    private static int ReadSelf(int procDirectory)
    {
        Span<byte> link = stackalloc byte[LinkBytes];
        if (ReadLinkAt.Read(procDirectory, "thread-self\0"u8, link, out var length) != Errno.None)
            return 0;
        var text = link[..length];
        return Utf8Parser.TryParse(text[(text.LastIndexOf((byte)'/') + 1)..], out int self, out _) ? self : 0;
    }

    private PathWriter Path(int pid) => new PathWriter(_path).Append(pid);

    private PathWriter Path(int pid, int tid) => Path(pid).Append("/task/"u8).Append(tid);
}
