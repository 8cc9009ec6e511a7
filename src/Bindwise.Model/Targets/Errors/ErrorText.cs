namespace Bindwise.Model.Targets.Errors;

/// <summary>A pasted error text: its cleaned lines, and what is asked of all of them.</summary>
internal sealed class ErrorText
{
    private ErrorText(List<string> lines) => Lines = lines;

    /// <summary>The lines that hold anything, without terminal sequences and escapes.</summary>
    public IReadOnlyList<string> Lines { get; }

    public static ErrorText From(string text) => new(TextCleaner.Clean(text));

    /// <summary>Whether any line holds these words, in letters of any case.</summary>
    public bool Contains(string words) => LineWith(words) >= 0;

    /// <summary>The first line at or after a place that holds these words; -1 for none.</summary>
    /// <param name="words">The words, in letters of any case.</param>
    public int LineWith(string words, int from = 0, int count = int.MaxValue)
    {
        var end = count > Lines.Count - from ? Lines.Count : from + count;
        for (var i = from; i < end; i++)
        {
            if (Lines[i].Contains(words, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }

    /// <summary>The errno that a line names, else the next one after it, else the first of all; null for none.</summary>
    public string? ErrnoNear(int line)
    {
        for (var step = 0; step < Lines.Count; step++)
        {
            if (ErrnoWords.TryFind(Lines[(line + step) % Lines.Count], out var mention))
                return mention.Name;
        }
        return null;
    }
}

/// <summary>
/// Makes plain lines of a pasted text: terminal sequences go, the escapes of JSON strings become what they stand for (a stack trace in one
/// JSON string becomes lines again), typographic quotes become plain ones. One pass, bounded.
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
        return text[end] switch
        {
            'n' or 'r' => ('\n', length),
            't' => (' ', length),
            '"' or '\'' or '/' => (text[end], length),
            'u' when end + 4 < text.Length && ushort.TryParse(text.AsSpan(end + 1, 4), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out var code) =>
                (Plain((char)code), length + 4),
            _ => ('\\', length - 1),
        };
    }
}

/// <summary>
/// Colours and other terminal sequences (ECMA-48 §5.4 CSI, §8.3.89 OSC), as bytes or as loggers spell them out: <c>\u001b[31m</c>,
/// <c>\x1b[31m</c>, <c>\033[31m</c>, <c>\e[31m</c>, <c>#033[31m</c> (rsyslog), <c>^[[31m</c> (cat -v).
/// </summary>
internal static class TerminalSequence
{
    private const char Escape = '\u001b';
    private const int MaxCsiChars = 64;
    private const int MaxOscChars = 4096;

    private static readonly string[] SpelledEscapes = ["\\u001b", "\\x1b", "\\033", "\\e", "#033", "^["];

    /// <summary>How many characters of a terminal sequence stand at a place; 0 for none.</summary>
    public static int Length(string text, int at) => text[at] switch
    {
        Escape => EscapeLength(text, at),
        '\u009b' => 1 + ControlLength(text, at + 1),
        '\\' or '#' or '^' => SpelledLength(text, at),
        _ => 0,
    };

    private static int EscapeLength(string text, int at)
    {
        if (at + 1 >= text.Length)
            return 1;
        return text[at + 1] switch
        {
            '[' => 2 + ControlLength(text, at + 2),
            ']' or 'P' or '_' or '^' => 2 + CommandLength(text, at + 2),
            '(' or ')' or '*' or '+' or '#' or ' ' => Math.Min(3, text.Length - at),
            '\r' or '\n' => 1,
            _ => 2,
        };
    }

    private static int SpelledLength(string text, int at)
    {
        // A log that went through JSON twice has its backslashes doubled.
        var start = at;
        while (start + 1 < text.Length && start - at < 4 && text[start] == '\\' && text[start + 1] == '\\')
            start++;
        foreach (var spelled in SpelledEscapes)
        {
            var next = start + spelled.Length;
            if (next < text.Length && text[next] == '['
                && string.Compare(text, start, spelled, 0, spelled.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                var control = ControlLength(text, next + 1);
                if (control > 0)
                    return next + 1 + control - at;
            }
        }
        return 0;
    }

    /// <summary>Parameters, intermediates and the final character of a control sequence; 0 when it is none.</summary>
    private static int ControlLength(string text, int start)
    {
        var at = start;
        var end = Math.Min(text.Length, start + MaxCsiChars);
        while (at < end && text[at] is >= ' ' and <= '?')
            at++;
        return at < end && text[at] is >= '@' and <= '~' ? at - start + 1 : 0;
    }

    /// <summary>A command string up to BEL or ESC \; it never runs over the end of a line. An open one is not skipped.</summary>
    private static int CommandLength(string text, int start)
    {
        var end = Math.Min(text.Length, start + MaxOscChars);
        for (var at = start; at < end && text[at] is not ('\r' or '\n'); at++)
        {
            if (text[at] is '\a' or '\u009c')
                return at - start + 1;
            if (text[at] == Escape)
                return at + 1 < end && text[at + 1] == '\\' ? at - start + 2 : at - start;
        }
        return 0;
    }
}
