using Bindwise.Linux.Callers;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.UnixPaths;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>
/// The sockets on a port in another network namespace: asked there where it may be entered, else read from /proc/PID/net.
/// </summary>
internal static class ForeignSockets
{
    /// <summary>
    /// Reads TCP listeners, or all UDP sockets, of a port. The calling thread is in that namespace
    /// afterwards, or where it was: let it end soon.
    /// </summary>
    /// <returns>False when they could not be read.</returns>
    internal static bool TryRead(ForeignNetwork network, Protocol protocol, ushort port, List<HeldSocket> sockets) =>
        TryEnter(network) ? TryAsk(protocol, port, sockets) : TryReadFiles(network, protocol, port, sockets);

    /// <summary>Moves the calling thread into the namespace: let it end soon.</summary>
    /// <returns>False when it may not be entered.</returns>
    internal static bool TryEnter(ForeignNetwork network)
    {
        if (network.Inode == 0)
            return false;
        foreach (var (path, process) in PathsOf(network))
        {
            using var access = process is { } id ? ForeignAccess.To(ForeignKind.Process, id) : ForeignAccess.ToPath(path);
            if (!access.IsAllowed)
                continue;
            var errno = NamespaceCall.Open(Encoding.UTF8.GetBytes(path), out var file);
            using (file)
            {
                // A pid may be another process's by now, and a name another namespace's.
                if (errno != Errno.None || NamespaceId.Of(file)?.Inode != network.Inode || !NamespaceCall.IsNetwork(file))
                    continue;
                return NetworkNamespaceCall.Enter(file) == Errno.None;
            }
        }
        return false;
    }

    private static IEnumerable<(string Path, int? Process)> PathsOf(ForeignNetwork network)
    {
        const int tries = 3;
        var paths = network.Processes.Take(tries)
            .Select(static pid => (string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net\0"), (int?)pid));
        return network.Name is { } name ? paths.Append(($"/run/netns/{name}\0", null)) : paths;
    }

    private static bool TryAsk(Protocol protocol, ushort port, List<HeldSocket> sockets)
    {
        if (SockDiagClient.TryOpen(out var table) != Errno.None || table is null)
            return false;
        using (table)
        {
            var outcome = protocol == Protocol.Udp ? table.ReadUdp(port, sockets) : table.ReadListeners(port, sockets);
            return outcome.Status != DumpStatus.Failed;
        }
    }

    private static bool TryReadFiles(ForeignNetwork network, Protocol protocol, ushort port, List<HeldSocket> sockets)
    {
        if (network.Processes.Count == 0)
            return false;
        var name = protocol == Protocol.Udp ? "udp" : "tcp";
        var isRead = false;
        foreach (var file in new[] { name, name + "6" })
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{network.Processes[0]}/net/{file}\0");
            isRead |= NetFile.TryRead(Encoding.ASCII.GetBytes(path), protocol, port, sockets);
        }
        return isRead;
    }
}

/// <summary>
/// The sockets that are bound to a UNIX path in another network namespace: asked there where it may
/// be entered, else read from /proc/PID/net/unix.
/// </summary>
/// <param name="path">sun_path as asked, without its closing NUL.</param>
internal sealed class ForeignUnixSockets(byte[] path, UnixFileId file)
{
    /// <summary>Reads those that may be bound to the file; accepted connections, which bear its name too, are left out.</summary>
    /// <returns>False when they could not be read.</returns>
    internal bool TryRead(ForeignNetwork network, List<HeldSocket> sockets)
    {
        if (!(ForeignSockets.TryEnter(network) ? TryAsk(sockets) : TryReadFile(network, sockets)))
            return false;
        sockets.RemoveAll(
            socket => socket.State == TcpSocketState.Established || !(socket.FileInode == 0 || socket.FileInode == file.Inode));
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

/// <summary>A network namespace other than the calling thread's, with the processes that are in it.</summary>
/// <param name="inode">The inode of its file, /proc/PID/ns/net; 0 where that may not be looked at.</param>
internal sealed class ForeignNetwork(ulong inode)
{
    /// <summary>Processes whose descriptors are looked into, at most.</summary>
    internal const int ProcessLimit = 512;

    /// <summary>The inode of its file, /proc/PID/ns/net; 0 where that may not be looked at.</summary>
    internal ulong Inode { get; } = inode;

    /// <summary>Its name under /run/netns; null when it has none.</summary>
    internal string? Name { get; set; }

    /// <summary>Processes in it, in the order of /proc, at most <see cref="ProcessLimit"/>.</summary>
    internal List<int> Processes { get; } = [];
}
