using System.Runtime.InteropServices;

namespace Bindwise.Recording.Segments;

/// <summary>
/// The index of a closed segment: its digest in a file, made by the first call that needs it, and made anew where it is missing or is that
/// of another segment. One that somebody else may have written is not looked at, and one whose numbers do not hold together is none.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class DigestFile
{
    private const int LargestBytes = 512 << 20;
    private const int LastKind = (int)PortEventKind.RecorderStopped;

    /// <summary>The digest of a segment: from its index, else from its lines.</summary>
    public static SegmentDigest Of(StoreFolder folder, SegmentFile segment, SegmentReader reader)
    {
        var isTrusted = segment.IsCompressed && folder.IsOwn;
        if (isTrusted && Load(folder, segment, reader.Status) is { } known)
        {
            reader.Use(known.Blocks.Select(static block => new SegmentBlock(block.FileOffset, block.FileLength)));
            return known;
        }
        var builder = new DigestBuilder();
        reader.Walk(builder.Add);
        // The line that its recorder writes just now is none that was lost.
        var digest = builder.Build(reader.Blocks, reader.SkippedBytes + (segment.IsCompressed ? reader.UnfinishedBytes : 0));
        if (isTrusted && IsOfMembers(reader))
            _ = folder.Replace(segment.IndexName, [Bytes(digest, reader.Status)], isSynced: false);
        return digest;
    }

    internal static byte[] Bytes(SegmentDigest digest, in FileStatus segment)
    {
        var header = HeaderFor(segment) with
        {
            Blocks = digest.Blocks.Length,
            Entries = digest.Entries.Length,
            Texts = digest.Ends.Length,
            TextBytes = digest.Texts.Length,
            SkippedBytes = digest.Skipped.Bytes,
            SkippedLines = digest.Skipped.Lines,
            UnknownEvents = digest.Skipped.UnknownEvents,
        };
        var headerBytes = Marshal.SizeOf<DigestHeader>();
        byte[] file =
        [
            .. new byte[headerBytes], .. MemoryMarshal.AsBytes(digest.Blocks.AsSpan()), .. MemoryMarshal.AsBytes(digest.Entries.AsSpan()),
            .. MemoryMarshal.AsBytes(digest.Ends.AsSpan()), .. digest.Texts,
        ];
        header.Checksum = Checksum(file.AsSpan(headerBytes));
        MemoryMarshal.Write(file, header);
        return file;
    }

    /// <summary>Reads a file's bytes; null where they are not those of this segment, or do not hold together.</summary>
    internal static SegmentDigest? Read(byte[] file, in FileStatus segment)
    {
        var headerBytes = Marshal.SizeOf<DigestHeader>();
        if (file.Length < headerBytes)
            return null;
        var header = MemoryMarshal.Read<DigestHeader>(file);
        var expected = HeaderFor(segment);
        if ((header.Magic, header.SegmentBytes, header.ModifiedSeconds, header.ModifiedNanosecondsAndInode)
            != (expected.Magic, expected.SegmentBytes, expected.ModifiedSeconds, expected.ModifiedNanosecondsAndInode)
            || header.Blocks < 0 || header.Entries < 0 || header.Texts < 0 || header.TextBytes < 0)
            return null;
        var blocksEnd = headerBytes + ((long)header.Blocks * Marshal.SizeOf<DigestBlock>());
        var entriesEnd = blocksEnd + ((long)header.Entries * Marshal.SizeOf<DigestEntry>());
        var endsEnd = entriesEnd + ((long)header.Texts * sizeof(int));
        if (endsEnd + header.TextBytes != file.Length || header.Checksum != Checksum(file.AsSpan(headerBytes)))
            return null;
        var digest = new SegmentDigest(
            MemoryMarshal.Cast<byte, DigestBlock>(file.AsSpan(headerBytes..(int)blocksEnd)).ToArray(),
            MemoryMarshal.Cast<byte, DigestEntry>(file.AsSpan((int)blocksEnd..(int)entriesEnd)).ToArray(),
            MemoryMarshal.Cast<byte, int>(file.AsSpan((int)entriesEnd..(int)endsEnd)).ToArray(),
            file.AsSpan((int)endsEnd..).ToArray())
        {
            Skipped = new SkippedLines(header.SkippedBytes, header.SkippedLines, header.UnknownEvents),
        };
        return IsSound(digest, (long)segment.LengthBytes) ? digest : null;
    }

    // What has no members of ours is unpacked as a whole, and has other places.
    private static bool IsOfMembers(SegmentReader reader) =>
        reader.Blocks.Sum(static block => (long)block.Length) == (long)reader.Status.LengthBytes;

    private static SegmentDigest? Load(StoreFolder folder, SegmentFile segment, in FileStatus status)
    {
        var errno = folder.OpenFile(segment.IndexName, out var file, out var index);
        using (file)
        {
            if (errno != Errno.None || index.LengthBytes > LargestBytes || (index.UserId != EffectiveIds.User() && index.UserId != 0))
                return null;
            var bytes = new byte[index.LengthBytes];
            return ReadWriteCall.TryFill(file.Number, bytes, 0) ? Read(bytes, status) : null;
        }
    }

    private static DigestHeader HeaderFor(in FileStatus segment) => new()
    {
        Magic = DigestHeader.Version,
        SegmentBytes = segment.LengthBytes,
        ModifiedSeconds = segment.Modified.Seconds,
        ModifiedNanosecondsAndInode = unchecked(segment.Modified.Nanoseconds + (segment.Inode << 32)),
    };

    private static bool IsSound(SegmentDigest digest, long segmentBytes)
    {
        var last = 0;
        foreach (var end in digest.Ends)
        {
            if (end < last || end > digest.Texts.Length)
                return false;
            last = end;
        }
        if (!Array.TrueForAll(digest.Blocks, block =>
            block.FileOffset >= 0 && block.FileLength >= 0 && block.FileOffset <= segmentBytes - block.FileLength))
            return false;
        foreach (ref readonly var entry in digest.Entries.AsSpan())
        {
            if (!IsSound(entry, digest.Ends.Length, digest.Blocks.Length))
                return false;
        }
        return true;
    }

    private static bool IsSound(in DigestEntry entry, int texts, int blocks)
    {
        ReadOnlySpan<int> numbers = [entry.Address, entry.Result, entry.Reason, entry.Program, entry.Command, entry.Cgroup, entry.Options,
            entry.Cause, entry.Summary, entry.Limits];
        return !numbers.ContainsAnyExceptInRange(-1, texts - 1) && entry.Block >= 0 && entry.Block < blocks && entry.Kind <= LastKind
            && IsMoment(entry.TimeTicks) && IsMoment(entry.LastTimeTicks)
            && entry.Protocol is DigestEntry.None or <= (byte)Protocol.Unix
            && entry.Call is DigestEntry.None or <= (byte)PortEventCall.Connect;
    }

    private static bool IsMoment(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;

    // Against a file that was torn, not against one that was made up: for that, whose it is counts.
    private static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        const ulong factor = 0x9E37_79B9_7F4A_7C15;
        var sum = (ulong)bytes.Length;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            sum = unchecked(System.Numerics.BitOperations.RotateLeft(sum ^ word, 29) * factor);
        foreach (var rest in bytes[(bytes.Length & ~7)..])
            sum = unchecked((sum ^ rest) * factor);
        return sum;
    }
}

