namespace Bindwise.Recording.Segments;

/// <summary>
/// The open segment: each line is one write(2) to a file opened to append, so that a reader, and who comes after SIGKILL, finds whole lines
/// up to the last. What was written in part is taken back. For one thread.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SegmentWriter(StoreFolder folder) : IDisposable
{
    private const int MostNames = 1000;

    private SafeFileDescriptor? _file;
    private DateTimeOffset _time;

    // A part of a line that could not be taken back: the next line begins on one of its own.
    private bool _isTorn;

    /// <summary>The name of the open segment; null while there is none.</summary>
    public string? Name { get; private set; }

    /// <summary>Begins a segment; one that cannot be made now is made with the first line.</summary>
    public void Open(DateTimeOffset time)
    {
        Close();
        _time = time;
        _ = TryOpen();
    }

    /// <summary>Appends a line, with its end.</summary>
    /// <returns>Why it was not taken, one clause; null when it was.</returns>
    public string? Append(ReadOnlySpan<byte> line)
    {
        var errno = _file is null ? TryOpen() : Errno.None;
        // As long as it is now: somebody may have emptied it since the last line.
        var status = default(FileStatus);
        if (errno == Errno.None)
            errno = FileStatusCall.Fstat(_file!, out status);
        var length = (long)status.LengthBytes;
        if (errno == Errno.None && _isTorn)
        {
            errno = ReadWriteCall.WriteAll(_file!.Number, "\n"u8);
            if (errno == Errno.None)
                (_isTorn, length) = (false, length + 1);
        }
        if (errno == Errno.None)
        {
            errno = ReadWriteCall.WriteAll(_file!.Number, line);
            if (errno != Errno.None)
                _isTorn = RecordFiles.Cut(_file!, length) != Errno.None;
        }
        return errno == Errno.None ? null : FolderWalk.Describe(errno).ToLowerInvariant();
    }

    /// <summary>Has what was appended on the device; a device that fails tells at the next line.</summary>
    public void Sync()
    {
        if (_file is not null)
            _ = RecordFiles.SyncData(_file);
    }

    /// <summary>The name of the open segment, where its file was removed or moved: no reader finds what is written to it.</summary>
    public string? RemovedName => _file is not null && folder.HasLost(_file, Name!) ? Name : null;

    /// <summary>Ends the segment, and gives its name; null where there is none, or its file is gone.</summary>
    public string? Close()
    {
        Sync();
        var name = RemovedName is null ? Name : null;
        Dispose();
        return name;
    }

    public void Dispose()
    {
        _file?.Dispose();
        (_file, Name, _isTorn) = (null, null, false);
    }

    private Errno TryOpen()
    {
        // By their names segments are in the order in which they were written: so where the clock was set back, one is called as if it
        // began right after the newest, and two of one millisecond get names that follow each other.
        if (folder.Segments() is [.., { Begins: var newest }] && newest >= _time && newest.Year < DateTime.MaxValue.Year)
            _time = newest.AddMilliseconds(1);
        for (var count = 0; ; count++)
        {
            var name = SegmentName.Stem(_time) + SegmentName.Lines;
            var errno = IsTaken(SegmentName.Stem(_time) + SegmentName.Compressed) ? Errno.EEXIST
                : folder.OpenToAppend(name, isNew: true, out _file!);
            if (errno == Errno.None)
            {
                Name = name;
                folder.Sync();
                return errno;
            }
            _file?.Dispose();
            _file = null;
            if (errno != Errno.EEXIST || count == MostNames)
                return errno;
            _time = _time.AddMilliseconds(1);
        }
    }

    private bool IsTaken(string name)
    {
        var errno = folder.OpenFile(name, out var file, out _);
        file.Dispose();
        return errno != Errno.ENOENT;
    }
}

/// <summary>The lock that a recorder has on its directory, for as long as it lives.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StoreLock(SafeFileDescriptor file, StoreFolder folder) : IDisposable
{
    public static StoreLock? Take(StoreFolder folder, out string? fault)
    {
        var errno = folder.OpenToAppend(SegmentName.Lock, isNew: false, out var opened);
        if (errno == Errno.None)
            errno = FileLockCall.TryLock(opened);
        fault = errno switch
        {
            Errno.None => null,
            Errno.EAGAIN => "another recorder writes there",
            _ => FolderWalk.Describe(errno).ToLowerInvariant(),
        };
        if (errno == Errno.None)
            return new StoreLock(opened, folder);
        opened.Dispose();
        return null;
    }

    /// <summary>Somebody has removed or moved its file: another recorder may take its place.</summary>
    public bool IsRemoved => folder.HasLost(file, SegmentName.Lock);

    public void Dispose() => file.Dispose();
}
