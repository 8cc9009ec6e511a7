namespace Bindwise.Linux.Native;

/// <summary>A change in a watched folder (inotify(7)).</summary>
/// <param name="Watch">The watch's number; -1 where changes were lost (IN_Q_OVERFLOW).</param>
/// <param name="Name">The entry of the folder; empty for the folder itself.</param>
internal readonly record struct FolderChange(int Watch, uint Mask, string Name)
{
    private const uint Folder = 0x4000_0000;
    private const uint Left = 0x40;
    private const uint Created = 0x100;
    private const uint Moved = 0x800;
    private const uint Ended = 0x8000;

    internal bool IsFolder => (Mask & Folder) != 0;

    /// <summary>The entry is new (IN_CREATE); of a file its end of being written follows.</summary>
    internal bool IsNew => (Mask & Created) != 0;

    /// <summary>The entry has got another name, or went to another folder (IN_MOVED_FROM).</summary>
    internal bool IsLeft => (Mask & Left) != 0;

    /// <summary>The same of the watched folder itself (IN_MOVE_SELF): it is watched where it is now.</summary>
    internal bool IsMoved => (Mask & Moved) != 0;

    /// <summary>The watch has ended, as its folder was removed (IN_IGNORED).</summary>
    internal bool IsEnd => (Mask & Ended) != 0;
}

/// <summary>inotify(7): tells of changes in folders.</summary>
internal static unsafe class InotifyCall
{
    // IN_NONBLOCK, IN_CLOEXEC.
    private const int Flags = 0x800 | 0x80000;

    // IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_MOVE_SELF, IN_ONLYDIR: a file that is still being written is
    // not told of.
    private const uint Changes = 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x800 | 0x0100_0000;
    private const int HeaderBytes = 16;
    private const int BufferBytes = 16384;
    private const int MostParts = 16;

    /// <summary>Opens it; can be read when something changed.</summary>
    internal static Errno Open(out SafeFileDescriptor descriptor) => LastError.Of(LibC.InotifyInit1(Flags), out descriptor);

    /// <param name="watch">The number of the watch; one that is watched already keeps its.</param>
    /// <returns>ENOSPC where the user has too many watches (fs.inotify.max_user_watches).</returns>
    internal static Errno Add(SafeFileDescriptor descriptor, string folder, out int watch)
    {
        var pathNul = Encoding.UTF8.GetBytes(folder + "\0");
        fixed (byte* start = pathNul)
            watch = LibC.InotifyAddWatch(descriptor, start, Changes);
        return LastError.Of(watch);
    }

    /// <summary>Ends a watch; one that has ended already changes nothing.</summary>
    internal static void Remove(SafeFileDescriptor descriptor, int watch) => _ = LibC.InotifyRmWatch(descriptor, watch);

    internal static List<FolderChange> Read(SafeFileDescriptor descriptor)
    {
        var changes = new List<FolderChange>();
        var buffer = new byte[BufferBytes];
        // It stays readable: whoever writes without a pause keeps nobody here.
        for (var part = 0; part < MostParts && ReadWriteCall.Read(descriptor.Number, buffer, out var length) == Errno.None && length > 0;
            part++)
        {
            // struct inotify_event: wd, mask, cookie, len, and the name with NULs after it.
            var rest = buffer.AsSpan(0, length);
            while (rest.Length >= HeaderBytes)
            {
                var bytes = MemoryMarshal.Read<int>(rest[12..]);
                var name = rest.Slice(HeaderBytes, bytes).TrimEnd((byte)0);
                changes.Add(new FolderChange(MemoryMarshal.Read<int>(rest), MemoryMarshal.Read<uint>(rest[4..]),
                    Encoding.UTF8.GetString(name)));
                rest = rest[(HeaderBytes + bytes)..];
            }
        }
        return changes;
    }
}
