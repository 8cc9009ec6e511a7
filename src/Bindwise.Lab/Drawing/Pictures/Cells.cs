using Bindwise.Model.Text;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// Text as it may stand in a picture. Only characters whose width is the same on every terminal stay: one cell for those below U+1100 and a
/// few signs of our own, two for East Asian ones (Unicode's EastAsianWidth.txt: W). Anything else, and what cannot be seen, becomes a
/// question mark.
/// </summary>
internal static class Cells
{
    /// <summary>What stands for text that was cut off.</summary>
    public const char Cut = '…';

    private const int MostChars = 4_000;
    private const char Foreign = '?';

    /// <summary>Text without anything that a terminal or a picture could stumble over; one line.</summary>
    public static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (text.Length <= MostChars && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var clean = new StringBuilder(Math.Min(text.Length, MostChars));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= MostChars)
                return clean.Append(Cut).ToString();
            _ = MayStand(rune) ? clean.Append(rune.ToString()) : clean.Append(Foreign);
        }
        return clean.ToString();
    }

    /// <summary>The text where it fits, else its beginning and a mark; nothing where there is no cell for it.</summary>
    public static string Fit(string text, int most)
    {
        if (CellWidth.Of(text) <= most)
            return text;
        return most <= 0 ? "" : text[..CellWidth.FittingChars(text, most - 1)] + Cut;
    }

    /// <summary>Breaks a clean text into lines, at its spaces where it can; a word that is longer than a line is broken.</summary>
    /// <param name="most">The cells of a line, at least 2.</param>
    /// <param name="hang">By how many cells the later lines are shorter, so that they can be indented.</param>
    public static IReadOnlyList<string> Wrap(string text, int most, int hang = 0)
    {
        most = Math.Max(2, most);
        hang = Math.Clamp(hang, 0, most - 2);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var lines = WordWrap.Fill([.. words.Select(LineWord.Of)], most, most - hang, breaksWords: true);
        return [.. lines.Select(line => string.Join(' ', line.Select(part => words[part.Word].Substring(part.Start, part.Length))))];
    }

    // Emoji are wide by Unicode, but not in every terminal and font that a picture may meet; marks and
    // joined letters depend on what is before them.
    private static bool MayStand(Rune rune) => rune.Value switch
    {
        >= ' ' and <= '~' => true,
        Cut or '→' or '·' => true,
        < 0x1100 => IsVisible(rune),
        >= 0x2e80 and <= 0x303e or >= 0x3041 and <= 0xa4cf or >= 0xac00 and <= 0xd7a3 or >= 0xf900 and <= 0xfaff
            or >= 0x20000 and <= 0x3fffd => IsVisible(rune),
        _ => false,
    };

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator);
}

internal readonly record struct Cell(int Column, int Row);
