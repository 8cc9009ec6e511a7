using System.Buffers.Text;
using System.Runtime.Versioning;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Processes;

/// <summary>Small files of a thread in /proc.</summary>
[SupportedOSPlatform("linux")]
internal static class ThreadFile
{
    private const int LimitBytes = 8192;

    /// <summary>The path of one of its files, with a NUL at its end.</summary>
    /// <param name="room">At least 64 bytes.</param>
    /// <param name="file">As <c>status</c>.</param>
    internal static ReadOnlySpan<byte> Path(Span<byte> room, int thread, ReadOnlySpan<byte> file)
    {
        "/proc/"u8.CopyTo(room);
        _ = Utf8Formatter.TryFormat(thread, room[6..], out var digits);
        var at = 6 + digits;
        room[at++] = (byte)'/';
        file.CopyTo(room[at..]);
        room[at + file.Length] = 0;
        return room[..(at + file.Length + 1)];
    }

    /// <summary>Reads one; empty where it cannot be read.</summary>
    internal static ReadOnlySpan<byte> Read(int thread, ReadOnlySpan<byte> file)
    {
        Span<byte> room = stackalloc byte[64];
        var buffer = new byte[LimitBytes];
        return ProcMountReader.IsOwn && SmallFile.Read(Path(room, thread, file), buffer, out var length) == Errno.None
            ? buffer.AsSpan(0, length) : [];
    }

    /// <summary>The first thread of its process; 0 when not told.</summary>
    internal static int Leader(int thread) =>
        ProcessStatus.TryFind(Read(thread, "status"u8), "\nTgid:"u8, out var value)
            && Utf8Parser.TryParse(value.Trim((byte)'\t').Trim((byte)' '), out int leader, out _) ? leader : 0;

    /// <summary>What the kernel calls it, by the same name as everywhere else; empty when not told.</summary>
    internal static string Name(int thread)
    {
        var name = Read(thread, "comm"u8);
        return KernelText.Decode(name.EndsWith("\n"u8) ? name[..^1] : name);
    }
}
