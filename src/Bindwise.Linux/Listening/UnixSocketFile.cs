using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Sockets;

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
        (socket.FileInode == id.Inode || socket.FileInode == 0) && (socket.State != TcpState.Established || socket.SocketType == SocketCall.TypeDatagram);

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
