using System.Runtime.Versioning;
using Bindwise.Linux.Files;
using Bindwise.Linux.Native;

namespace Bindwise.Recording.Segments;

/// <summary>
/// Makes a closed segment of one that is no longer written: first the whole compressed file, on the device, and only then the plain one
/// goes.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class SegmentCompressor
{
    /// <summary>Compresses one.</summary>
    /// <param name="folder">The store.</param>
    /// <param name="name">The plain segment.</param>
    /// <param name="left">What was left out.</param>
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
/// <param name="Unfinished">The bytes of a line without an end.</param>
/// <param name="Skipped">Bytes that were no lines.</param>
internal readonly record struct OmittedBytes(int Unfinished, long Skipped);
