using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Processes;
using static System.FormattableString;

namespace Bindwise.Rendering.Escaping;

/// <summary>
/// The one place where text that others chose (process names, paths, host names) is made harmless for a terminal: no control character, no
/// invisible or direction-changing one, nothing that ends a line, gets out of here.
/// </summary>
internal static class Escaper
{
    /// <summary>The longest text that is shown when a caller names no other limit, in characters as shown.</summary>
    public const int DefaultLimit = 4096;

    /// <summary>
    /// Escapes C0 and C1 controls, DEL, format and bidi characters (Unicode category Cf), line and paragraph separators, lone surrogates
    /// and noncharacters as <c>\n</c>, <c>\t</c>, <c>\r</c>, <c>\e</c> or <c>\u{202E}</c>. A backslash stays, so the <c>\xNN</c> that
    /// stands for a byte outside UTF-8 stays as well.
    /// </summary>
    /// <param name="limit">The longest result in characters (an escape counts as what it prints); a longer one is cut and ends with
    /// <c>…</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is below 1.</exception>
    public static string Escape(string? text, int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (string.IsNullOrEmpty(text))
            return "";
        return text.Length <= limit && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? text : EscapeRunes(text, limit);
    }

    /// <summary>
    /// The longest word of a sentence that is shown whole: every path of a UNIX socket, every id of a container is shorter.
    /// </summary>
    private const int LongestWord = 120;

    private const int LongestSentence = 1200;

    /// <summary>
    /// The text as a sentence that a person reads: escaped, a word of more than 120 characters by its two ends with <c>…</c> between, and
    /// at most 1,200 characters in all. What others named can so not fill a screen.
    /// </summary>
    public static string EscapeSentence(string? text)
    {
        if (text is null || text.Length <= LongestWord)
            return Escape(text, LongestSentence);
        var words = text.Split(' ').Select(static word => word.Length <= LongestWord ? word : Shortening.Middle(word, LongestWord));
        return Escape(string.Join(' ', words), LongestSentence);
    }

    /// <summary>Whether a terminal or a line of text must not get this character as it is.</summary>
    public static bool IsHarmful(Rune rune) => ShellQuoting.IsUnshown(rune);

    private static string EscapeRunes(string text, int limit)
    {
        var result = new StringBuilder(Math.Min(text.Length, limit) + 16);
        var shown = 0;
        var beforeLast = 0;
        for (ReadOnlySpan<char> rest = text; rest.Length > 0;)
        {
            var status = Rune.DecodeFromUtf16(rest, out var rune, out var consumed);
            var escape = status != OperationStatus.Done ? Spell(rest[0]) : IsHarmful(rune) ? Spell(rune.Value) : null;
            var length = escape?.Length ?? 1;
            if (shown + length > limit)
            {
                // The mark takes a place of its own; what stood there gives way.
                result.Length = shown < limit ? result.Length : beforeLast;
                return result.Append('…').ToString();
            }
            beforeLast = result.Length;
            _ = escape is null ? result.Append(rest[..consumed]) : result.Append(escape);
            shown += length;
            rest = rest[consumed..];
        }
        return result.ToString();
    }

    private static string Spell(int value) => value switch
    {
        '\n' => "\\n",
        '\t' => "\\t",
        '\r' => "\\r",
        0x1b => "\\e",
        _ => Invariant($"\\u{{{value:X}}}"),
    };
}
