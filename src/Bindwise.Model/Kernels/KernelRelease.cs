namespace Bindwise.Diagnostics;

/// <summary>
/// A release of Linux as far as rules can differ: its first two numbers, with what the newest of its stable releases has.
/// </summary>
internal readonly record struct KernelRelease(int Major, int Minor) : IComparable<KernelRelease>
{
    private const int MostDigits = 4;

    /// <summary>The release whose rules the documents tell, and by which is answered where no release is known.</summary>
    public static KernelRelease Documented { get; } = new(6, 18);

    /// <summary>The releases on which every rule table, claim and many random scenarios were played, in order (docs/kernels.md).</summary>
    public static ImmutableArray<KernelRelease> Played { get; } = [new(5, 10), new(6, 1), new(6, 12), new(6, 18), new(7, 2)];

    /// <summary>The oldest release whose rules are known.</summary>
    public static KernelRelease Oldest => Played[0];

    /// <summary>This kernel was built with <see cref="KernelChanges.OneTablePerSocket"/>; its number does not tell.</summary>
    public bool HasOneTablePerSocket { get; init; }

    /// <summary>The release without what its builder changed.</summary>
    public KernelRelease AsReleased => this with { HasOneTablePerSocket = false };

    public KernelCertainty Certainty =>
        Played.Contains(AsReleased) ? KernelCertainty.Played
        : this > Oldest && this < Played[^1] ? KernelCertainty.SourceRead
        : KernelCertainty.Unproven;

    /// <summary>Whether a change came with this release, an earlier one or this one's stable releases, or is built in.</summary>
    public bool Has(KernelChange change) =>
        change.Since is { } since ? this >= since || change.Backports.Contains(AsReleased) : HasOneTablePerSocket;

    /// <summary>
    /// The release that <c>uname -r</c> names, as <c>6.1.0-40-amd64</c>; false for a text that begins with no two numbers.
    /// </summary>
    public static bool TryParse(string? text, out KernelRelease release)
    {
        release = default;
        var rest = text.AsSpan();
        if (!TryTakeNumber(ref rest, out var major) || rest is not ['.', ..])
            return false;
        rest = rest[1..];
        if (!TryTakeNumber(ref rest, out var minor) || (!rest.IsEmpty && char.IsAsciiLetterOrDigit(rest[0])))
            return false;
        release = new KernelRelease(major, minor);
        return true;
    }

    /// <summary>The release that a text names; <see cref="Documented"/> where it names none.</summary>
    public static KernelRelease OfOrDocumented(string? text) => TryParse(text, out var release) ? release : Documented;

    public int CompareTo(KernelRelease other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public static bool operator <(KernelRelease one, KernelRelease other) => one.CompareTo(other) < 0;

    public static bool operator >(KernelRelease one, KernelRelease other) => one.CompareTo(other) > 0;

    public static bool operator <=(KernelRelease one, KernelRelease other) => one.CompareTo(other) <= 0;

    public static bool operator >=(KernelRelease one, KernelRelease other) => one.CompareTo(other) >= 0;

    /// <summary>As it is written: <c>6.18</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static bool TryTakeNumber(ref ReadOnlySpan<char> text, out int number)
    {
        var length = 0;
        while (length < text.Length && length < MostDigits && char.IsAsciiDigit(text[length]))
            length++;
        var isNumber = int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out number);
        text = text[length..];
        return isNumber;
    }
}

/// <summary>How sure the rules of a release are.</summary>
internal enum KernelCertainty : byte
{
    /// <summary>Every rule was played on it.</summary>
    Played,

    /// <summary>It lies between releases that were played, and what changed between them is known from the source.</summary>
    SourceRead,

    /// <summary>Older or newer than any release that was played: the nearest one's rules are taken.</summary>
    Unproven,
}

internal static class KernelCertaintyNames
{
    public static string Of(KernelCertainty certainty) => certainty switch
    {
        KernelCertainty.Played => "played",
        KernelCertainty.SourceRead => "read",
        _ => "unproven",
    };
}
