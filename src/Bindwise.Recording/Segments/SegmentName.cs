namespace Bindwise.Recording.Segments;

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

    /// <summary>Reads a name.</summary>
    /// <param name="name">Any file's name.</param>
    /// <param name="begins">The time of the segment's first line.</param>
    /// <param name="ending">What follows.</param>
    /// <returns>False for a file that has nothing to do with a segment.</returns>
    public static bool TryRead(string name, out DateTimeOffset begins, out string ending)
    {
        ending = name.Length > StemLength ? name[StemLength..] : "";
        begins = default;
        return ending is Lines or Compressed or Index && DateTimeOffset.TryParseExact(name.AsSpan(0, StemLength), Format,
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out begins);
    }
}
