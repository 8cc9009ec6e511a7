using System.Buffers.Text;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Reads tables of descriptors and keeps the sockets that are looked for. One walk serves one thread: its buffers are made once,
/// and a descriptor that does not match costs one readlinkat and no allocation.
/// </summary>
internal sealed class DescriptorWalk(int procDirectory, InodeSet wanted)
{
    private const int EntriesBytes = 32 * 1024;

    // "flags:" is the second line of fdinfo; what follows (epoll, inotify) may be long.
    private const int InfoBytes = 256;

    private readonly byte[] _entries = GC.AllocateUninitializedArray<byte>(EntriesBytes, pinned: true);

    internal List<Holder> Found { get; } = [];

    /// <summary>
    /// What was found beyond that. The limits are those of this walk's share of the processes: all shares together are cut once more.
    /// </summary>
    internal HolderCount Count { get; } = new(wanted);

    /// <summary>The error after the last outcome; <see cref="Errno.None"/> after a complete read.</summary>
    internal Errno LastError { get; private set; }

    /// <summary>The last table showed no descriptor at all, as those of zombies and kernel threads do.</summary>
    internal bool LastWasEmpty { get; private set; }

    /// <summary>The last table held a socket that is looked for, but no descriptor was left to read its flags with.</summary>
    internal bool LastMissedFlags { get; private set; }

    /// <summary>Reads the table of a process, or of one thread.</summary>
    /// <param name="tid">The thread whose own view is asked for; null for the process's.</param>
    internal WalkOutcome Walk(int pid, int? tid = null)
    {
        LastWasEmpty = true;
        LastMissedFlags = false;
        LastError = Errno.ETIMEDOUT;
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return WalkOutcome.Vanished;
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid, tid);
        LastError = OpenAt.Open(procDirectory, path.Append("/fd"u8).Terminated(), out var directory);
        if (LastError != Errno.None)
            return Outcome(LastError);
        try
        {
            while (true)
            {
                LastError = GetDents.Read(directory, _entries, out var length);
                if (LastError != Errno.None || length == 0)
                    return Outcome(LastError);
                LastError = Examine(directory, _entries.AsSpan(0, length), pid, tid);
                if (LastError != Errno.None)
                    return Outcome(LastError);
            }
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }

    /// <summary>
    /// Looks whether a descriptor is the socket that it is said to be, and keeps it if so, or if only the look is refused.
    /// </summary>
    internal void Confirm(int pid, int? tid, int descriptor, ulong inode)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
        {
            Found.Add(Held(inode, pid, descriptor, closeOnExec: null, tid));
            return;
        }
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid, tid);
        Span<byte> link = stackalloc byte[SocketLink.SizeBytes];
        var errno = ReadLinkAt.Read(procDirectory, path.Append("/fd/"u8).Append(descriptor).Terminated(), link, out var length);
        if (Outcome(errno) == WalkOutcome.Unreadable)
            Found.Add(Held(inode, pid, descriptor, closeOnExec: null, tid));
        else if (errno == Errno.None && SocketLink.TryParse(link[..length], out var seen) && seen == inode)
            Found.Add(Held(inode, pid, descriptor, CloseOnExec(pid, descriptor, tid), tid));
    }

    /// <summary>Keeps a descriptor as told, without a look.</summary>
    internal void Take(int pid, int? tid, int descriptor, ulong inode) => Found.Add(Held(inode, pid, descriptor, closeOnExec: null, tid));

    private static Holder Held(ulong inode, int pid, int descriptor, bool? closeOnExec, int? tid) =>
        new(inode, pid, descriptor, closeOnExec, tid, tid is null ? HoldingWay.Descriptor : HoldingWay.ThreadTable);

    private Errno Examine(int directory, ReadOnlySpan<byte> bytes, int pid, int? tid)
    {
        Span<byte> link = stackalloc byte[SocketLink.SizeBytes];
        var entries = new DirectoryEntries(bytes);
        while (entries.TryNextNumber(out var name, out var descriptor))
        {
            LastWasEmpty = false;
            var errno = ReadLinkAt.Read(directory, name, link, out var length);
            if (errno == Errno.ENOENT)
                continue; // closed since the directory was read
            if (errno != Errno.None)
                return errno;
            if (SocketLink.TryParse(link[..length], out var inode) && wanted.Contains(inode) && Count.Keep(inode, pid))
                Found.Add(Held(inode, pid, descriptor, CloseOnExec(pid, descriptor, tid), tid));
        }

        return Errno.None;
    }

    private bool? CloseOnExec(int pid, int descriptor, int? tid)
    {
        if (!wanted.WithFlags)
            return null;
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid, tid);
        Span<byte> info = stackalloc byte[InfoBytes];
        var errno = SmallFile.Read(procDirectory, path.Append("/fdinfo/"u8).Append(descriptor).Terminated(), info, out var length);
        LastMissedFlags |= Outcome(errno) == WalkOutcome.Exhausted;
        return errno == Errno.None ? DescriptorInfo.CloseOnExec(info[..length]) : null;
    }

    private static WalkOutcome Outcome(Errno errno) => errno switch
    {
        Errno.None => WalkOutcome.Read,
        Errno.ENOENT or Errno.ESRCH => WalkOutcome.Vanished,
        Errno.EACCES or Errno.EPERM => WalkOutcome.Unreadable,
        Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM => WalkOutcome.Exhausted,
        _ => WalkOutcome.Failed,
    };
}

