using System.Buffers.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.UnixPaths;

/// <summary>
/// The file /proc/PID/net/unix (unix_seq_show(), net/unix/af_unix.c): what is left where a network namespace may not be entered. It tells names
/// as their servers typed them, and not which file is behind one.
/// </summary>
internal static class UnixNetFile
{
    private const int LimitBytes = 1 << 22;
    private const int MaximumSockets = 256;

    /// <summary>__SO_ACCEPTCON: it listens.</summary>
    private const uint Accepts = 1 << 16;

    /// <summary>SS_CONNECTED (linux/net.h).</summary>
    private const byte Connected = 3;

    /// <summary>Reads the sockets of a name.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> pathNul, ReadOnlySpan<byte> name, List<HeldSocket> sockets)
    {
        if (ProcFile.ReadAll(OpenAt.WorkingDirectory, pathNul, LimitBytes, out var bytes) != Errno.None)
            return false;
        Parse(bytes, name, sockets);
        return true;
    }

    /// <summary>Reads the lines; those of another form are left out.</summary>
    internal static void Parse(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, List<HeldSocket> sockets)
    {
        var before = sockets.Count;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.EndsWith(name) && sockets.Count - before < MaximumSockets && ParseLine(line[..^name.Length], KernelText.Decode(name)) is { } socket)
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
        var count = 0;
        foreach (var range in line.Split((byte)' '))
        {
            if (line[range].IsEmpty)
                continue;
            if (count == words.Length)
                return null;
            words[count++] = range;
        }
        if (count != 7 || !Utf8Parser.TryParse(line[words[3]], out uint flags, out _, 'x') || !Utf8Parser.TryParse(line[words[4]], out ushort type, out _, 'x')
            || !Utf8Parser.TryParse(line[words[5]], out byte state, out _, 'x') || !Utf8Parser.TryParse(line[words[6]], out ulong inode, out _))
            return null;
        return new HeldSocket
        {
            Protocol = Protocol.Unix,
            State = (flags & Accepts) != 0 ? TcpState.Listen : state == Connected ? TcpState.Established : TcpState.Close,
            SocketType = unchecked((byte)type),
            Path = path,
            Inode = inode,
        };
    }
}
