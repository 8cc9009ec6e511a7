namespace Bindwise.Linux.Native;

/// <summary>openat(2), read-only and close-on-exec, for the files of /proc.</summary>
internal static class OpenAt
{
    /// <summary>AT_FDCWD: relative paths start in the working directory.</summary>
    internal const int WorkingDirectory = -100;

    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <param name="directory">Where a relative path starts: a descriptor or <see cref="WorkingDirectory"/>.</param>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="descriptor">The descriptor, to be closed by the caller; -1 on failure.</param>
    internal static unsafe Errno Open(int directory, ReadOnlySpan<byte> path, out int descriptor)
    {
        fixed (byte* pointer = Terminated.Checked(path))
            return LastError.Of(descriptor = LibC.Openat(directory, pointer, ReadOnlyCloseOnExec));
    }

    /// <summary>The file at a path; null on failure.</summary>
    internal static SafeFileDescriptor? TryOpen(ReadOnlySpan<byte> path, int directory = WorkingDirectory) =>
        Open(directory, path, out var descriptor) == Errno.None ? new SafeFileDescriptor(descriptor) : null;
}

/// <summary>open_by_handle_at(2) in a hierarchy of control groups: the folder of a group by its id, wherever it stands.</summary>
internal static class CgroupHandleCall
{
    private const int ReadOnlyCloseOnExec = 0x80000;

    // FILEID_KERNFS (include/linux/exportfs.h), which the headers for programs lack.
    private const int KernfsHandle = 0xfe;

    // struct file_handle: the length of what follows after the kind, the kind, the id.
    private const int IdAt = 2 * sizeof(int);

    /// <param name="mount">A descriptor of a folder in the hierarchy.</param>
    /// <returns>EPERM without CAP_DAC_READ_SEARCH, ESTALE for a group that is gone.</returns>
    internal static unsafe Errno Open(int mount, ulong id, out SafeFileDescriptor group)
    {
        Span<byte> handle = stackalloc byte[IdAt + sizeof(ulong)];
        MemoryMarshal.Write(handle, sizeof(ulong));
        MemoryMarshal.Write(handle[sizeof(int)..], KernfsHandle);
        MemoryMarshal.Write(handle[IdAt..], id);
        fixed (byte* pointer = handle)
            return LastError.Of(LibC.OpenByHandleAt(mount, pointer, ReadOnlyCloseOnExec), out group);
    }
}
