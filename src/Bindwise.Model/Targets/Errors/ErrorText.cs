namespace Bindwise.Model.Targets.Errors;

/// <summary>A pasted error text: its cleaned lines, and what is asked of all of them.</summary>
internal sealed class ErrorText
{
    private const int MaxLinesToNumber = 20;

    private readonly List<string> _lines;

    // For each line the errno near it; null until it is asked for.
    private string?[]? _errnos;

    private ErrorText(List<string> lines) => _lines = lines;

    /// <summary>The lines that hold anything, without terminal sequences and escapes.</summary>
    public IReadOnlyList<string> Lines => _lines;

    public static ErrorText From(string text) => new(TextCleaner.Clean(text));

    /// <summary>What stands after a place in a line becomes a line of its own.</summary>
    public void Break(int line, int at)
    {
        _lines.Insert(line + 1, _lines[line][at..]);
        _lines[line] = _lines[line][..at];
        _errnos = null;
    }

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
    public string? ErrnoNear(int line) => Lines.Count == 0 ? null : (_errnos ??= FindErrnos())[line];

    private string?[] FindErrnos()
    {
        var near = new string?[Lines.Count];
        string? next = null;
        for (var line = Lines.Count - 1; line >= 0; line--)
            near[line] = next = ErrnoWords.TryFind(Lines[line], out var mention) ? mention.Name : next;
        for (var line = Lines.Count - 1; line >= 0 && near[line] is null; line--)
            near[line] = next;
        return near;
    }

    /// <summary>The system other than Linux whose words or numbers stand in a line or soon after it; null for none.</summary>
    public HostSystem? SystemNear(int line)
    {
        // Node.js prints its number below the stack.
        for (var at = line; at < Lines.Count && at - line <= MaxLinesToNumber; at++)
        {
            if (ErrnoWords.TryFind(Lines[at], out var mention) && mention.System is { } system)
                return system;
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
        return HardWrap.Undo(lines).ConvertAll(static line => line.TrimEnd());
    }

    private static void Flush(StringBuilder line, List<string> lines)
    {
        var text = line.ToString();
        if (!string.IsNullOrWhiteSpace(text))
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
/// A terminal or a ticket breaks lines at its width, a port as well: 8080 becomes 80 and 80. What ends there within an address goes on with
/// the next line.
/// </summary>
internal static class HardWrap
{
    /// <summary>Usual widths; another must be that of two lines.</summary>
    private static readonly int[] Widths = [72, 76, 80, 100, 120, 132, 160];

    private const int MinWidth = 60;
    private const int MaxDigits = 5;

    private const int MaxLines = 8;

    public static List<string> Undo(List<string> lines)
    {
        var width = lines.Count == 0 ? 0 : lines.Max(static line => line.Length);
        if (width < MinWidth || (!Widths.Contains(width) && lines.Count(line => line.Length == width) < 2))
            return lines;
        var whole = new List<string>(lines.Count);
        var isFull = false;
        foreach (var line in lines)
        {
            if (isFull && whole[^1].Length <= MaxLines * width && GoesOn(whole[^1], line))
                whole[^1] += line;
            else
                whole.Add(line);
            isFull = line.Length == width;
        }
        return whole;
    }

    private static bool GoesOn(string line, string next)
    {
        var last = line[^1];
        if (!char.IsAsciiDigit(last) && last is not ('[' or ']' or ':' or '.' or '/' or '*'))
            return false;
        var digits = next.Length - next.AsSpan().TrimStart("0123456789").Length;
        var rest = next.AsSpan(digits);
        var isAddress = rest.Length > 1 && rest[0] is ':' or '.' && rest[1] is ':' or ']' or (>= '0' and <= '9');
        if (digits == 0)
            return isAddress || next[0] == ']' || (next[0] == '/' && last is ':' or '/');
        // A line of a log starts with its date or time.
        var isTime = rest.Length > 1 && rest[0] is ':' or '/' && char.IsAsciiDigit(rest[1]);
        var digitsBefore = line.Length - line.AsSpan().TrimEnd("0123456789").Length;
        return !isTime && digitsBefore + digits <= MaxDigits
            && (rest.IsEmpty || " /:.,;)]'\"".Contains(rest[0], StringComparison.Ordinal));
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
