namespace Bindwise.Linux.Processes;

/// <summary>The file /proc/PID/fdinfo/N (proc_pid_fdinfo(5), seq_show in fs/proc/fd.c).</summary>
internal static class DescriptorInfo
{
    private const uint CloseOnExecFlag = 0x80000;

    /// <summary>FD_CLOEXEC, which stands among the octal flags as O_CLOEXEC; null when the line is missing.</summary>
    internal static bool? CloseOnExec(ReadOnlySpan<byte> info)
    {
        var at = info.IndexOf("flags:\t"u8);
        if (at < 0 || (at > 0 && info[at - 1] != (byte)'\n'))
            return null;
        var digits = info[(at + "flags:\t".Length)..];
        var end = digits.IndexOf((byte)'\n');
        if (end is <= 0 or > 11)
            return null;

        ulong flags = 0;
        foreach (var digit in digits[..end])
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            flags = (flags << 3) | (uint)(digit - '0');
        }

        return (flags & CloseOnExecFlag) != 0;
    }
}
