namespace Bindwise.Recording.Segments;

/// <summary>A segment as its directory lists it.</summary>
internal sealed record SegmentFile(string Name, DateTimeOffset Begins, bool IsCompressed)
{
    public string IndexName => SegmentName.Stem(Begins) + SegmentName.Index;
}

/// <summary>The open directory of a store. Each file is reached from it by its name alone.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StoreFolder : IDisposable
{
    private const int OthersMode = 0x3f;
    private const int OthersMayWrite = 0x12;
    private const int MostAttempts = 8;

    private SafeFileDescriptor _folder;

    private StoreFolder(SafeFileDescriptor folder, string path) => (_folder, Path) = (folder, path);

    public string Path { get; }

    public static StoreFolder? OpenToRead(string path, out bool isMissing, out string? fault)
    {
        isMissing = false;
        using var place = new FolderWalk().Enter(path, out fault);
        if (place is null)
        {
            isMissing = fault == FolderWalk.Describe(Errno.ENOENT);
            return null;
        }
        return Open(place, path, out fault);
    }

    /// <summary>Opens it to write, and makes what is missing of its path; it is then its owner's alone.</summary>
    public static StoreFolder? OpenToWrite(string path, out string? fault)
    {
        using var place = Make(path, out fault);
        if (place is null || Open(place, path, out fault) is not { } folder)
            return null;
        fault = folder.Claim();
        if (fault is null)
            return folder;
        folder.Dispose();
        return null;
    }

    /// <summary>Somebody has removed or moved the directory itself: at its path no reader finds what is written to it.</summary>
    // With the slash a link to a directory is followed, as it is when the directory is opened.
    public bool IsRemoved => RecordFiles.IsRemoved(_folder, OpenAt.WorkingDirectory, Terminated.Of(Path + '/'));

    /// <summary>Somebody has removed or moved an open file of it.</summary>
    public bool HasLost(SafeFileDescriptor file, string name) => RecordFiles.IsRemoved(file, _folder.Number, Terminated.Of(name));

    /// <summary>Makes it again at its path, or takes the one that stands there now. Nobody else may use it meanwhile.</summary>
    /// <returns>What is wrong, one clause; null when it is there again.</returns>
    public string? MakeAgain()
    {
        if (OpenToWrite(Path, out var fault) is not { } again)
            return fault;
        // That one's descriptor is this one's from here on.
        (var removed, _folder) = (_folder, again._folder);
        removed.Dispose();
        return null;
    }

    /// <summary>Whether nobody but this user and root may have changed what stands here: what is only an aid may be trusted.</summary>
    public bool IsOwn => FileStatusCall.Fstat(_folder, out var status) == Errno.None
        && (status.UserId == EffectiveIds.User() || status.UserId == 0) && (status.Mode & OthersMayWrite) == 0;

    /// <summary>The segments, the oldest first; of a segment that stands there twice, the one that is not compressed.</summary>
    public ImmutableArray<SegmentFile> Segments() => [.. Names()
        .Select(static name => SegmentName.TryRead(name, out var begins, out var ending) && ending != SegmentName.Index
            ? new SegmentFile(name, begins, ending == SegmentName.Compressed) : null)
        .OfType<SegmentFile>().GroupBy(static file => file.Begins)
        .Select(static group => group.OrderBy(static file => file.IsCompressed).First()).OrderBy(static file => file.Begins)];

    /// <summary>All files with their sizes.</summary>
    public ImmutableArray<StoredFile> Files() => [.. Names().Select(name =>
        new StoredFile(name, SegmentName.TryRead(name, out var begins, out _) ? begins : null, SizeOf(name)))];

    /// <summary>Opens a file to read: a regular one, through no link.</summary>
    public Errno OpenFile(string name, out SafeFileDescriptor file, out FileStatus status)
    {
        status = default;
        var errno = PlainFile.Open(_folder.Number, Terminated.Of(name), PathBounds.NoSymlinks, FileStatus.KindFile, out file);
        return errno == Errno.None ? FileStatusCall.Fstat(file, out status) : errno;
    }

    public Errno OpenToAppend(string name, bool isNew, out SafeFileDescriptor file) =>
        RecordFiles.OpenToAppend(_folder.Number, Terminated.Of(name), isNew, out file);

    /// <summary>Makes a file whole or not at all: beside it, synced, and renamed.</summary>
    public Errno Replace(string name, IEnumerable<ReadOnlyMemory<byte>> parts, bool isSynced)
    {
        var beside = Terminated.Of(name + SegmentName.Unfinished);
        var errno = RecordFiles.OpenAnew(_folder.Number, beside, out var file);
        using (file)
        {
            using var rest = parts.GetEnumerator();
            while (errno == Errno.None && rest.MoveNext())
                errno = ReadWriteCall.WriteAll(file.Number, rest.Current.Span);
            if (errno == Errno.None && isSynced)
                errno = RecordFiles.Sync(file);
        }
        if (errno == Errno.None)
            errno = FolderEntryCall.Rename(_folder.Number, beside, Terminated.Of(name));
        if (errno != Errno.None)
            _ = FolderEntryCall.Remove(_folder.Number, beside);
        else if (isSynced)
            _ = RecordFiles.Sync(_folder);
        return errno;
    }

    public Errno Remove(string name) => FolderEntryCall.Remove(_folder.Number, Terminated.Of(name));

    /// <summary>Has the names themselves on the device.</summary>
    public void Sync() => _ = RecordFiles.Sync(_folder);

    public void Dispose() => _folder.Dispose();

    private static SafeFileDescriptor? Make(string path, out string? fault)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            fault = "that is not a directory's name";
            return null;
        }
        if (new FolderWalk().Enter(path, out fault) is { } there)
            return there;
        var trimmed = path.TrimEnd('/');
        var cut = trimmed.LastIndexOf('/');
        if (fault != FolderWalk.Describe(Errno.ENOENT) || trimmed.Length == 0)
            return null;
        using var parent = cut <= 0 ? new FolderWalk().Enter(cut == 0 ? "/" : "", out fault) : Make(trimmed[..cut], out fault);
        if (parent is null)
            return null;
        var errno = RecordFiles.MakeFolder(parent.Number, Terminated.Of(trimmed[(cut + 1)..]));
        if (errno is not (Errno.None or Errno.EEXIST))
        {
            fault = FolderWalk.Describe(errno);
            return null;
        }
        var made = new FolderWalk().Enter(path, out fault);
        if (made is null && errno == Errno.EEXIST && fault == FolderWalk.Describe(Errno.ENOTDIR))
            fault = $"{trimmed} is not a folder";
        return made;
    }

    private static StoreFolder? Open(SafeFileDescriptor place, string path, out string? fault)
    {
        var errno = RecordFiles.OpenFolder(place.Number, ".\0"u8, out var folder);
        fault = errno == Errno.None ? null : FolderWalk.Describe(errno);
        if (errno == Errno.None)
            return new StoreFolder(folder, path);
        folder.Dispose();
        return null;
    }

    /// <summary>Makes an open directory this user's alone; one that holds other things is left as it is, and refused.</summary>
    private string? Claim()
    {
        var errno = FileStatusCall.Fstat(_folder, out var status);
        if (errno != Errno.None)
            return FolderWalk.Describe(errno);
        if (status.UserId != EffectiveIds.User())
            return string.Create(CultureInfo.InvariantCulture, $"it belongs to another user (uid {status.UserId})");
        if ((status.Mode & OthersMode) == 0)
            return null;
        if (Names().Find(static name => name != SegmentName.Lock && !SegmentName.TryRead(name, out _, out _)) is { } other)
            return $"others may read it, and it holds more than a record ({other}): give a directory of its own";
        errno = RecordFiles.CloseToOthers(_folder);
        return errno == Errno.None ? null : FolderWalk.Describe(errno);
    }

    // A recorder may close a segment while the names are read, and neither its old name nor its new one is met then: what two listings in a
    // row agree on is whole.
    private List<string> Names()
    {
        var names = ListNames();
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var before = names;
            names = ListNames();
            if (names.SequenceEqual(before))
                break;
        }
        return names;
    }

    private List<string> ListNames()
    {
        var names = new List<string>();
        if (RecordFiles.OpenFolder(_folder.Number, ".\0"u8, out var folder) != Errno.None)
            return names;
        using (folder)
        {
            var buffer = new byte[32 << 10];
            while (GetDents.Read(folder.Number, buffer, out var length) == Errno.None && length > 0)
            {
                var entries = new DirectoryEntries(buffer.AsSpan(0, length));
                while (entries.TryNext(out var name))
                {
                    if (Encoding.UTF8.GetString(name[..^1]) is not ("." or "..") and var text)
                        names.Add(text);
                }
            }
        }
        return names;
    }

    private long SizeOf(string name) => StatX.OfLink(_folder.Number, Terminated.Of(name), out var status) == Errno.None
        ? (long)status.LengthBytes : 0;
}

