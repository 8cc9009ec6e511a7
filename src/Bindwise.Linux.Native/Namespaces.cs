namespace Bindwise.Linux.Native;

/// <summary>ioctl_ns(2): which user namespace owns a namespace, and its parents.</summary>
internal static class NamespaceCall
{
    private const nuint GetUserNamespace = 0xb701;
    private const nuint GetParent = 0xb702;
    private const nuint GetKind = 0xb703;
    private const nuint GetOwnerUser = 0xb704;
    private const int NetworkKind = 0x40000000;
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Opens a file such as /proc/thread-self/ns/net.</summary>
    internal static unsafe Errno Open(ReadOnlySpan<byte> pathNul, out SafeFileDescriptor file)
    {
        fixed (byte* path = pathNul)
            return LastError.Of(LibC.Openat(OpenAt.WorkingDirectory, path, ReadOnlyCloseOnExec), out file);
    }

    /// <summary>NS_GET_USERNS: the user namespace that owns this one; EPERM when it is not the caller's nor below it.</summary>
    internal static Errno OwningUserNamespace(SafeFileDescriptor file, out SafeFileDescriptor owner) =>
        Ask(file, GetUserNamespace, out owner);

    /// <summary>NS_GET_PARENT: the parent of a user namespace; EPERM above the caller's.</summary>
    internal static Errno Parent(SafeFileDescriptor file, out SafeFileDescriptor parent) => Ask(file, GetParent, out parent);

    /// <summary>
    /// NS_GET_NSTYPE: whether an open file is a network namespace (CLONE_NEWNET); ENOTTY for a file that is no namespace.
    /// </summary>
    internal static unsafe bool IsNetwork(SafeFileDescriptor file) => LibC.Ioctl(file, GetKind, null) == NetworkKind;

    /// <summary>NS_GET_OWNER_UID: the user that made a user namespace, as the caller's namespace names it.</summary>
    internal static unsafe Errno OwnerUser(SafeFileDescriptor file, out uint user)
    {
        fixed (uint* start = &user)
            return LastError.Of(LibC.Ioctl(file, GetOwnerUser, start));
    }

    private static unsafe Errno Ask(SafeFileDescriptor file, nuint request, out SafeFileDescriptor answer) =>
        LastError.Of(LibC.Ioctl(file, request, null), out answer);
}

/// <summary>unshare(2) and setns(2) with CLONE_NEWNET: which network namespace the calling thread is in.</summary>
internal static class NetworkNamespaceCall
{
    private const int NewNetwork = 0x40000000;

    /// <summary>Makes a network namespace and moves the calling thread into it; EPERM without CAP_SYS_ADMIN.</summary>
    internal static Errno Unshare() => LastError.Of(LibC.Unshare(NewNetwork));

    /// <summary>Moves the calling thread into the network namespace of a descriptor.</summary>
    internal static Errno Enter(SafeFileDescriptor networkNamespace) => LastError.Of(LibC.Setns(networkNamespace, NewNetwork));
}

/// <summary>
/// unshare(2) with CLONE_FS, setns(2) with CLONE_NEWNS, chroot(2) and fchdir(2): to which files the paths of the calling thread lead.
/// </summary>
internal static class PathLookupCall
{
    private const int SharedFolders = 0x200;
    private const int Mounts = 0x20000;

    /// <summary>Gives the calling thread a root and a working folder of its own; without it the others would move too.</summary>
    internal static Errno Separate() => LastError.Of(LibC.Unshare(SharedFolders));

    /// <summary>Moves a separated thread to the mounts of a descriptor; EPERM without CAP_SYS_ADMIN and CAP_SYS_CHROOT.</summary>
    internal static Errno EnterMounts(SafeFileDescriptor mountNamespace) => LastError.Of(LibC.Setns(mountNamespace, Mounts));

    /// <summary>Makes an open folder the root of a separated thread; EPERM without CAP_SYS_CHROOT.</summary>
    internal static unsafe Errno EnterRoot(SafeFileDescriptor folder)
    {
        var errno = EnterFolder(folder);
        fixed (byte* here = ".\0"u8)
            return errno != Errno.None ? errno : LastError.Of(LibC.Chroot(here));
    }

    /// <summary>Makes an open folder the working folder of a separated thread.</summary>
    internal static Errno EnterFolder(SafeFileDescriptor folder) => LastError.Of(LibC.Fchdir(folder));
}

/// <summary>ioctl(2) with SIOCGSKNS: the network namespace of a socket, whoever opened it.</summary>
internal static class SocketNetworkCall
{
    private const nuint GetSocketNetwork = 0x894c;

    /// <summary>Opens it; EPERM without CAP_NET_ADMIN there.</summary>
    internal static unsafe Errno Open(SafeFileDescriptor socket, out SafeFileDescriptor network) =>
        LastError.Of(LibC.Ioctl(socket, GetSocketNetwork, null), out network);
}
