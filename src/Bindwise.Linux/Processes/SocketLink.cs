using System.Buffers.Text;

namespace Bindwise.Linux.Processes;

/// <summary>The text of a link in /proc/PID/fd that stands for a socket: <c>socket:[12345]</c> (sockfs_dname, net/socket.c).</summary>
internal static class SocketLink
{
    /// <summary>Room for the longest such text, and a byte more, by which a longer text is told apart.</summary>
    internal const int SizeBytes = 32;

    private static ReadOnlySpan<byte> Prefix => "socket:["u8;

    /// <summary>Reads the inode; false for everything that is not a socket.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> link, out ulong inode)
    {
        inode = 0;
        return link.Length > Prefix.Length + 1
            && link.StartsWith(Prefix)
            && link[^1] == (byte)']'
            && link[Prefix.Length] != (byte)'+'
            && Utf8Parser.TryParse(link[Prefix.Length..^1], out inode, out var consumed)
            && consumed == link.Length - Prefix.Length - 1;
    }
}
