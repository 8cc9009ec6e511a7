using Bindwise.Linux.Text;

namespace Bindwise.Linux.Sysctls;

internal static class RunningKernel
{
    /// <summary>Its release as uname -r prints it (/proc/sys/kernel/osrelease); empty when it cannot be read.</summary>
    public static string ReadName()
    {
        Span<byte> buffer = stackalloc byte[128];
        return SmallFile.Read("/proc/sys/kernel/osrelease\0"u8, buffer, out var length) == Errno.None
            ? KernelText.Decode(((ReadOnlySpan<byte>)buffer[..length]).TrimEnd((byte)'\n'))
            : "";
    }

    /// <summary>Its release; the documented one where it cannot be read.</summary>
    public static KernelRelease Read() => KernelRelease.OfOrDocumented(ReadName());
}
