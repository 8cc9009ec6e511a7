namespace Bindwise.Linux.Native;

/// <summary>struct statx (linux/stat.h) as far as it is read here; the kernel fills 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct FileStatus
{
    internal uint Mask;
    internal uint BlockSizeBytes;
    internal ulong Attributes;
    internal uint Links;
    internal uint UserId;
    internal uint GroupId;
    internal ushort Mode;
    internal ushort Padding;
    internal ulong Inode;
    internal ulong LengthBytes;
    internal ulong Blocks;
    internal ulong AttributesMask;
    internal FileStatusTime Accessed;
    internal FileStatusTime Created;
    internal FileStatusTime Changed;
    internal FileStatusTime Modified;
    internal uint SpecialMajor;
    internal uint SpecialMinor;
    internal uint DeviceMajor;
    internal uint DeviceMinor;

    /// <summary>The device, major in the upper half.</summary>
    internal readonly ulong Device => ((ulong)DeviceMajor << 32) | DeviceMinor;

    /// <summary>What stands there, as <see cref="KindFile"/>.</summary>
    internal readonly ushort Kind => (ushort)(Mode & KindMask);

    internal const int SizeBytes = 256;
    internal const ushort KindMask = 0xf000;
    internal const ushort KindPipe = 0x1000;
    internal const ushort KindCharacterDevice = 0x2000;
    internal const ushort KindDirectory = 0x4000;
    internal const ushort KindBlockDevice = 0x6000;
    internal const ushort KindFile = 0x8000;
    internal const ushort KindLink = 0xa000;
    internal const ushort KindSocket = 0xc000;

    /// <summary>S_ISVTX: in such a folder only the owner of a file, or of the folder, removes that (inode(7)).</summary>
    internal const ushort Sticky = 0x200;

    /// <summary>S_ISVTX and S_IWOTH: a folder where everybody may put files, as /tmp.</summary>
    internal const ushort SharedByEverybody = 0x202;
}

/// <summary>struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileStatusTime
{
    internal long Seconds;
    internal uint Nanoseconds;
    internal int Reserved;
}

/// <summary>statx(2) and faccessat(2): what stands at a path, and what the effective user may do there.</summary>
internal static class FileStatusCall
{
    internal const int Write = 2;
    internal const int WriteAndSearch = Write | 1;
    private const int EffectiveIds = 0x200;

    /// <summary>Looks at what stands there, itself: a symbolic link is not followed.</summary>
    internal static Errno Lstat(ReadOnlySpan<byte> pathNul, out FileStatus status) =>
        StatX.OfLink(OpenAt.WorkingDirectory, pathNul, out status);

    internal static Errno Stat(ReadOnlySpan<byte> pathNul, out FileStatus status) =>
        StatX.Follow(OpenAt.WorkingDirectory, pathNul, out status);

    internal static Errno Fstat(SafeFileDescriptor file, out FileStatus status) => StatX.OfDescriptor(file.Number, out status);

    /// <summary>Whether the effective user may use what stands there so: EACCES or EROFS when not.</summary>
    internal static unsafe Errno Access(ReadOnlySpan<byte> pathNul, int mode)
    {
        fixed (byte* path = pathNul)
            return LastError.Of(LibC.Faccessat(OpenAt.WorkingDirectory, path, mode, EffectiveIds));
    }
}

/// <summary>statfs(2): what kind of file system a path is on.</summary>
internal static unsafe class FileSystemCall
{
    // struct statfs (x86-64, arm64) has fifteen words; the first is f_type.
    private const int Words = 16;

    /// <summary>The kind's number (linux/magic.h); 0 where it cannot be had.</summary>
    internal static long KindOf(ReadOnlySpan<byte> pathNul) => Read(pathNul, 0);

    /// <summary>Every inode that it can have is used (f_files, f_ffree); not of one that makes them as needed.</summary>
    internal static bool IsOutOfInodes(ReadOnlySpan<byte> pathNul) => Read(pathNul, 5) > 0 && Read(pathNul, 6) == 0;

    private static long Read(ReadOnlySpan<byte> pathNul, int word)
    {
        var status = stackalloc long[Words];
        fixed (byte* path = Terminated.Checked(pathNul))
            return LibC.Statfs(path, status) == 0 ? status[word] : 0;
    }
}

/// <summary>
/// openat(2), linkat(2), renameat(2) and unlinkat(2) on the entries of an open folder: nothing that
/// happens to the path meanwhile leads elsewhere.
/// </summary>
internal static class FolderEntryCall
{
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const uint OwnerOnly = 0x180;

    /// <summary>Finds what stands at an entry, itself, without opening it: a symbolic link is not followed (O_PATH).</summary>
    internal static SafeFileDescriptor? Find(int directory, ReadOnlySpan<byte> nameNul, out Errno errno) =>
        Open(directory, nameNul, PathOnly | (int)OpenFlag.NoFollow | CloseOnExec, out errno);

    /// <summary>The same of what a symbolic link there leads to.</summary>
    internal static SafeFileDescriptor? Reach(int directory, ReadOnlySpan<byte> nameNul, out Errno errno) =>
        Open(directory, nameNul, PathOnly | CloseOnExec, out errno);

    /// <summary>
    /// Makes a file that only its owner may read and write (0600); EEXIST when anything, a dangling link too, stands there.
    /// </summary>
    internal static SafeFileDescriptor? Make(int directory, ReadOnlySpan<byte> nameNul, out Errno errno) =>
        Open(directory, nameNul, WriteOnly | Create | Exclusive | (int)OpenFlag.NoFollow | CloseOnExec, out errno);

