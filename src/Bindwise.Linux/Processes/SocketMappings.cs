using System.Buffers.Text;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Sockets that a process has mapped into its memory: /proc/PID/maps shows each as <c>socket:[INODE]</c>. Any TCP socket can be mapped
/// (tcp_mmap(), net/ipv4/tcp.c), and packet sockets; the mapping keeps it when its descriptor is closed.
/// Reading maps takes a process's memory lock, so only for sockets of which no holder was found.
/// </summary>
internal sealed class SocketMappings(int procDirectory, InodeSet missing)
{
    /// <summary>The most that is read of all maps together: a second or so.</summary>
    internal const long LimitBytes = 256L * 1024 * 1024;

    private const int BufferBytes = 64 * 1024;

    // What stands before a line's path: two addresses, rights, offset, device and inode (show_map_vma(), fs/proc/task_mmu.c).
    private const int FieldsBeforePath = 5;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly ThreadTables _threads = new(procDirectory, pidsAreOurs: false);
    private readonly List<int> _tids = [];
    private long _bytes;

    internal List<Holder> Found { get; } = [];

    /// <summary>There was more to read than <see cref="LimitBytes"/>.</summary>
    internal bool IsCut => _bytes >= LimitBytes;

    internal void Search(int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Memory, pid);
        if (!access.IsAllowed)
            return;
        var before = _bytes;
        Search(pid, tid: null);
        if (_bytes != before || !_threads.HasOthers(pid))
            return;
        // A leader that has ended shows none: its living threads show what is theirs as well.
        _tids.Clear();
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/task"u8).Terminated();
        _ = ProcFile.ListNumbers(procDirectory, path, ThreadTables.ThreadLimit, _tids);
        foreach (var tid in _tids)
        {
            if (tid != pid && _bytes == before)
                Search(pid, tid);
        }
    }

    private void Search(int pid, int? tid)
    {
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid, tid);
        if (IsCut || OpenAt.Open(procDirectory, path.Append("/maps"u8).Terminated(), out var file) != Errno.None)
            return;
        try
        {
            Read(pid, tid, file);
        }
        finally
        {
            CloseDescriptor.Close(file);
        }
    }

    private void Read(int pid, int? tid, int file)
    {
        var kept = 0;
        while (!IsCut && ReadWriteCall.Read(file, _buffer.AsSpan(kept), out var length) == Errno.None && length > 0)
        {
            _bytes += length;
            var bytes = _buffer.AsSpan(0, kept + length);
            var end = bytes.LastIndexOf((byte)'\n') + 1;
            SearchThrough(pid, tid, bytes[..end]);
            // A line longer than the buffer has a long path, and is no socket.
            kept = end == 0 && bytes.Length == BufferBytes ? 0 : bytes.Length - end;
            bytes[^kept..].CopyTo(_buffer);
        }
    }

    private void SearchThrough(int pid, int? tid, ReadOnlySpan<byte> lines)
    {
        while (lines.IndexOf("socket:["u8) is >= 0 and var at)
        {
            var start = lines[..at].LastIndexOf((byte)'\n') + 1;
            var length = lines[at..].IndexOf((byte)'\n');
            var line = lines[start..(length < 0 ? lines.Length : at + length)];
            if (SocketOf(line) is { } inode && missing.Contains(inode)
                && !Found.Exists(holder => holder.Inode == inode && holder.ProcessId == pid))
                Found.Add(new Holder(inode, pid, Descriptor: -1, ThreadId: tid, Way: HoldingWay.Mapping));
            lines = lines[(length < 0 ? lines.Length : at + length)..];
        }
    }

    /// <summary>The socket that a line of maps shows; null for every other line, and for a file that only has such a name.</summary>
    internal static ulong? SocketOf(ReadOnlySpan<byte> line) =>
        FileOf(line, out var path) is { } mappedFile && SocketLink.TryParse(path, out var inode) && mappedFile == inode ? inode : null;

    /// <summary>The inode and the path of the file that a line of maps shows; null where it has another form. Inode 0: no file.</summary>
    internal static ulong? FileOf(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> path)
    {
        path = default;
        ReadOnlySpan<byte> number = default;
        for (var field = 0; field < FieldsBeforePath; field++)
        {
            var space = line.IndexOf((byte)' ');
            if (space <= 0)
                return null;
            number = line[..space];
            line = line[(space + 1)..];
        }
        path = line.TrimStart((byte)' ');
        return Utf8Parser.TryParse(number, out ulong inode, out var consumed) && consumed == number.Length ? inode : null;
    }
}