/// <summary>What a digest says that may be absent.</summary>
[Flags]
internal enum DigestFlags : byte
{
    None = 0,
    HasPrevious = 1,
    HasUser = 2,
    HasNamespace = 4,
    HasLastTime = 8,
    HasDiagnosis = 16,
}

/// <summary>
/// An event in a fixed number of bytes, as an index file holds it. Texts are numbers in a table, -1 for null; lists are texts with line
/// feeds.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct DigestEntry
{
    /// <summary>A protocol or a call that is null.</summary>
    public const byte None = 0xff;

    public long TimeTicks;
    public long LastTimeTicks;
    public long Count;
    public ulong NetworkNamespace;
    public int ProcessId;
    public int PreviousProcessId;
    public uint UserId;
    public int Address;
    public int Result;
    public int Reason;
    public int Program;
    public int Command;
    public int Cgroup;
    public int Options;
    public int Cause;
    public int Summary;
    public int Limits;
    public int Block;
    public int Offset;
    public int Length;
    public ushort Port;
    public byte Kind;
    public byte Protocol;
    public byte Call;
    public DigestFlags Flags;
    public ushort Reserved;
}

/// <summary>A part of the segment, as an index file holds it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct DigestBlock
{
    public long FileOffset;
    public int FileLength;

    /// <summary>1: a census that is whole begins in it.</summary>
    public int HasWholeCensus;

    /// <summary>The earliest and the latest census; 0 for none.</summary>
    public long FirstCensusTicks;
    public long LastCensusTicks;
}

/// <summary>How an index file begins.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct DigestHeader
{
    /// <summary>"BWINDEX2": another version is another number, and is made anew.</summary>
    public const ulong Version = 0x3258_4544_4e49_5742;

    public ulong Magic;

    // The segment that it was made from.
    public ulong SegmentBytes;
    public long ModifiedSeconds;
    public ulong ModifiedNanosecondsAndInode;

    public int Blocks;
    public int Entries;
    public int Texts;
    public int TextBytes;
    public long SkippedBytes;
    public long SkippedLines;
    public long UnknownEvents;

    /// <summary>Of all that follows the header.</summary>
    public ulong Checksum;
}
