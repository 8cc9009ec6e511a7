namespace Bindwise.Linux.Callers;

/// <summary>What tells namespaces apart (namespaces(7)): device and inode of their file.</summary>
/// <param name="Device">The device, major in the upper half.</param>
/// <param name="Inode">The inode, as the link of /proc/PID/ns/net shows it.</param>
internal readonly record struct NamespaceId(ulong Device, ulong Inode)
{
    /// <summary>PROC_USER_INIT_INO (include/linux/proc_ns.h): the system's first user namespace.</summary>
    internal const ulong InitialUserNamespaceInode = 0xEFFFFFFD;

    /// <summary>PROC_PID_INIT_INO (include/linux/proc_ns.h): the system's first PID namespace.</summary>
    internal const ulong InitialPidNamespaceInode = 0xEFFFFFFC;

    /// <summary>Of a path such as /proc/thread-self/ns/net; null when it cannot be looked at.</summary>
    internal static NamespaceId? Of(ReadOnlySpan<byte> pathNul) =>
        FileStatusCall.Stat(pathNul, out var status) == Errno.None ? From(status) : null;

    internal static NamespaceId? Of(SafeFileDescriptor file) =>
        FileStatusCall.Fstat(file, out var status) == Errno.None ? From(status) : null;

    private static NamespaceId From(in FileStatus status) => new(status.Device, status.Inode);
}
