namespace Bindwise.Linux.Native;

/// <summary>
/// The files of a folder of this program's own: made for their owner alone whatever the umask, regular files and nothing else, through no
/// symbolic link. Every name is one of the open folder's, so that nothing which happens to its path leads elsewhere.
/// </summary>
internal static unsafe class RecordFiles
{
    // O_WRONLY or O_RDONLY, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK, O_CLOEXEC.
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int Truncate = 0x200;
    private const int Append = 0x400;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int OwnerAlone = 0x180;
    private const int OwnersFolder = 0x1c0;

    /// <summary>mkdirat(2): makes a folder that is its owner's alone (0700); EEXIST where something stands there.</summary>
    internal static Errno MakeFolder(int directory, ReadOnlySpan<byte> nameNul)
    {
        fixed (byte* name = Terminated.Checked(nameNul))
            return LastError.Of(LibC.Mkdirat(directory, name, OwnersFolder));
    }

    /// <summary>Opens a folder, through no link, so that it can be listed, synced and given another mode.</summary>
    internal static Errno OpenFolder(int directory, ReadOnlySpan<byte> nameNul, out SafeFileDescriptor folder) => Open(directory, nameNul,
        (int)OpenFlag.Directory | (int)OpenFlag.NoFollow | CloseOnExec, out folder);

    /// <summary>fchmod(2) to 0700.</summary>
    internal static Errno CloseToOthers(SafeFileDescriptor folder) => LastError.Of(LibC.Fchmod(folder, OwnersFolder));

    /// <summary>Whether an open file, or folder, is no longer what has that name: it was removed, moved, or replaced by another.</summary>
    internal static bool IsRemoved(SafeFileDescriptor file, int directory, ReadOnlySpan<byte> pathNul)
    {
        if (FileStatusCall.Fstat(file, out var open) != Errno.None)
            return false;
        // Where the name cannot be looked up (EACCES), it may still stand there.
        return open.Links == 0 || StatX.OfLink(directory, pathNul, out var named) switch
        {
            Errno.None => (named.Device, named.Inode) != (open.Device, open.Inode),
            var errno => errno is Errno.ENOENT or Errno.ENOTDIR,
        };
    }

    /// <param name="isNew">Nothing may stand there yet (EEXIST).</param>
    /// <param name="file">The file, 0600.</param>
    /// <returns>EINVAL for what is no regular file, ELOOP for a link.</returns>
    internal static Errno OpenToAppend(int directory, ReadOnlySpan<byte> nameNul, bool isNew, out SafeFileDescriptor file) =>
        OpenToWrite(directory, nameNul, isNew ? Append | Exclusive : Append, out file);

    /// <summary>Opens a file to write it anew: what it held is gone.</summary>
    internal static Errno OpenAnew(int directory, ReadOnlySpan<byte> nameNul, out SafeFileDescriptor file) =>
        OpenToWrite(directory, nameNul, Truncate, out file);

    /// <summary>fdatasync(2): what was written is on the device when it returns.</summary>
    internal static Errno SyncData(SafeFileDescriptor file) => LastError.Of(LibC.Fdatasync(file));

    /// <summary>fsync(2), also of a folder: its names are on the device when it returns.</summary>
    internal static Errno Sync(SafeFileDescriptor file) => LastError.Of(LibC.Fsync(file));

    internal static Errno Cut(SafeFileDescriptor file, long lengthBytes) => LastError.Of(LibC.Ftruncate(file, lengthBytes));

    private static Errno OpenToWrite(int directory, ReadOnlySpan<byte> nameNul, int flags, out SafeFileDescriptor file)
    {
        var errno = Open(directory, nameNul, flags | WriteOnly | Create | NonBlocking | (int)OpenFlag.NoFollow | CloseOnExec, out file);
        if (errno == Errno.None && (FileStatusCall.Fstat(file, out var status) != Errno.None
            || status.Kind != FileStatus.KindFile))
            errno = Errno.EINVAL;
        return errno == Errno.None ? LastError.Of(LibC.Fchmod(file, OwnerAlone)) : errno;
    }

    private static Errno Open(int directory, ReadOnlySpan<byte> nameNul, int flags, out SafeFileDescriptor file)
    {
        fixed (byte* name = Terminated.Checked(nameNul))
            return LastError.Of(LibC.Openat(directory, name, flags, OwnerAlone), out file);
    }
}

/// <summary>sendto(2) of a UNIX datagram to a path, without waiting: how the journal is told (systemd.journal-fields(7)).</summary>
internal static class UnixDatagramSocket
{
    internal static Errno Open(out SafeFileDescriptor socket) =>
        SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeDatagram | SocketCall.NonBlocking, 0, out socket);

    /// <returns>EAGAIN where the receiver's queue is full; ENOENT and ECONNREFUSED where nobody takes it.</returns>
    internal static Errno Send(SafeFileDescriptor socket, string path, ReadOnlySpan<byte> data)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        var to = UnixName.Write(room, path);
        return to.IsEmpty ? Errno.EINVAL : SendCall.Send(socket, data, to, waits: false);
    }
}
