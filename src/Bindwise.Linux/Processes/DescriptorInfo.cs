using System.Buffers.Text;

namespace Bindwise.Linux.Processes;

/// <summary>The file /proc/PID/fdinfo/N (proc_pid_fdinfo(5), seq_show in fs/proc/fd.c).</summary>
internal static class DescriptorInfo
{
    private const uint CloseOnExecFlag = 0x80000;
    private const int LongestFlags = 11;

    /// <summary>FD_CLOEXEC, which stands among the octal flags as O_CLOEXEC; null when the line is missing.</summary>
    internal static bool? CloseOnExec(ReadOnlySpan<byte> info)
    {
        var digits = Value(info, "flags:\t"u8);
        if (digits.IsEmpty || digits.Length > LongestFlags)
            return null;

        ulong flags = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            flags = (flags << 3) | (uint)(digit - '0');
        }

        return (flags & CloseOnExecFlag) != 0;
    }

    /// <summary>How many descriptors wait in a UNIX socket (unix_show_fdinfo, net/unix/af_unix.c); null for other sockets.</summary>
    internal static int? WaitingDescriptors(ReadOnlySpan<byte> info)
    {
        var digits = Value(info, "scm_fds: "u8);
        return Utf8Parser.TryParse(digits, out int count, out var consumed) && consumed == digits.Length && count >= 0 ? count : null;
    }

    /// <summary>
    /// The sockets among the files that are registered with an io_uring: lines <c>    0: socket:[123]</c> below <c>UserFiles:</c>
    /// (io_uring_show_fdinfo, io_uring/fdinfo.c; the kernel escapes newlines in paths).
    /// </summary>
    internal static List<ulong> RegisteredSockets(ReadOnlySpan<byte> info)
    {
        var inodes = new List<ulong>();
        var isInside = false;
        foreach (var range in info.Split((byte)'\n'))
        {
            var line = info[range];
            if (!line.StartsWith(" "u8))
            {
                isInside = line.StartsWith("UserFiles:"u8);
                continue;
            }

            var entry = line.TrimStart((byte)' ');
            var separator = entry.IndexOf(": "u8);
            if (isInside && separator > 0 && SocketLink.TryParse(entry[(separator + 2)..], out var inode))
                inodes.Add(inode);
        }

        return inodes;
    }

    /// <summary>
    /// The operations (IORING_OP_…) of an io_uring's requests that wait for their file: lines <c>  op=13, task_works=0</c> below <c>PollList:</c>.
    /// </summary>
    internal static List<int> WaitingOperations(ReadOnlySpan<byte> info)
    {
        var operations = new List<int>();
        var isInside = false;
        foreach (var range in info.Split((byte)'\n'))
        {
            var line = info[range];
            if (!line.StartsWith(" "u8))
                isInside = line.StartsWith("PollList:"u8);
            else if (isInside && line.TrimStart((byte)' ') is var entry && entry.StartsWith("op="u8) && Utf8Parser.TryParse(entry[3..], out int operation, out _))
                operations.Add(operation);
        }
        return operations;
    }

    // What stands behind a line's name; empty when there is no such line, or it is cut off.
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> info, ReadOnlySpan<byte> name)
    {
        var at = info.IndexOf(name);
        if (at < 0 || (at > 0 && info[at - 1] != (byte)'\n'))
            return [];
        var value = info[(at + name.Length)..];
        var end = value.IndexOf((byte)'\n');
        return end < 0 ? [] : value[..end];
    }
}