/// <summary>The names of a store's files: <c>20261124T031207045Z.jsonl</c> is the UTC time of the segment's first line.</summary>
internal static class SegmentName
{
    public const string Lines = ".jsonl";
    public const string Compressed = ".jsonl.gz";
    public const string Index = ".idx";

    /// <summary>A file that is being made, and gets its name by rename(2).</summary>
    public const string Unfinished = ".tmp";

    public const string Lock = "lock";

    private const string Format = "yyyyMMdd'T'HHmmssfff'Z'";
    private const int StemLength = 19;

    /// <summary>The name without its ending.</summary>
    public static string Stem(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <returns>False for a file that has nothing to do with a segment.</returns>
    public static bool TryRead(string name, out DateTimeOffset begins, out string ending)
    {
        ending = name.Length > StemLength ? name[StemLength..] : "";
        begins = default;
        return ending is Lines or Compressed or Index && DateTimeOffset.TryParseExact(name.AsSpan(0, StemLength), Format,
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out begins);
    }
}

/// <summary>A file of the store.</summary>
internal sealed record StoredFile(string Name, DateTimeOffset? Begins, long Bytes);

/// <summary>Where a store is, unless somebody says otherwise.</summary>
internal static class StoreDirectory
{
    public static string Default(Func<string, string?> variable, bool isRoot)
    {
        // systemd gives a list where the unit names several.
        if (variable("STATE_DIRECTORY") is { Length: > 0 } given)
            return given.Split(':')[0];
        if (variable("XDG_STATE_HOME") is ['/', ..] and var state)
            return state.TrimEnd('/') + "/bindwise";
        if (isRoot)
            return "/var/lib/bindwise";
        return variable("HOME") is { Length: > 0 } home ? home.TrimEnd('/') + "/.local/state/bindwise" : "/var/lib/bindwise";
    }
}
