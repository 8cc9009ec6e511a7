using System.Globalization;
using System.Text;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// Text as it may stand in a picture. Only characters whose width is the same on every terminal stay: one cell for those below U+1100 and a
/// few signs of our own, two for East Asian ones (Unicode's EastAsianWidth.txt: W). Anything else, and what cannot be seen, becomes a question mark.
/// </summary>
public static class Cells
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
            _ = Of(rune) == 0 ? clean.Append(Foreign) : clean.Append(rune.ToString());
        }
        return clean.ToString();
    }

    /// <summary>How many cells a clean text takes.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExceptInRange(' ', '~'))
            return text.Length;
        var cells = 0;
        foreach (var rune in text.EnumerateRunes())
            cells += Of(rune);
        return cells;
    }

    /// <summary>The text where it fits, else its beginning and a mark; nothing where there is no cell for it.</summary>
    public static string Fit(string text, int most)
    {
        if (Count(text) <= most)
            return text;
        if (most <= 0)
            return "";
        var taken = 0;
        var cells = 1;
        foreach (var rune in text.EnumerateRunes())
        {
            cells += Of(rune);
            if (cells > most)
                break;
            taken += rune.Utf16SequenceLength;
        }
        return text[..taken] + Cut;
    }

    /// <summary>Breaks a clean text into lines, at its spaces where it can; a word that is longer than a line is broken.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The cells of a line, at least 2.</param>
    /// <param name="hang">By how many cells the later lines are shorter, so that they can be indented.</param>
    public static IReadOnlyList<string> Wrap(string text, int most, int hang = 0)
    {
        most = Math.Max(2, most);
        hang = Math.Clamp(hang, 0, most - 2);
        var lines = new List<string>();
        var line = new StringBuilder();
        var cells = 0;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var length = Count(word);
            if (cells > 0 && cells + 1 + length <= Room())
            {
                line.Append(' ').Append(word);
                cells += 1 + length;
                continue;
            }
            if (cells > 0)
                EndLine();
            foreach (var rune in word.EnumerateRunes())
            {
                if (cells + Of(rune) > Room())
                    EndLine();
                line.Append(rune.ToString());
                cells += Of(rune);
            }
        }
        if (cells > 0 || lines.Count == 0)
            EndLine();
        return lines;

        int Room() => lines.Count == 0 ? most : most - hang;

        void EndLine()
        {
            lines.Add(line.ToString());
            line.Clear();
            cells = 0;
        }
    }

    /// <summary>The cells of one character, 1 or 2; 0 for one that may not stand in a picture.</summary>
    internal static int Of(Rune rune) => rune.Value switch
    {
        >= ' ' and <= '~' => 1,
        Cut or '→' or '·' => 1,
        < 0x1100 => IsVisible(rune) ? 1 : 0,
        >= 0x2e80 and <= 0x303e or >= 0x3041 and <= 0xa4cf or >= 0xac00 and <= 0xd7a3 or >= 0xf900 and <= 0xfaff or >= 0x20000 and <= 0x3fffd => IsVisible(rune) ? 2 : 0,
        _ => 0,
    };

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator);
}
