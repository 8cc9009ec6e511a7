using System.Globalization;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.UnixPaths;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>The sockets that are bound to a UNIX path in another network namespace: asked there where it may be entered, else read from /proc/PID/net/unix.</summary>
/// <param name="path">sun_path as asked, without its closing NUL.</param>
/// <param name="file">The file there.</param>
internal sealed class ForeignUnixSockets(byte[] path, UnixFileId file)
{
    /// <summary>Reads those that may be bound to the file; accepted connections, which bear its name too, are left out.</summary>
    /// <returns>False when they could not be read.</returns>
    internal bool TryRead(ForeignNetwork network, List<HeldSocket> sockets)
    {
        if (!(ForeignSockets.TryEnter(network) ? TryAsk(sockets) : TryReadFile(network, sockets)))
            return false;
        sockets.RemoveAll(socket => socket.State == TcpState.Established || !(socket.FileInode == 0 || socket.FileInode == file.Inode));
        return true;
    }

    private bool TryAsk(List<HeldSocket> sockets)
    {
        if (SockDiagClient.TryOpen(out var table) != Errno.None || table is null)
            return false;
        using (table)
            return table.ReadUnix(path, file, sockets).Status != DumpStatus.Failed;
    }

    private bool TryReadFile(ForeignNetwork network, List<HeldSocket> sockets)
    {
        if (network.Processes.Count == 0)
            return false;
        var name = string.Create(CultureInfo.InvariantCulture, $"/proc/{network.Processes[0]}/net/unix\0");
        return UnixNetFile.TryRead(Encoding.ASCII.GetBytes(name), path, sockets);
    }
}
