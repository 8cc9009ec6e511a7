namespace Bindwise.Recording.Segments;

/// <summary>A part of a segment that is read as one: whole lines.</summary>
internal readonly record struct SegmentBlock(long Offset, int Length);

/// <summary>Where a line stands.</summary>
internal readonly record struct LinePlace(int Block, int Offset);

/// <summary>Told of each line, without its end.</summary>
internal delegate void LineVisitor(ReadOnlySpan<byte> line, LinePlace place);

/// <summary>
/// Reads a segment, whoever wrote it: lines of bounded length, damaged parts passed over and counted. An open one may grow meanwhile: what
/// is there at first is read. For one thread.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SegmentReader : IDisposable
{
    /// <summary>The most bytes of a line, its end among them: a longer one is nobody's event, and no recorder writes it.</summary>
    public const int LongestLine = 1 << 20;

    // A segment of another program's gzip has to be unpacked as a whole: twice of what a recorder writes into one.
    private const int LargestForeign = 64 << 20;
    private const int BlockBytes = LongestLine;

    private readonly SafeFileDescriptor _file;
    private readonly bool _isCompressed;
    private readonly List<SegmentBlock> _blocks = [];
    private byte[]? _foreign;
    private (int Number, byte[] Bytes)? _last;

    private SegmentReader(SafeFileDescriptor file, in FileStatus status, bool isCompressed) =>
        (_file, Status, _isCompressed) = (file, status, isCompressed);

    /// <summary>The file as it was when it was opened.</summary>
    public FileStatus Status { get; }

    /// <summary>How many bytes could not be read as lines.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Bytes after the last line's end: a line that is being written, or was when its recorder was killed.</summary>
    public int UnfinishedBytes { get; private set; }

    /// <summary>The parts, once they are known (<see cref="Walk"/>, <see cref="Use"/>).</summary>
    public IReadOnlyList<SegmentBlock> Blocks => _blocks;

    public static SegmentReader? Open(StoreFolder folder, SegmentFile segment, out string? fault)
    {
        var errno = folder.OpenFile(segment.Name, out var file, out var status);
        fault = errno == Errno.None ? null : errno == Errno.EINVAL ? "it is not a regular file" : FolderWalk.Describe(errno);
        if (errno == Errno.None)
            return new SegmentReader(file, status, segment.IsCompressed);
        file.Dispose();
        return null;
    }

    /// <summary>Takes over where the parts are, as an index has it: nothing is walked then.</summary>
    public void Use(IEnumerable<SegmentBlock> blocks)
    {
        _blocks.Clear();
        _blocks.AddRange(blocks);
    }

    /// <summary>Tells each line, in order.</summary>
    public void Walk(LineVisitor visit)
    {
        _blocks.Clear();
        SkippedBytes = UnfinishedBytes = 0;
        if (_isCompressed)
            FindMembers();
        else
            FindLines();
        for (var number = 0; number < _blocks.Count; number++)
            WalkBlock(number, visit);
    }

    /// <summary>Tells each line of one part.</summary>
    public void WalkBlock(int number, LineVisitor visit)
    {
        ReadOnlySpan<byte> bytes = Block(number);
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes[at..].IndexOf((byte)'\n');
            if (length < 0)
            {
                SkippedBytes += bytes.Length - at;
                break;
            }
            if (length >= LongestLine)
                SkippedBytes += length;
            else if (length > 0)
                visit(bytes.Slice(at, length), new LinePlace(number, at));
            at += length + 1;
        }
    }

    /// <summary>A line by its place; empty where there is none.</summary>
    public ReadOnlySpan<byte> Line(LinePlace place, int length)
    {
        if (place.Block < 0 || place.Block >= _blocks.Count)
            return [];
        var bytes = Block(place.Block).AsSpan();
        return place.Offset >= 0 && length >= 0 && place.Offset <= bytes.Length - length ? bytes.Slice(place.Offset, length) : [];
    }

    public void Dispose() => _file.Dispose();

    private byte[] Block(int number)
    {
        if (_last is { } last && last.Number == number)
            return last.Bytes;
        var block = _blocks[number];
        byte[] bytes;
        if (_foreign is not null)
            bytes = block.Offset + block.Length <= _foreign.Length ? _foreign.AsSpan((int)block.Offset, block.Length).ToArray() : [];
        else
        {
            bytes = new byte[Math.Clamp(block.Length, 0, GzipMember.LargestBytes)];
            if (block.Offset < 0 || !ReadWriteCall.TryFill(_file.Number, bytes, block.Offset))
                bytes = [];
            else if (_isCompressed)
                bytes = GzipMember.Unpack(bytes, GzipMember.LargestBytes, out _);
            if (bytes.Length == 0)
                SkippedBytes += block.Length;
        }
        _last = (number, bytes);
        return bytes;
    }

    private void FindMembers()
    {
        Span<byte> header = stackalloc byte[GzipMember.HeaderBytes];
        var end = (long)Status.LengthBytes;
        for (var at = 0L; at < end;)
        {
            var length = ReadWriteCall.TryFill(_file.Number, header, at) ? GzipMember.LengthOf(header) : null;
            if (length is null || at + length > end)
            {
                _blocks.Clear();
                UnpackForeign();
                return;
            }
            _blocks.Add(new SegmentBlock(at, length.Value));
            at += length.Value;
        }
    }

    private void UnpackForeign()
    {
        var length = (int)Math.Min(Status.LengthBytes, LargestForeign);
        var packed = new byte[length];
        if (!ReadWriteCall.TryFill(_file.Number, packed, 0))
            packed = [];
        _foreign = GzipMember.Unpack(packed, LargestForeign, out var isWhole);
        if (!isWhole || (ulong)length < Status.LengthBytes)
            SkippedBytes += Math.Max(1, (long)Status.LengthBytes - _foreign.Length);
        CutIntoBlocks(_foreign.Length, (buffer, offset) => _foreign.AsSpan((int)offset, buffer.Length).TryCopyTo(buffer));
    }

    private void FindLines() =>
        CutIntoBlocks((long)Status.LengthBytes, (buffer, offset) => ReadWriteCall.TryFill(_file.Number, buffer, offset));

    /// <summary>Parts that end where a line ends; a line that is longer than a part is passed over.</summary>
    private void CutIntoBlocks(long end, Filler fill)
    {
        var buffer = new byte[BlockBytes];
        var isInLongLine = false;
        for (var at = 0L; at < end;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at));
            if (!fill(part, at))
            {
                SkippedBytes += end - at;
                return;
            }
            var length = isInLongLine ? part.IndexOf((byte)'\n') + 1 : part.LastIndexOf((byte)'\n') + 1;
            if (length > 0 && !isInLongLine)
                _blocks.Add(new SegmentBlock(at, length));
            else if (length == 0 && at + part.Length == end && !isInLongLine)
                UnfinishedBytes = part.Length;
            else
                SkippedBytes += length == 0 ? part.Length : length;
            isInLongLine = length == 0;
            at += length == 0 ? part.Length : length;
        }
    }

    private delegate bool Filler(Span<byte> buffer, long offset);
}
