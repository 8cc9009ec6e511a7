using System.Buffers.Text;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.UnixPaths;

/// <summary>
/// Looks at what stands at a UNIX socket's path, as the effective user and without touching it: bind() there would make a file.
/// </summary>
internal static class UnixPathReader
{
    /// <summary>
    /// The longest path that programs can bind: sun_path's 108 bytes with the closing NUL (unix(7)); only raw calls get one byte more.
    /// </summary>
    internal const int MaximumPathBytes = SocketAddress.UnixNameBytes - 1;

    /// <summary>The longest abstract name, without the NUL in front.</summary>
    internal const int MaximumAbstractBytes = SocketAddress.UnixNameBytes - 1;

    /// <summary>The kind of a record that is a link (<see cref="UnixPathRecord.Kind"/>).</summary>
    internal const string Link = "symbolic link";

    /// <summary>
    /// File systems in which no file can be made for a socket, by their numbers (linux/magic.h), and what bind() says there.
    /// </summary>
    private static readonly Dictionary<long, (string Name, Errno Refusal)> WithoutSockets = new()
    {
        [0x9fa0] = ("proc", Errno.ENOENT),
        [0x62656572] = ("sysfs", Errno.EPERM),
        [0x27e0eb] = ("cgroup", Errno.EPERM),
        [0x63677270] = ("cgroup2", Errno.EPERM),
        [0x64626720] = ("debugfs", Errno.EPERM),
        [0x74726163] = ("tracefs", Errno.EPERM),
        [0x73636673] = ("securityfs", Errno.EPERM),
        [0x1cd1] = ("devpts", Errno.EPERM),
        [0x19800202] = ("mqueue", Errno.EPERM),
        [0xcafe4a11] = ("bpf", Errno.EPERM),
        [0x6165676c] = ("pstore", Errno.EPERM),
        [0x65735543] = ("fusectl", Errno.EPERM),
        [0x42494e4d] = ("binfmt_misc", Errno.EPERM),
        [0xde5e81e4] = ("efivarfs", Errno.EPERM),
        [0xf97cff8c] = ("selinuxfs", Errno.EPERM),
        [0x4d44] = ("FAT", Errno.EPERM),
        [0x2011bab0] = ("exFAT", Errno.EPERM),
    };

