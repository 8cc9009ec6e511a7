using System.Diagnostics;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Listening;

/// <summary>One file of a UNIX socket, told apart from another at the same path by its inode.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The inode.</param>
internal readonly record struct UnixSocketFile(ulong Device, ulong Inode)
{
    /// <summary>The file of a socket that stands at a path, itself: a symbolic link is not followed. Null for nothing, or no socket.</summary>
    internal static UnixSocketFile? At(string path) => Find(path, out _);

    /// <summary>
    /// Whether nobody is bound to what stands there. The socket table is asked first, which costs nobody anything; it shows only this network
    /// namespace, so connect() has the last word, since it reaches into all of them.
    /// </summary>
    /// <returns>The file, where it is a socket that nobody is bound to; null otherwise, also where that cannot be told.</returns>
    internal static UnixSocketFile? FindStale(string path) =>
        Find(path, out var id) is { } file && IsUnbound(path, id) && RefusesConnections(path) ? file : null;

    /// <summary>
    /// Removes the file while it is this one, in the folder that was looked into: a folder that is put in the place of another meanwhile is not
    /// touched.
    /// </summary>
    /// <param name="path">The path at which the file was found.</param>
    /// <returns>ENOENT where another file, or none, stands there by now.</returns>
    internal Errno Remove(string path)
    {
        var whole = Path.GetFullPath(path);
        byte[] name = [.. Encoding.UTF8.GetBytes(Path.GetFileName(whole)), 0];
        var errno = PlainFile.Resolve(OpenAt.WorkingDirectory, [.. Encoding.UTF8.GetBytes(Path.GetDirectoryName(whole) ?? "/"), 0], PathBounds.None, out var folder);
        using (folder)
        {
            if (errno != Errno.None)
                return errno;
            using var found = FolderEntryCall.Find(folder.Number, name, out errno);
            if (found is null)
                return errno;
            errno = FileStatusCall.Look(found, out var status);
            if (errno != Errno.None)
                return errno;
            return (status.Device, status.Inode) == (Device, Inode) ? FolderEntryCall.Remove(folder.Number, name) : Errno.ENOENT;
        }
    }

    private static UnixSocketFile? Find(string path, out UnixFileId id)
    {
        id = default;
        byte[] name = [.. Encoding.UTF8.GetBytes(path), 0];
        if (FileStatusCall.Look(name, out var status) != Errno.None || (status.Mode & FileStatus.KindMask) != FileStatus.KindSocket)
            return null;
        id = new UnixFileId(unchecked((uint)status.Inode), unchecked((status.DeviceMajor << 20) | status.DeviceMinor));
        return new UnixSocketFile(status.Device, status.Inode);
    }

    private static bool IsUnbound(string path, UnixFileId id)
    {
        _ = SockDiagClient.TryOpen(out var table);
        // Without a table connect() alone decides.
        if (table is null)
            return true;
        using (table)
        {
            var sockets = new List<HeldSocket>();
            return table.ReadUnix(Encoding.UTF8.GetBytes(path), id, sockets).IsComplete && !sockets.Exists(one => IsBoundTo(one, id));
        }
    }

    /// <summary>An accepted connection bears its listener's name and outlives it; it is not bound. An inode of 0 does not compare.</summary>
    private static bool IsBoundTo(HeldSocket socket, UnixFileId id) =>
        (socket.FileInode == id.Inode || socket.FileInode == 0) && (socket.State != TcpSocketState.Established || socket.SocketType == SocketCall.TypeDatagram);

    private static bool RefusesConnections(string path)
    {
        if (SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream | SocketCall.NonBlocking, 0, out var socket) != Errno.None)
            return false;
        using (socket)
        {
            Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
            return ConnectCall.Connect(socket, UnixName.Write(room, path)) == Errno.ECONNREFUSED;
        }
    }
}

/// <summary>The address of a UNIX socket as people write it: a path, or <c>@name</c> for an abstract one.</summary>
internal static class UnixName
{
    /// <summary>The longest path, and the longest abstract name, in bytes of UTF-8: sun_path less a NUL (unix(7)).</summary>
    internal const int MaximumBytes = SocketAddress.UnixNameBytes - 1;

    /// <summary>Writes it for bind(2) and connect(2); empty when it is too long, has no name, or a NUL in it.</summary>
    /// <param name="room">At least <see cref="SocketAddress.MaximumUnixBytes"/>.</param>
    /// <param name="path">The path or <c>@name</c>.</param>
    internal static ReadOnlySpan<byte> Write(Span<byte> room, string path)
    {
        Span<byte> name = stackalloc byte[MaximumBytes + 1];
        if (!Encoding.UTF8.TryGetBytes(path, name, out var length) || length == 0)
            return [];
        return name[0] == '@' ? SocketAddress.WriteAbstract(room, name[1..length]) : SocketAddress.WritePath(room, name[..length]);
    }
}

/// <summary>
/// Keeps two processes that replace one left-over socket file apart: without it the second could remove the file that the first just made. It
/// is a lock of the folder itself, so it reaches across namespaces, leaves nothing behind, and ends with its process.
/// </summary>
internal static class FolderLock
{
    /// <summary>It is held for some system calls only; whoever holds it longer is not waited for.</summary>
    private static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(1);

    /// <summary>Takes it; null where the folder may not be read, or somebody keeps it locked: then the inode alone is compared.</summary>
    /// <param name="path">The path of the socket.</param>
    internal static IDisposable? Take(string path)
    {
        var name = Encoding.UTF8.GetBytes((Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/") + "\0");
        if (OpenAt.Open(OpenAt.WorkingDirectory, name, out var number) != Errno.None)
            return null;
        var folder = new SafeFileDescriptor(number);
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
