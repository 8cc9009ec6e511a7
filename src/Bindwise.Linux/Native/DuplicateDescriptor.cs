using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>fcntl(2) with F_DUPFD_CLOEXEC: another number for what is open.</summary>
internal static partial class DuplicateDescriptor
{
    private const int DuplicateFrom = 1030;

    /// <summary>Moves a descriptor to the lowest number that is free from a given one on; the old one is closed. It stays where it is when there is none.</summary>
    internal static SafeFileDescriptor Move(SafeFileDescriptor descriptor, int least)
    {
        var number = FileControl(descriptor, DuplicateFrom, least);
        if (number < 0)
            return descriptor;
        descriptor.Dispose();
        return new SafeFileDescriptor(number);
    }

    /// <summary>Copies what another owns to the lowest number that is free from a given one on, close-on-exec.</summary>
    internal static Errno Copy(SafeHandle descriptor, int least, out SafeFileDescriptor copy)
    {
        var number = FileControl(descriptor, DuplicateFrom, least);
        var errno = number < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        copy = new SafeFileDescriptor(number);
        return errno;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(SafeHandle descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(SafeFileDescriptor descriptor, int command, int argument);
}