    internal static SafeFileDescriptor? Enter(int directory, ReadOnlySpan<byte> nameNul, out Errno errno) =>
        Open(directory, nameNul, PathOnly | (int)OpenFlag.Directory | (int)OpenFlag.NoFollow | CloseOnExec, out errno);

    /// <summary>Gives an entry another name in the same folder; what stood there is gone, a link itself and not what it leads to.</summary>
    internal static unsafe Errno Rename(int directory, ReadOnlySpan<byte> fromNul, ReadOnlySpan<byte> toNul)
    {
        fixed (byte* from = Terminated.Checked(fromNul))
        fixed (byte* to = Terminated.Checked(toNul))
            return LastError.Of(LibC.Renameat(directory, from, directory, to));
    }

    /// <summary>
    /// Gives what stands at an entry, a link itself, a second name in the same folder; EEXIST where that is something's already.
    /// </summary>
    internal static unsafe Errno Link(int directory, ReadOnlySpan<byte> fromNul, ReadOnlySpan<byte> toNul)
    {
        fixed (byte* from = Terminated.Checked(fromNul))
        fixed (byte* to = Terminated.Checked(toNul))
            return LastError.Of(LibC.Linkat(directory, from, directory, to, 0));
    }

    internal static unsafe Errno Remove(int directory, ReadOnlySpan<byte> nameNul)
    {
        fixed (byte* name = Terminated.Checked(nameNul))
            return LastError.Of(LibC.Unlinkat(directory, name, 0));
    }

    private static unsafe SafeFileDescriptor? Open(int directory, ReadOnlySpan<byte> nameNul, int flags, out Errno errno)
    {
        fixed (byte* name = Terminated.Checked(nameNul))
        {
            errno = LastError.Of(LibC.Openat(directory, name, flags, OwnerOnly), out SafeFileDescriptor opened);
            return errno == Errno.None ? opened : null;
        }
    }
}

/// <summary>getdents64(2), by number: musl has no function of that name.</summary>
internal static class GetDents
{
    /// <summary>Reads the next entries of a directory as struct linux_dirent64.</summary>
    /// <param name="lengthBytes">How many bytes came; 0 at the end and on failure.</param>
    internal static unsafe Errno Read(int directory, Span<byte> buffer, out int lengthBytes)
    {
        fixed (byte* pointer = buffer)
            return LastError.Of(LibC.Syscall(SystemCallNumber.GetDents, directory, (nint)pointer, buffer.Length), out lengthBytes);
    }
}

/// <summary>flock(2): a lock that goes with the open file, also when its process is killed.</summary>
internal static class FileLockCall
{
    private const int Exclusive = 2;
    private const int NonBlocking = 4;

    /// <summary>Takes the exclusive lock without waiting: EAGAIN where another open file has it.</summary>
    internal static Errno TryLock(SafeFileDescriptor file) => LastError.Of(LibC.Flock(file, Exclusive | NonBlocking));
}

/// <summary>
/// A file's bytes, outside the heap: mapped by mmap(2) where the file allows it (/sys/kernel/btf/vmlinux does since Linux 6.16), else read
/// into memory that goes back to the system with the handle.
/// </summary>
internal sealed class MappedFile() : SafeHandle(-1, ownsHandle: true)
{
    private const int ProtectRead = 1;
    private const int ProtectReadWrite = 3;
    private const int MapPrivate = 2;
    private const int MapAnonymous = 0x20;

    private int _sizeBytes;
    private int _lengthBytes;

    public override bool IsInvalid => handle == -1;

    /// <summary>The bytes. Only to be used while the handle is open.</summary>
    internal unsafe ReadOnlySpan<byte> Bytes => IsInvalid || IsClosed ? [] : new ReadOnlySpan<byte>((void*)handle, _lengthBytes);

    /// <summary>Makes the bytes readable of a file that never shrinks: a mapped page that is gone would end the program (SIGBUS).</summary>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <returns>EINVAL for an empty file and for one beyond the limit.</returns>
    internal static Errno Open(ReadOnlySpan<byte> path, int limitBytes, out MappedFile file)
    {
        file = new MappedFile();
        var errno = OpenAt.Open(OpenAt.WorkingDirectory, path, out var descriptor);
        if (errno != Errno.None)
            return errno;
        try
        {
            errno = StatX.OfDescriptor(descriptor, out var status);
            if (errno != Errno.None)
                return errno;
            if (status.LengthBytes is 0 || status.LengthBytes > (ulong)limitBytes)
                return Errno.EINVAL;
            file._sizeBytes = (int)status.LengthBytes;
            if (file.Map(ProtectRead, MapPrivate, descriptor) != Errno.None)
                return file.Read(descriptor);
            file._lengthBytes = file._sizeBytes;
            return Errno.None;
        }
        finally
        {
            CloseDescriptor.Close(descriptor);
        }
    }

    protected override bool ReleaseHandle() => LibC.Munmap(handle, (nuint)_sizeBytes) == 0;

    private Errno Map(int protection, int flags, int descriptor)
    {
        SetHandle(LibC.Mmap(0, (nuint)_sizeBytes, protection, flags, descriptor, 0));
        return IsInvalid ? LastError.Value : Errno.None;
    }

    private unsafe Errno Read(int descriptor)
    {
        var errno = Map(ProtectReadWrite, MapPrivate | MapAnonymous, -1);
        return errno != Errno.None ? errno
            : ReadWriteCall.ReadToEnd(descriptor, new Span<byte>((void*)handle, _sizeBytes), out _lengthBytes);
    }
}