/// <summary>The file /proc/PID/fdinfo/N (proc_pid_fdinfo(5), seq_show in fs/proc/fd.c).</summary>
internal static class DescriptorInfo
{
    private const uint CloseOnExecFlag = 0x80000;
    private const int LongestFlags = 11;

    /// <summary>FD_CLOEXEC, which stands among the octal flags as O_CLOEXEC; null when the line is missing.</summary>
    internal static bool? CloseOnExec(ReadOnlySpan<byte> info) => Flags(info) is { } flags ? (flags & CloseOnExecFlag) != 0 : null;

    /// <summary>The flags of open(2), which stand in octal; null when the line is missing.</summary>
    internal static ulong? Flags(ReadOnlySpan<byte> info)
    {
        var digits = Value(info, "flags:\t"u8);
        if (digits.IsEmpty || digits.Length > LongestFlags)
            return null;

        ulong flags = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            flags = (flags << 3) | (uint)(digit - '0');
        }

        return flags;
    }

    /// <summary>How many descriptors wait in a UNIX socket (unix_show_fdinfo, net/unix/af_unix.c); null for other sockets.</summary>
    internal static int? WaitingDescriptors(ReadOnlySpan<byte> info)
    {
        var digits = Value(info, "scm_fds: "u8);
        return Utf8Parser.TryParse(digits, out int count, out var consumed) && consumed == digits.Length && count >= 0 ? count : null;
    }

    /// <summary>
    /// The sockets among the files that are registered with an io_uring: lines <c>    0: socket:[123]</c> below <c>UserFiles:</c>
    /// (io_uring_show_fdinfo, io_uring/fdinfo.c; the kernel escapes newlines in paths).
    /// </summary>
    internal static List<ulong> RegisteredSockets(ReadOnlySpan<byte> info)
    {
        var inodes = new List<ulong>();
        var isInside = false;
        foreach (var range in info.Split((byte)'\n'))
        {
            var line = info[range];
            if (!line.StartsWith(" "u8))
            {
                isInside = line.StartsWith("UserFiles:"u8);
                continue;
            }

            var entry = line.TrimStart((byte)' ');
            var separator = entry.IndexOf(": "u8);
            if (isInside && separator > 0 && SocketLink.TryParse(entry[(separator + 2)..], out var inode))
                inodes.Add(inode);
        }

        return inodes;
    }

    /// <summary>
    /// The operations (IORING_OP_…) of an io_uring's requests that wait for their file: lines <c> 
    /// op=13, task_works=0</c> below <c>PollList:</c>.
    /// </summary>
    internal static List<int> WaitingOperations(ReadOnlySpan<byte> info)
    {
        var operations = new List<int>();
        var isInside = false;
        foreach (var range in info.Split((byte)'\n'))
        {
            var line = info[range];
            if (!line.StartsWith(" "u8))
                isInside = line.StartsWith("PollList:"u8);
            else if (isInside && line.TrimStart((byte)' ') is var entry && entry.StartsWith("op="u8)
                && Utf8Parser.TryParse(entry[3..], out int operation, out _))
                operations.Add(operation);
        }
        return operations;
    }

    // What stands after a line's name; empty when there is no such line, or it is cut off.
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> info, ReadOnlySpan<byte> name)
    {
        var at = info.IndexOf(name);
        if (at < 0 || (at > 0 && info[at - 1] != (byte)'\n'))
            return [];
        var value = info[(at + name.Length)..];
        var end = value.IndexOf((byte)'\n');
        return end < 0 ? [] : value[..end];
    }
}
