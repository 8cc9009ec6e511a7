namespace Bindwise.Model.Text;

/// <summary>
/// How many columns a terminal gives to a text, as wcwidth(3) and Unicode's UAX #11 count them: 0 for combining marks and for the vowels
/// and final consonants of a Hangul syllable in parts, 2 for East Asian wide characters and emoji, else 1.
/// </summary>
internal static class CellWidth
{
    // First and last of each range that Unicode's EastAsianWidth.txt calls W or F, neighbours merged across unassigned gaps.
    private static ReadOnlySpan<int> Wide =>
    [
        0x1100, 0x115f, 0x231a, 0x231b, 0x2329, 0x232a, 0x23e9, 0x23ec, 0x23f0, 0x23f0, 0x23f3, 0x23f3, 0x25fd, 0x25fe, 0x2614, 0x2615,
        0x2648, 0x2653, 0x267f, 0x267f, 0x2693, 0x2693, 0x26a1, 0x26a1, 0x26aa, 0x26ab, 0x26bd, 0x26be, 0x26c4, 0x26c5, 0x26ce, 0x26ce,
        0x26d4, 0x26d4, 0x26ea, 0x26ea, 0x26f2, 0x26f3, 0x26f5, 0x26f5, 0x26fa, 0x26fa, 0x26fd, 0x26fd, 0x2705, 0x2705, 0x270a, 0x270b,
        0x2728, 0x2728, 0x274c, 0x274c, 0x274e, 0x274e, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797, 0x27b0, 0x27b0, 0x27bf, 0x27bf,
        0x2b1b, 0x2b1c, 0x2b50, 0x2b50, 0x2b55, 0x2b55, 0x2e80, 0x303e, 0x3041, 0xa4cf, 0xa960, 0xa97f, 0xac00, 0xd7a3,
        0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6f, 0xff01, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x18d08, 0x1aff0, 0x1b2ff,
        0x1f004, 0x1f004, 0x1f0cf, 0x1f0cf, 0x1f18e, 0x1f18e, 0x1f191, 0x1f19a, 0x1f200, 0x1f320, 0x1f32d, 0x1f335, 0x1f337, 0x1f37c,
        0x1f37e, 0x1f393, 0x1f3a0, 0x1f3ca, 0x1f3cf, 0x1f3d3, 0x1f3e0, 0x1f3f0, 0x1f3f4, 0x1f3f4, 0x1f3f8, 0x1f43e, 0x1f440, 0x1f440,
        0x1f442, 0x1f4fc, 0x1f4ff, 0x1f53d, 0x1f54b, 0x1f54e, 0x1f550, 0x1f567, 0x1f57a, 0x1f57a, 0x1f595, 0x1f596, 0x1f5a4, 0x1f5a4,
        0x1f5fb, 0x1f64f, 0x1f680, 0x1f6c5, 0x1f6cc, 0x1f6cc, 0x1f6d0, 0x1f6d2, 0x1f6d5, 0x1f6df, 0x1f6eb, 0x1f6ec, 0x1f6f4, 0x1f6fc,
        0x1f7e0, 0x1f7eb, 0x1f7f0, 0x1f7f0, 0x1f90c, 0x1f93a, 0x1f93c, 0x1f945, 0x1f947, 0x1f9ff, 0x1fa70, 0x1faff, 0x20000, 0x3fffd,
    ];

    /// <summary>VARIATION SELECTOR-16: the character before it is an emoji, and as wide as one.</summary>
    private const int EmojiSelector = 0xfe0f;

    /// <summary>The columns of a text; harmful characters count nothing, so escape it first.</summary>
    public static int Of(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExceptInRange(' ', '~'))
            return text.Length;
        _ = Measure(text, int.MaxValue, out var cells);
        return cells;
    }

    /// <summary>How many characters of a text fit into columns; what is one sign on the screen is not cut.</summary>
    public static int FittingChars(ReadOnlySpan<char> text, int columns) => Measure(text, columns, out _);

    // Where the text must end for the columns, and how many it takes till then.
    private static int Measure(ReadOnlySpan<char> text, int columns, out int cells)
    {
        cells = 0;
        int at = 0, lastAt = 0, lastCells = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var isEmoji = rune.Value == EmojiSelector && lastCells == 1;
            var more = isEmoji ? 1 : Of(rune);
            if (cells + more > columns)
            {
                cells -= isEmoji ? lastCells : 0;
                return isEmoji ? lastAt : at;
            }
            if (more > 0)
                (lastAt, lastCells) = isEmoji ? (lastAt, 2) : (at, more);
            cells += more;
            at += rune.Utf16SequenceLength;
        }
        return text.Length;
    }

    /// <summary>The columns of one character: 0, 1 or 2.</summary>
    public static int Of(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control => 0,
        _ => IsJoinedVowel(rune.Value) ? 0 : IsWide(rune.Value) ? 2 : 1,
    };

    // Hangul Jamo that a terminal draws into the leading consonant before them.
    private static bool IsJoinedVowel(int value) => value is >= 0x1160 and <= 0x11ff or >= 0xd7b0 and <= 0xd7ff;

    private static bool IsWide(int value)
    {
        var ranges = Wide;
        var low = 0;
        var high = (ranges.Length / 2) - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (value < ranges[2 * middle])
                high = middle - 1;
            else if (value > ranges[(2 * middle) + 1])
                low = middle + 1;
            else
                return true;
        }
        return false;
    }
}
