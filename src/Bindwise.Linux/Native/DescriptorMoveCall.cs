using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>fcntl(2) with F_DUPFD_CLOEXEC: another number for what is open.</summary>
internal static partial class DescriptorMoveCall
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

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(SafeFileDescriptor descriptor, int command, int argument);
}
