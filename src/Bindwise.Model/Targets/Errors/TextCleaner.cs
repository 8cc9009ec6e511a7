using System.Globalization;
using System.Text;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Makes plain lines of a pasted text: terminal sequences go, the escapes of JSON strings become what they stand for
/// (a stack trace in one JSON string becomes lines again), typographic quotes become plain ones. One pass, bounded.
/// </summary>
internal static class TextCleaner
{
    /// <summary>Of a longer text the end is read: programs die at the end of their logs.</summary>
    public const int MaxChars = 1 << 20;

    /// <summary>What a line holds beyond this is dropped.</summary>
    public const int MaxLineChars = 1 << 16;

    /// <summary>The lines of a text that hold anything, cleaned.</summary>
    public static List<string> Clean(string text)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        var at = Math.Max(0, text.Length - MaxChars);
        while (at < text.Length)
        {
            var skipped = TerminalSequence.Length(text, at);
            if (skipped > 0)
            {
                at += skipped;
                continue;
            }
            var (plain, length) = text[at] == '\\' ? Unescape(text, at) : (Plain(text[at]), 1);
            at += length;
            if (plain == '\n')
                Flush(line, lines);
            else if (plain != '\0' && line.Length < MaxLineChars)
                line.Append(plain);
        }
        Flush(line, lines);
        return lines;
    }

    private static void Flush(StringBuilder line, List<string> lines)
    {
        var text = line.ToString().TrimEnd();
        if (text.Length > 0)
            lines.Add(text);
        line.Clear();
    }

    /// <summary>The character as the readers expect it; NUL for one that is dropped.</summary>
    private static char Plain(char c) => c switch
    {
        '\r' or '\n' or '\u2028' or '\u2029' or '\v' or '\f' => '\n',
        '‘' or '’' or '‚' or '‛' or '‹' or '›' => '\'',
        '“' or '”' or '„' or '«' or '»' => '"',
        < ' ' and not '\t' => '\0',
        _ when char.IsWhiteSpace(c) => ' ',
        _ when char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Control => '\0',
        _ => c,
    };

    /// <summary>A run of backslashes and what it escapes; text may be escaped more than once on its way through logs.</summary>
    private static (char Plain, int Length) Unescape(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] == '\\')
            end++;
        var length = end - at + 1;
        if (end == text.Length)
            return ('\\', length - 1);
        switch (text[end])
        {
            case 'n' or 'r':
                return ('\n', length);
            case 't':
                return (' ', length);
            case '"' or '\'' or '/':
                return (text[end], length);
            case 'u' when end + 4 < text.Length && ushort.TryParse(text.AsSpan(end + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                return (Plain((char)code), length + 4);
            default:
                return ('\\', length - 1);
        }
    }
}
