using System.Buffers.Binary;
using System.IO.Compression;

namespace Bindwise.Recording.Segments;

/// <summary>Makes a closed segment of one: first the whole compressed file, on the device, and only then the plain one goes.</summary>
[SupportedOSPlatform("linux")]
internal static class SegmentCompressor
{
    /// <param name="name">The plain segment.</param>
    /// <returns>What is wrong, one clause; null when it is done. On failure the plain segment stands as it did.</returns>
    public static string? Compress(StoreFolder folder, string name, out OmittedBytes left)
    {
        left = default;
        if (!SegmentName.TryRead(name, out var begins, out _))
            return "that is not a segment";
        using var reader = SegmentReader.Open(folder, new SegmentFile(name, begins, IsCompressed: false), out var fault);
        if (reader is null)
            return fault;
        if (reader.Status.LengthBytes == 0)
        {
            _ = folder.Remove(name);
            return null;
        }
        var errno = folder.Replace(SegmentName.Stem(begins) + SegmentName.Compressed, Members(reader), isSynced: true);
        left = new OmittedBytes(reader.UnfinishedBytes, reader.SkippedBytes);
        if (errno == Errno.None)
            errno = folder.Remove(name);
        return errno == Errno.None ? null : FolderWalk.Describe(errno).ToLowerInvariant();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Members(SegmentReader reader)
    {
        // One pass finds where the lines end; another packs them, part by part.
        var lines = new List<byte[]>();
        reader.Walk(static (_, _) => { });
        using var gathered = new MemoryStream();
        for (var number = 0; number < reader.Blocks.Count; number++)
        {
            lines.Clear();
            reader.WalkBlock(number, (line, _) => lines.Add([.. line, (byte)'\n']));
            foreach (var line in lines)
            {
                gathered.Write(line);
                if (gathered.Length < GzipMember.PlainBytes)
                    continue;
                yield return GzipMember.Pack(gathered.GetBuffer().AsSpan(0, (int)gathered.Length));
                gathered.SetLength(0);
            }
        }
        if (gathered.Length > 0)
            yield return GzipMember.Pack(gathered.GetBuffer().AsSpan(0, (int)gathered.Length));
    }
}

/// <summary>What is not in the compressed segment.</summary>
internal readonly record struct OmittedBytes(int Unfinished, long Skipped);

/// <summary>
/// A part of a closed segment: a gzip member of whole lines (RFC 1952), whose length stands in an extra field of its header, so that a
/// reader finds the next one, and unpacks only those that it needs. To gzip and zcat the file is like any other.
/// </summary>
internal static class GzipMember
{
    /// <summary>Lines are gathered to about this much before they are packed.</summary>
    public const int PlainBytes = 256 << 10;

    /// <summary>More than this is no member of ours.</summary>
    public const int LargestBytes = 8 << 20;

    /// <summary>As much of a member as <see cref="LengthOf"/> reads.</summary>
    public const int HeaderBytes = 20;

    private const int PlainHeaderBytes = 10;
    private const byte HasExtra = 4;

    // XLEN 8: the subfield "BW" of four bytes, the length of the whole member.
    private const int ExtraBytes = 10;

    public static byte[] Pack(ReadOnlySpan<byte> lines)
    {
        using var packed = new MemoryStream();
        packed.Write(stackalloc byte[ExtraBytes]);
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(lines);
        var member = packed.ToArray();
        var length = member.Length;
        var header = member.AsSpan(ExtraBytes, PlainHeaderBytes).ToArray();
        header[3] |= HasExtra;
        header.CopyTo(member, 0);
        var extra = member.AsSpan(PlainHeaderBytes, ExtraBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(extra, 8);
        "BW"u8.CopyTo(extra[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(extra[4..], 4);
        BinaryPrimitives.WriteInt32LittleEndian(extra[6..], length);
        return member;
    }

    /// <summary>The length of the member that begins here; null where it does not tell, as of another program's.</summary>
    public static int? LengthOf(ReadOnlySpan<byte> header) => header.Length >= HeaderBytes && header[0] == 0x1f && header[1] == 0x8b
        && header[3] == HasExtra && BinaryPrimitives.ReadUInt16LittleEndian(header[10..]) == 8 && header[12..14].SequenceEqual("BW"u8)
        && BinaryPrimitives.ReadInt32LittleEndian(header[16..]) is > HeaderBytes and <= LargestBytes and var length
        ? length : null;

    /// <summary>Unpacks what was packed, as far as it can be read.</summary>
    public static byte[] Unpack(byte[] packed, int limitBytes, out bool isWhole)
    {
        using var source = new MemoryStream(packed, writable: false);
        using var stream = new GZipStream(source, CompressionMode.Decompress);
        var room = new byte[Math.Clamp(packed.Length * 16L, PlainBytes, limitBytes)];
        var length = 0;
        isWhole = true;
        try
        {
            while (stream.Read(room, length, room.Length - length) is > 0 and var more)
            {
                length += more;
                if (length < room.Length)
                    continue;
                if (room.Length == limitBytes)
                {
                    isWhole = stream.ReadByte() < 0;
                    break;
                }
                Array.Resize(ref room, (int)Math.Min(limitBytes, room.Length * 4L));
            }
        }
        catch (InvalidDataException)
        {
            isWhole = false;
        }
        Array.Resize(ref room, length);
        return room;
    }
}