    /// <summary>Reads the record of a path, or of <c>@name</c>, which has no file.</summary>
    /// <param name="file">The file there, to be held against unix_diag; default when there is none.</param>
    internal static UnixPathRecord Read(string path, out UnixFileId file)
    {
        file = default;
        if (path is ['@', ..])
            return new UnixPathRecord
            {
                Path = path,
                ParentErrno = AbstractName.Read(path).Length > MaximumAbstractBytes ? (int)Errno.EINVAL : 0
            };
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length is 0 or > MaximumPathBytes || Array.IndexOf(bytes, (byte)0) >= 0)
            return new UnixPathRecord { Path = path, ParentErrno = (int)Errno.EINVAL };
        using var access = AccessTo(path);
        var examined = FileStatusCall.Lstat([.. bytes, 0], out var status);
        if (examined == Errno.None)
            return Found(path, status, out file) with { IsChangeable = MayChange(bytes, status.UserId) };
        string? fileSystem = null;
        // bpf's refuses a name with a dot when it is looked up (bpf_lookup(), kernel/bpf/inode.c).
        var parent = examined is Errno.ENOENT or Errno.EPERM ? AskParent(bytes, out fileSystem) : examined;
        return new UnixPathRecord
        {
            Path = path,
            ParentErrno = (int)(examined == Errno.ENOENT ? parent : examined),
            FileSystem = fileSystem,
            IsHidden = examined == Errno.EACCES,
            // Of a folder that is there bind() itself has been asked about.
            IsChangeable = parent == Errno.ENOENT ? MayChange(bytes, null) : Fact.Unknown,
        };
    }

    /// <summary>Whether the effective user may make or remove an entry in the nearest folder above a path that exists.</summary>
    /// <param name="owner">Whose file stands at the path; null where none does.</param>
    private static Fact MayChange(ReadOnlySpan<byte> path, uint? owner)
    {
        var folder = FolderOf(path);
        Errno errno;
        FileStatus status;
        while ((errno = FileStatusCall.Stat(folder, out status)) == Errno.ENOENT && folder is not [(byte)'.' or (byte)'/', 0])
            folder = FolderOf(folder.AsSpan(..^1));
        if (errno != Errno.None || FileStatusCall.Access(folder, FileStatusCall.WriteAndSearch) != Errno.None)
            return Fact.No;
        var user = EffectiveIds.User();
        return user == 0 || owner is null || owner == user || status.UserId == user || (status.Mode & FileStatus.Sticky) == 0
            ? Fact.Yes : Fact.No;
    }

    /// <summary>Reads the record of what connect() reaches: unlike bind() it follows a symbolic link that stands at the path.</summary>
    /// <param name="file">As in <see cref="Read"/>, of what was reached.</param>
    /// <param name="name">Where that stands, which may be what its server bound; the path as asked where no link does.</param>
    internal static UnixPathRecord ReadReached(string path, out UnixFileId file, out byte[] name)
    {
        name = Encoding.UTF8.GetBytes(path);
        var record = Read(path, out file);
        if (record.Kind != Link)
            return record;
        file = default;
        using var access = AccessTo(path);
        using var reached = FolderEntryCall.Reach(OpenAt.WorkingDirectory, [.. name, 0], out var errno);
        if (reached is null)
            return record with { IsHidden = errno == Errno.EACCES };
        if (FileStatusCall.Fstat(reached, out var status) != Errno.None)
            return record;
        Span<byte> room = stackalloc byte[4096];
        if (ReadLinkAt.Read(OpenAt.WorkingDirectory, Terminated.OfDescriptor(stackalloc byte[64], reached.Number), room, out var length)
            == Errno.None)
            name = room[..length].ToArray();
        return Found(path, status, out file);
    }

    /// <summary>The text of a symbolic link; null where it cannot be read.</summary>
    internal static string? TargetOf(string path)
    {
        using var access = AccessTo(path);
        Span<byte> room = stackalloc byte[4096];
        return ReadLinkAt.Read(OpenAt.WorkingDirectory, [.. Encoding.UTF8.GetBytes(path), 0], room, out var length) == Errno.None
            ? KernelText.Decode(room[..length]) : null;
    }

    private static ForeignAccess AccessTo(string path)
    {
        var access = ForeignAccess.ToPath(path);
        return access.IsAllowed ? access
            : throw new InspectionException($"{path} cannot be inspected: its file system does not answer");
    }

    private static UnixPathRecord Found(string path, in FileStatus status, out UnixFileId file)
    {
        file = new UnixFileId(unchecked((uint)status.Inode), unchecked((status.DeviceMajor << 20) | status.DeviceMinor));
        return new UnixPathRecord
        {
            Path = path,
            Exists = true,
            IsSocket = status.Kind == FileStatus.KindSocket,
            Kind = KindOf(status.Kind),
            UserId = status.UserId,
            FileInode = status.Inode,
        };
    }

    /// <summary>Nothing stands there: whether the folder would let bind() make a file (kern_path_create(), fs/namei.c).</summary>
    /// <param name="fileSystem">Which one refuses sockets; null for none.</param>
    private static Errno AskParent(byte[] path, out string? fileSystem)
    {
        fileSystem = null;
        // "folder/" names no file.
        if (path[^1] == (byte)'/')
            return Errno.ENOENT;
        var folder = FolderOf(path);
        var examined = FileStatusCall.Stat(folder, out var status);
        if (examined != Errno.None)
            return examined;
        if (status.Kind != FileStatus.KindDirectory)
            return Errno.ENOTDIR;
        // A working folder that was removed: nothing can be made in it (may_create(), fs/namei.c).
        if (status.Links == 0)
            return Errno.ENOENT;
        var (refusing, refusal) = WithoutSockets.GetValueOrDefault(FileSystemCall.KindOf(folder));
        // proc finds no name before anybody asks for rights; the others are asked to make the file after that (vfs_mknod(), fs/namei.c).
        var access = refusal == Errno.ENOENT ? Errno.None : FileStatusCall.Access(folder, FileStatusCall.WriteAndSearch);
        if (access != Errno.None)
            return access;
        fileSystem = refusing;
        return refusal == Errno.None && FileSystemCall.IsOutOfInodes(folder) ? Errno.ENOSPC : refusal;
    }

    /// <summary>The folder of a path, with its NUL.</summary>
    private static byte[] FolderOf(ReadOnlySpan<byte> path) => path.LastIndexOf((byte)'/') switch
    {
        < 0 => [(byte)'.', 0],
        0 => [(byte)'/', 0],
        var slash => [.. path[..slash], 0],
    };

    private static string KindOf(ushort kind) => kind switch
    {
        FileStatus.KindSocket => "socket",
        FileStatus.KindFile => "file",
        FileStatus.KindDirectory => "directory",
        FileStatus.KindLink => Link,
        FileStatus.KindPipe => "pipe",
        FileStatus.KindCharacterDevice or FileStatus.KindBlockDevice => "device",
        _ => "file",
    };
}

/// <summary>
/// The file /proc/PID/net/unix (unix_seq_show(), net/unix/af_unix.c): what is left where a network namespace may not be entered. It tells
/// names as their servers typed them, and not which file is behind one.
/// </summary>
internal static class UnixNetFile
{
    private const int LimitBytes = 1 << 22;
    private const int MaximumSockets = 256;

