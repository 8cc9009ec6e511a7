using System.Buffers.Text;

namespace Bindwise.Linux.Processes;

/// <summary>The line <c>NSpid:</c> of /proc/PID/status: a process's id in the PID namespace of that /proc, and in each below (Linux 4.1).</summary>
internal static class NamespacePids
{
    /// <summary>The id in the process's own namespace; null when that is the reader's, and where there is no such line.</summary>
    internal static int? Innermost(ReadOnlySpan<byte> status)
    {
        var at = status.IndexOf("\nNSpid:\t"u8);
        if (at < 0)
            return null;
        var numbers = status[(at + 8)..];
        var end = numbers.IndexOf((byte)'\n');
        var tab = end < 0 ? -1 : numbers[..end].LastIndexOf((byte)'\t');
        return tab >= 0 && Utf8Parser.TryParse(numbers[(tab + 1)..end], out int pid, out var consumed) && consumed == end - tab - 1 ? pid : null;
    }
}
