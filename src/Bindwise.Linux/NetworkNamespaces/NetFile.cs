using System.Buffers.Binary;
using System.Buffers.Text;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>
/// The files /proc/PID/net/tcp, tcp6, udp and udp6 (proc_net_tcp in the kernel's documentation): what is left where a network namespace may
/// not be entered. They tell neither cookies nor IPV6_V6ONLY.
/// </summary>
internal static class NetFile
{
    /// <summary>TCP files begin with the listeners; what comes after is not wanted.</summary>
    private const int LimitBytes = 1 << 20;

    /// <summary>Reads TCP listeners, or UDP sockets, of a port.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> pathNul, Protocol protocol, ushort port, List<HeldSocket> sockets)
    {
        if (ProcFile.ReadAll(OpenAt.WorkingDirectory, pathNul, LimitBytes, out var bytes) != Errno.None)
            return false;
        Parse(bytes, protocol, port, sockets);
        return true;
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
        if (SplitWords(line, words) < 10 || !TryReadEndpoint(line[words[1]], out var local)
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

    private static int SplitWords(ReadOnlySpan<byte> line, Span<Range> words)
    {
        var count = 0;
        for (var at = 0; at < line.Length && count < words.Length;)
        {
            if (line[at] == (byte)' ')
            {
                at++;
                continue;
            }
            var end = line[at..].IndexOf((byte)' ');
            end = end < 0 ? line.Length : at + end;
            words[count++] = at..end;
            at = end;
        }
        return count;
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
