using System.Buffers.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Sysctls;

/// <summary>The running kernel's release.</summary>
public static class KernelRelease
{
    /// <summary>As uname -r prints it; empty when it cannot be read.</summary>
    public static string Read()
    {
        Span<byte> buffer = stackalloc byte[128];
        return SmallFile.Read("/proc/sys/kernel/osrelease\0"u8, buffer, out var length) == Errno.None
            ? KernelText.Decode(((ReadOnlySpan<byte>)buffer[..length]).TrimEnd((byte)'\n'))
            : "";
    }

    /// <summary>Whether sock_diag shows sockets that are bound only: since Linux 6.8 (commit 91051f003948). An unread release counts as new.</summary>
    internal static bool ShowsBoundSockets(string release)
    {
        Span<byte> text = stackalloc byte[128];
        if (!System.Text.Encoding.UTF8.TryGetBytes(release, text, out var length))
            return true;
        ReadOnlySpan<byte> rest = text[..length];
        if (!Utf8Parser.TryParse(rest, out ushort major, out var used) || used >= rest.Length
            || !Utf8Parser.TryParse(rest[(used + 1)..], out ushort minor, out _))
            return true;
        return major > 6 || (major == 6 && minor >= 8);
    }
}
