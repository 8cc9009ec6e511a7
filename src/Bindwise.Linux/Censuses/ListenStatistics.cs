using System.Buffers.Text;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Censuses;

/// <summary>What the listeners of a network namespace dropped, since it began (/proc/net/netstat).</summary>
/// <param name="Overflows">ListenOverflows: an accept queue was full.</param>
/// <param name="Drops">ListenDrops: for any reason, those included.</param>
internal readonly record struct ListenStatistics(long Overflows, long Drops)
{
    /// <summary>Room for the file; that of Linux 6.18 has 4 KiB.</summary>
    internal const int RoomBytes = 32 * 1024;

    /// <summary>Reads them for the calling thread's namespace; zeros where they cannot be read.</summary>
    /// <param name="room">Of <see cref="RoomBytes"/>.</param>
    internal static ListenStatistics Read(Span<byte> room) =>
        SmallFile.Read("/proc/thread-self/net/netstat\0"u8, room, out var length) == Errno.None ? Parse(room[..length]) : default;

    /// <summary>Reads the two lines "TcpExt:", of names and of numbers.</summary>
    internal static ListenStatistics Parse(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> names = default;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (!line.StartsWith("TcpExt:"u8))
                continue;
            if (!names.IsEmpty)
                return Read(names, line);
            names = line;
        }
        return default;
    }

    private static ListenStatistics Read(ReadOnlySpan<byte> names, ReadOnlySpan<byte> numbers)
    {
        long overflows = 0, drops = 0;
        var values = numbers.Split((byte)' ');
        foreach (var range in names.Split((byte)' '))
        {
            if (!values.MoveNext())
                break;
            var name = names[range];
            if (name.SequenceEqual("ListenOverflows"u8))
                overflows = Number(numbers[values.Current]);
            else if (name.SequenceEqual("ListenDrops"u8))
                drops = Number(numbers[values.Current]);
        }
        return new ListenStatistics(overflows, drops);
    }

    private static long Number(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out long value, out var length) && length == digits.Length && value >= 0 ? value : 0;
}

/// <summary>Takes what each listener dropped (SKMEMINFO_DROPS) from a dump of listeners.</summary>
/// <param name="drops">By cookie.</param>
internal readonly struct ListenDropsDump(Dictionary<ulong, long> drops) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryReadFixedPart(message.Payload, out var reply) || drops.Count >= FollowedSockets.Limit)
            return;
        if (DiagEntry.Drops(message.Payload) is { } dropped)
            drops[new DiagEntry { Reply = reply }.Cookie] = dropped;
    }

    public void Restart() => drops.Clear();
}
