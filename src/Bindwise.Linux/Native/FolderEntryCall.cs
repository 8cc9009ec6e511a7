using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>openat(2), renameat(2) and unlinkat(2) on the entries of an open folder: nothing that happens to the path meanwhile leads elsewhere.</summary>
internal static partial class FolderEntryCall
{
    // The numbers of O_DIRECTORY and O_NOFOLLOW differ between x86 and Arm.
    private static readonly int Directory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const uint OwnerOnly = 0x180;

    /// <summary>Finds what stands at an entry, itself, without opening it: a symbolic link is not followed (O_PATH).</summary>
    internal static SafeFileDescriptor? Find(int directory, ReadOnlySpan<byte> nameNul, out Errno errno) => Open(directory, nameNul, PathOnly | NoFollow | CloseOnExec, out errno);

    /// <summary>Makes a file that only its owner may read and write (0600); EEXIST when anything, a dangling link too, stands there.</summary>
    internal static SafeFileDescriptor? Make(int directory, ReadOnlySpan<byte> nameNul, out Errno errno) =>
        Open(directory, nameNul, WriteOnly | Create | Exclusive | NoFollow | CloseOnExec, out errno);

    /// <summary>Opens a folder to be handed to the other calls.</summary>
    internal static SafeFileDescriptor? Enter(int directory, ReadOnlySpan<byte> nameNul, out Errno errno) => Open(directory, nameNul, PathOnly | Directory | NoFollow | CloseOnExec, out errno);

    /// <summary>Gives an entry another name in the same folder; what stood there is gone, a link itself and not what it leads to.</summary>
    internal static unsafe Errno Rename(int directory, ReadOnlySpan<byte> fromNul, ReadOnlySpan<byte> toNul)
    {
        fixed (byte* from = Terminated.Checked(fromNul))
        fixed (byte* to = Terminated.Checked(toNul))
            return RenameCore(directory, from, directory, to) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    /// <summary>Removes an entry.</summary>
    internal static unsafe Errno Remove(int directory, ReadOnlySpan<byte> nameNul)
    {
        fixed (byte* name = Terminated.Checked(nameNul))
            return RemoveCore(directory, name, 0) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    private static unsafe SafeFileDescriptor? Open(int directory, ReadOnlySpan<byte> nameNul, int flags, out Errno errno)
    {
        fixed (byte* name = Terminated.Checked(nameNul))
        {
            var descriptor = OpenCore(directory, name, flags, OwnerOnly);
            errno = descriptor >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
            return descriptor >= 0 ? new SafeFileDescriptor(descriptor) : null;
        }
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static unsafe partial int OpenCore(int directory, byte* name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    private static unsafe partial int RenameCore(int fromDirectory, byte* from, int toDirectory, byte* to);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static unsafe partial int RemoveCore(int directory, byte* name, int flags);
}
