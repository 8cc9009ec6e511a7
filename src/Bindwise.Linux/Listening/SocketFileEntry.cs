using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Listening;

/// <summary>
/// The file of a UNIX socket and its folder, both held by handles: whatever is put in the place of either meanwhile is not touched. As long
/// as the file is held, no other gets its inode.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SocketFileEntry : IDisposable
{
    private const UnixFileMode AllModes = (UnixFileMode)0xfff;

    private readonly SafeFileDescriptor _file;
    private readonly byte[] _nameNul;
    private readonly string _path;
    private readonly FileStatus _status;

    private SocketFileEntry(SafeFileDescriptor folder, SafeFileDescriptor file, byte[] nameNul, string path, in FileStatus status) =>
        (Folder, _file, _nameNul, _path, _status) = (folder, file, nameNul, path, status);

    internal SafeFileDescriptor Folder { get; }

    internal UnixSocketFile File => new(_status.Device, _status.Inode);

    internal UnixSocketFile FolderFile =>
        FileStatusCall.Fstat(Folder, out var status) == Errno.None ? new(status.Device, status.Inode) : default;

    internal (uint User, uint Group) Owner => (_status.UserId, _status.GroupId);
    internal UnixFileMode Mode => (UnixFileMode)_status.Mode & AllModes;

    // As unix_diag names it.
    private UnixFileId Id => new(unchecked((uint)_status.Inode), unchecked((_status.DeviceMajor << 20) | _status.DeviceMinor));

    /// <summary>Finds the file of a socket at a path, itself: a symbolic link is not followed. Null for nothing, or no socket.</summary>
    internal static SocketFileEntry? Open(string path)
    {
        // The kernel finds the folder: to take out ".." from the text would pass by a symbolic link before it.
        var slash = path.LastIndexOf('/');
        byte[] name = [.. Encoding.UTF8.GetBytes(path[(slash + 1)..]), 0];
        SafeFileDescriptor? file = null;
        SocketFileEntry? entry = null;
        byte[] parent = [.. Encoding.UTF8.GetBytes(slash switch { < 0 => ".", 0 => "/", _ => path[..slash] }), 0];
        var errno = PlainFile.Resolve(OpenAt.WorkingDirectory, parent, PathBounds.None, out var folder);
        try
        {
            if (errno == Errno.None && name.Length > 1)
                file = FolderEntryCall.Find(folder.Number, name, out errno);
            if (file is not null && FileStatusCall.Fstat(file, out var status) == Errno.None
                && status.Kind == FileStatus.KindSocket)
                entry = new SocketFileEntry(folder, file, name, path, status);
            return entry;
        }
        finally
        {
            if (entry is null)
            {
                file?.Dispose();
                folder.Dispose();
            }
        }
    }

    /// <summary>The file that a socket made by its bind(). Null where another stands there by now, and where that cannot be told.</summary>
    internal static SocketFileEntry? Of(SafeHandle socket, string path)
    {
        var entry = Open(path);
        if (entry?.IsOf(socket) != false)
            return entry;
        entry.Dispose();
        return null;
    }

    /// <summary>
    /// Whether nobody is bound to it. The socket table is asked first, which costs nobody anything; it shows only this network namespace,
    /// so connect() has the last word, since it reaches into all of them.
    /// </summary>
    /// <returns>False also where that cannot be told.</returns>
    internal bool IsStale() => !(Sockets()?.Exists(IsBoundTo) ?? true) && RefusesConnections();

    internal bool IsAt(string path)
    {
        using var found = Open(path);
        return found?.File == File;
    }

    /// <returns>False where the system refuses.</returns>
    internal bool TrySetMode(UnixFileMode mode)
    {
        try
        {
            // The link leads to the file that is held, whatever its path leads to.
            System.IO.File.SetUnixFileMode(Encoding.ASCII.GetString(Terminated.OfDescriptor(stackalloc byte[64], _file.Number)[..^1]),
                mode);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <returns>ENOENT where another file, or none, stands there by now.</returns>
    internal static Errno Remove(string path, UnixSocketFile file)
    {
        using var entry = Open(path);
        return entry?.File == file ? entry.Remove() : Errno.ENOENT;
    }

    /// <returns>ENOENT where its name is another file's, or nobody's, by now.</returns>
    internal Errno Remove() => Find(_nameNul) is not Errno.None and var errno ? errno : FolderEntryCall.Remove(Folder.Number, _nameNul);

    internal bool IsNamed(ReadOnlySpan<byte> nameNul) => Find(nameNul) == Errno.None;

    public void Dispose()
    {
        _file.Dispose();
        Folder.Dispose();
    }

    private Errno Find(ReadOnlySpan<byte> nameNul)
    {
        using var found = FolderEntryCall.Find(Folder.Number, nameNul, out var errno);
        if (found is not null)
            errno = FileStatusCall.Fstat(found, out var status) is not Errno.None and var unseen ? unseen
                : File == new UnixSocketFile(status.Device, status.Inode) ? Errno.None : Errno.ENOENT;
        return errno;
    }

    private bool IsOf(SafeHandle socket)
    {
        var isHeld = false;
        socket.DangerousAddRef(ref isHeld);
        try
        {
            var number = (int)socket.DangerousGetHandle();
            var errno = BoundFileCall.Open(number, out var bound);
            using (bound)
            {
                if (errno == Errno.None)
                    return FileStatusCall.Fstat(bound, out var status) == Errno.None
                        && File == new UnixSocketFile(status.Device, status.Inode);
            }
            return StatX.OfDescriptor(number, out var own) == Errno.None
                && Sockets()?.Exists(one => one.Inode == own.Inode && one.FileInode == Id.Inode) == true;
        }
        finally
        {
            socket.DangerousRelease();
        }
    }

    // Those of its name, and those that are bound to it; none without a table. Null where some were left out.
    private List<HeldSocket>? Sockets()
    {
        var sockets = new List<HeldSocket>();
        using var table = SockDiagClient.TryOpen();
        return table is null || table.ReadUnix(Encoding.UTF8.GetBytes(_path), Id, sockets).IsComplete ? sockets : null;
    }

    /// <summary>An inode of 0 does not compare.</summary>
    private bool IsBoundTo(HeldSocket socket) =>
        (socket.FileInode == Id.Inode || socket.FileInode == 0) && socket.HoldsItsName;

    private bool RefusesConnections()
    {
        if (SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream | SocketCall.NonBlocking, 0, out var socket) != Errno.None)
            return false;
        using (socket)
        {
            Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
            var path = Terminated.OfDescriptor(stackalloc byte[64], _file.Number)[..^1];
            return ConnectCall.Connect(socket, SocketAddress.WritePath(room, path)) == Errno.ECONNREFUSED;
        }
    }
}

/// <summary>
/// Keeps two processes that replace one left-over socket file apart: without it the second could remove the file that the first just made.
/// It is a lock of the folder itself, so it reaches across namespaces, leaves nothing behind, and ends with its process.
/// </summary>
internal static class FolderLock
{
    /// <summary>It is held for some system calls only; whoever holds it longer is not waited for.</summary>
    private static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(1);

    /// <summary>Takes it; null where the folder may not be read, or somebody keeps it locked: then the inode alone is compared.</summary>
    internal static IDisposable? Take(SocketFileEntry entry)
    {
        var folder = OpenAt.TryOpen(".\0"u8, entry.Folder.Number);
        if (folder is null)
            return null;
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var errno = FileLockCall.TryLock(folder);
            if (errno == Errno.None)
                return folder;
            if (errno is not (Errno.EAGAIN or Errno.EINTR) || Stopwatch.GetElapsedTime(started) > MaximumWait)
            {
                folder.Dispose();
                return null;
            }
            SleepCall.Wait(Random.Shared.Next(200, 1_000));
        }
    }
}
