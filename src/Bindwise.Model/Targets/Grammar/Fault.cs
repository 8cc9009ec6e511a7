namespace Bindwise.Model.Targets.Grammar;

/// <summary>How a fault in a target is worded: one line, with the user's text shown harmlessly.</summary>
internal static class Fault
{
    private const int MaxQuotedChars = 60;

    public static ParseResult<T> Whole<T>(string message) where T : class => new(null, message);

    /// <param name="offset">The place's offset in the text, from 0.</param>
    /// <param name="message">What is wrong and what would be right.</param>
    public static ParseResult<Target> At(int offset, string message) => new(null, message, offset + 1);

    /// <summary>The text in quotes, cut, without anything that moves a cursor or turns the writing direction.</summary>
    public static string Quote(ReadOnlySpan<char> text) => "\"" + Show(text) + "\"";

    /// <summary>As <see cref="Quote"/>, without the quotes.</summary>
    public static string Show(ReadOnlySpan<char> text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text[..Math.Min(text.Length, MaxQuotedChars)].EnumerateRunes())
        {
            if (IsHarmless(rune))
                shown.Append(rune.ToString());
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }
        if (text.Length > MaxQuotedChars)
            shown.Append('…');
        return shown.ToString();
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
