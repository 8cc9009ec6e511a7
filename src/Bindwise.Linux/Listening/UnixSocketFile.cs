using System.Diagnostics;
using System.Text;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Listening;

/// <summary>One file of a UNIX socket, told apart from another at the same path by its inode.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The inode.</param>
internal readonly record struct UnixSocketFile(ulong Device, ulong Inode)
{
    /// <summary>Removes the file at a path while it is this one.</summary>
    /// <returns>ENOENT where another file, or none, stands there by now.</returns>
    internal Errno Remove(string path)
    {
        using var entry = SocketFileEntry.Open(path);
        return entry?.File == this ? entry.Remove() : Errno.ENOENT;
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
    /// <param name="entry">The socket's file in its folder.</param>
    internal static IDisposable? Take(SocketFileEntry entry)
    {
        if (OpenAt.Open(entry.Folder.Number, ".\0"u8, out var number) != Errno.None)
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
