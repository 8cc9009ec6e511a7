using System.Buffers.Binary;
using System.Buffers.Text;
using Bindwise.Linux.Callers;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Text;
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
    /// <returns>False when they could not be read, or not all of them.</returns>
    internal static bool TryRead(ForeignNetwork network, Protocol protocol, ushort port, List<HeldSocket> sockets) =>
        TryEnter(network) ? TryAsk(protocol, port, sockets) : TryReadFiles(network, protocol, port, sockets);

    /// <summary>Moves the calling thread into the namespace: let it end soon.</summary>
    /// <returns>False when it may not be entered.</returns>
    internal static bool TryEnter(ForeignNetwork network)
    {
        using var file = Open(network);
        return file is not null && NetworkNamespaceCall.Enter(file) == Errno.None;
    }

    /// <summary>Opens the namespace's file; null where that is not to be had.</summary>
    internal static SafeFileDescriptor? Open(ForeignNetwork network)
    {
        if (network.Inode == 0)
            return null;
        foreach (var (path, process) in PathsOf(network))
        {
            using var access = process is { } id ? ForeignAccess.To(ForeignKind.Process, id) : ForeignAccess.ToPath(path);
            if (!access.IsAllowed)
                continue;
            var errno = NamespaceCall.Open(Encoding.UTF8.GetBytes(path), out var file);
            // A pid may be another process's by now, and a name another namespace's.
            if (errno == Errno.None && NamespaceId.Of(file)?.Inode == network.Inode && NamespaceCall.IsNetwork(file))
                return file;
            file.Dispose();
        }
        return null;
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
        using var table = SockDiagClient.TryOpen();
        var outcome = protocol == Protocol.Udp ? table?.ReadUdp(port, sockets) : table?.ReadListeners(port, sockets);
        return outcome is { IsComplete: true };
    }

    private static bool TryReadFiles(ForeignNetwork network, Protocol protocol, ushort port, List<HeldSocket> sockets)
    {
        if (network.Processes.Count == 0)
            return false;
        var name = protocol == Protocol.Udp ? "udp" : "tcp";
        return NetFile.TryRead(PathOf(name), protocol, port, sockets) & NetFile.TryRead(PathOf(name + "6"), protocol, port, sockets);

        byte[] PathOf(string file) =>
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{network.Processes[0]}/net/{file}\0"));
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
    /// <returns>False when they could not be read, or not all of them.</returns>
    internal bool TryRead(ForeignNetwork network, List<HeldSocket> sockets)
    {
        var isRead = ForeignSockets.TryEnter(network) ? TryAsk(sockets) : TryReadFile(network, sockets);
        sockets.RemoveAll(
            socket => !socket.HoldsItsName || !(socket.FileInode == 0 || socket.FileInode == file.Inode));
        return isRead;
    }

    private bool TryAsk(List<HeldSocket> sockets)
    {
        using var table = SockDiagClient.TryOpen();
        return table?.ReadUnix(path, file, sockets) is { IsComplete: true };
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

/// <summary>
/// The files /proc/PID/net/tcp, tcp6, udp and udp6 (proc_net_tcp in the kernel's documentation): what is left where a network namespace may
/// not be entered. They tell neither cookies nor IPV6_V6ONLY.
/// </summary>
internal static class NetFile
{
    /// <summary>TCP files begin with the listeners; what comes after is not wanted.</summary>
    private const int LimitBytes = 1 << 20;

    /// <summary>Reads TCP listeners, or UDP sockets, of a port; a kernel without IPv6 has no file of it.</summary>
    /// <returns>False when they could not be read, or not all of them.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> pathNul, Protocol protocol, ushort port, List<HeldSocket> sockets)
    {
        var errno = ProcFile.ReadAll(OpenAt.WorkingDirectory, pathNul, LimitBytes, out var bytes);
        if (errno != Errno.None)
            return errno == Errno.ENOENT && pathNul.EndsWith("6\0"u8);
        Parse(bytes, protocol, port, sockets);
        return protocol == Protocol.Tcp || bytes.Length < LimitBytes;
    }

    /// <summary>Reads the lines; those of another form are left out.</summary>
    internal static void Parse(ReadOnlySpan<byte> text, Protocol protocol, ushort port, List<HeldSocket> sockets)
    {
        foreach (var range in text.Split((byte)'\n'))
        {
            if (ParseLine(text[range], protocol) is { } socket && socket.Local.Port == port)
                sockets.Add(socket);
        }
    }

    // "sl: local remote state tx:rx timer:when retransmits uid timeout inode ..."
    private static HeldSocket? ParseLine(ReadOnlySpan<byte> line, Protocol protocol)
    {
        Span<Range> words = stackalloc Range[11];
        if (KernelText.SplitWords(line, words) < 10 || !TryReadEndpoint(line[words[1]], out var local)
            || !TryReadEndpoint(line[words[2]], out var remote)
            || !Utf8Parser.TryParse(line[words[3]], out byte state, out _, 'x')
            || !Utf8Parser.TryParse(line[words[7]], out uint user, out _)
            || !Utf8Parser.TryParse(line[words[9]], out ulong inode, out _)
            || (protocol == Protocol.Tcp && (TcpSocketState)state != TcpSocketState.Listen))
            return null;
        return new HeldSocket
        {
            Protocol = protocol,
            Family = local.Address.Family,
            State = (TcpSocketState)state,
            Local = local,
            Remote = remote,
            V6Only = local.Address.Family == IpFamily.IPv4 ? Fact.No : Fact.Unknown,
            UserId = user,
            Inode = inode,
        };
    }

    // Each 32-bit word of the address as a number of the machine's byte order; the port as a plain number.
    private static bool TryReadEndpoint(ReadOnlySpan<byte> text, out IpEndpoint endpoint)
    {
        endpoint = default;
        var colon = text.IndexOf((byte)':');
        if (colon is not (8 or 32) || !Utf8Parser.TryParse(text[(colon + 1)..], out ushort port, out _, 'x'))
            return false;
        Span<byte> bytes = stackalloc byte[colon / 2];
        for (var i = 0; i < bytes.Length; i += 4)
        {
            if (!Utf8Parser.TryParse(text.Slice(2 * i, 8), out uint word, out var used, 'x') || used != 8)
                return false;
            if (BitConverter.IsLittleEndian)
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[i..], word);
            else
                BinaryPrimitives.WriteUInt32BigEndian(bytes[i..], word);
        }
        endpoint = new IpEndpoint(IpAddress.FromBytes(bytes), port);
        return true;
    }
}
