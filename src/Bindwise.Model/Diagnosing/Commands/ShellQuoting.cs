namespace Bindwise.Model.Diagnosing;

/// <summary>
/// Words as a shell reads them back. A word without control or invisible characters is quoted as every POSIX shell reads it; one with them
/// as <c>$'…'</c> (POSIX.1-2024): bash 5.2, zsh 5.9, ksh93u+m 1.0.4, mksh 59c and BusyBox 1.35 read it, dash 0.5.12 does not.
/// </summary>
internal static class ShellQuoting
{
    /// <summary>
    /// The word as it is when it is plain, else in single quotes, or as <c>$'…'</c> where a terminal could not show what is in it.
    /// </summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || "_-./:@%+=,".Contains(c, StringComparison.Ordinal))
            ? word
            : word.EnumerateRunes().Any(IsUnshown) ? Spelled(word)
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>The words of a line that <see cref="Quote"/> has made; the line as one word where it was made otherwise.</summary>
    public static ImmutableArray<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isQuoted = false;
        for (var index = 0; index < line.Length; index++)
        {
            if (line[index] == '\'')
                isQuoted = !isQuoted;
            else if (line[index] == ' ' && !isQuoted)
            {
                words.Add(word.ToString());
                word.Clear();
            }
            else
                word.Append(line[index] == '\\' && !isQuoted && index + 1 < line.Length ? line[++index] : line[index]);
        }
        words.Add(word.ToString());
        return string.Join(' ', words.Select(Quote)) == line ? [.. words] : [line];
    }

    /// <summary>
    /// Whether a terminal shows nothing, or something else, for this character: C0 and C1 controls, DEL, format and bidi characters
    /// (Unicode category Cf), line and paragraph separators, noncharacters.
    /// </summary>
    public static bool IsUnshown(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.OtherNotAssigned => IsNoncharacter(rune),
        _ => false,
    };

    // Code points that Unicode never assigns: U+FDD0..U+FDEF and the last two of each plane.
    private static bool IsNoncharacter(Rune rune) => rune.Value is >= 0xfdd0 and <= 0xfdef || (rune.Value & 0xfffe) == 0xfffe;

    // Three octal digits mean one byte to every shell; \x and \u take a different number of digits in each.
    private static string Spelled(string word)
    {
        var text = new StringBuilder("$'");
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in word.EnumerateRunes())
        {
            if (rune.Value is '\'' or '\\')
                text.Append('\\').Append((char)rune.Value);
            else if (!IsUnshown(rune))
                text.Append(rune.ToString());
            else if (rune.Value is '\n' or '\t' or '\r')
                text.Append(rune.Value switch { '\n' => "\\n", '\t' => "\\t", _ => "\\r" });
            else
            {
                foreach (var octet in bytes[..rune.EncodeToUtf8(bytes)])
                    text.Append('\\').Append((char)('0' + (octet >> 6))).Append((char)('0' + ((octet >> 3) & 7)))
                        .Append((char)('0' + (octet & 7)));
            }
        }
        return text.Append('\'').ToString();
    }
}