    /// <summary>__SO_ACCEPTCON: it listens.</summary>
    private const uint Accepts = 1 << 16;

    /// <summary>SS_CONNECTED (linux/net.h).</summary>
    private const byte Connected = 3;

    internal static bool TryRead(ReadOnlySpan<byte> pathNul, ReadOnlySpan<byte> name, List<HeldSocket> sockets)
    {
        if (ProcFile.ReadAll(OpenAt.WorkingDirectory, pathNul, LimitBytes, out var bytes) != Errno.None)
            return false;
        Parse(bytes, name, sockets);
        return bytes.Length < LimitBytes;
    }

    /// <summary>Reads the lines; those of another form are left out.</summary>
    internal static void Parse(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, List<HeldSocket> sockets)
    {
        var before = sockets.Count;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.EndsWith(name) && sockets.Count - before < MaximumSockets
                && ParseLine(line[..^name.Length], KernelText.Decode(name)) is { } socket)
                sockets.Add(socket);
        }
    }

    // "address: references protocol flags type state inode path"
    private static HeldSocket? ParseLine(ReadOnlySpan<byte> line, string path)
    {
        Span<Range> words = stackalloc Range[8];
        // What is before the name ends with the blank that precedes it, or the name is only the end of a longer one.
        if (!line.EndsWith(" "u8))
            return null;
        if (KernelText.SplitWords(line, words) != 7 || !Utf8Parser.TryParse(line[words[3]], out uint flags, out _, 'x')
            || !Utf8Parser.TryParse(line[words[4]], out ushort type, out _, 'x')
            || !Utf8Parser.TryParse(line[words[5]], out byte state, out _, 'x')
            || !Utf8Parser.TryParse(line[words[6]], out ulong inode, out _))
            return null;
        return new HeldSocket
        {
            Protocol = Protocol.Unix,
            State = (flags & Accepts) != 0 ? TcpSocketState.Listen : state == Connected ? TcpSocketState.Established : TcpSocketState.Close,
            SocketType = unchecked((byte)type),
            Path = path,
            Inode = inode,
        };
    }
}

/// <summary>
/// Asks the kernel whether a socket is bound to the file at a path. The table of one network namespace cannot tell: a path is found by its
/// file, whatever the namespace in which its server opened the socket (unix_find_bsd(), net/unix/af_unix.c).
/// </summary>
internal static class UnixServer
{
    /// <summary>
    /// connect() of a datagram socket: ECONNREFUSED when no socket at all is bound to the file, EPROTOTYPE when one of another type is. A
    /// stream server never notices, since no connection comes about.
    /// </summary>
    internal static Errno Ask(string path)
    {
        using var socket = Connect(path, SocketCall.TypeDatagram, out var errno);
        return errno;
    }

    /// <summary>What the answer of <see cref="Ask"/> says: only ECONNREFUSED is a dead file's.</summary>
    internal static Fact FactOf(Errno errno) => errno switch
    {
        Errno.None or Errno.EPROTOTYPE or Errno.EAGAIN => Fact.Yes,
        Errno.ECONNREFUSED => Fact.No,
        _ => Fact.Unknown,
    };

    /// <summary>
    /// Who called listen() on the socket at the path (SO_PEERCRED, unix(7)): a connection is opened and closed at once, so only where no
    /// table shows the socket. Null when nobody listens, or there is no room in the backlog.
    /// </summary>
    internal static PeerCredentials? FindListener(string path)
    {
        foreach (var type in (ReadOnlySpan<int>)[SocketCall.TypeStream, SocketCall.TypeSequencedPacket])
        {
            using var socket = Connect(path, type, out var errno);
            if (errno == Errno.EPROTOTYPE)
                continue;
            return errno == Errno.None && SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.PeerCredentials,
                out PeerCredentials peer) == Errno.None ? peer : null;
        }
        return null;
    }

    private static SafeFileDescriptor Connect(string path, int type, out Errno errno)
    {
        using var access = ForeignAccess.ToPath(path);
        if (!access.IsAllowed)
        {
            errno = Errno.ETIMEDOUT;
            return new SafeFileDescriptor(-1);
        }
        errno = SocketCall.Open(SocketCall.FamilyUnix, type | SocketCall.NonBlocking, 0, out var socket);
        if (errno != Errno.None)
            return socket;
        var address = SocketAddress.WritePath(stackalloc byte[SocketAddress.MaximumUnixBytes], Encoding.UTF8.GetBytes(path));
        errno = address.IsEmpty ? Errno.EINVAL : ConnectCall.Connect(socket, address);
        return socket;
    }
}
