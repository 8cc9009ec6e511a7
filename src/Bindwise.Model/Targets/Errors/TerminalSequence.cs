namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Colours and other terminal sequences (ECMA-48 §5.4 CSI, §8.3.89 OSC), as bytes or as loggers spell them out:
/// <c>\u001b[31m</c>, <c>\x1b[31m</c>, <c>\033[31m</c>, <c>\e[31m</c>, <c>#033[31m</c> (rsyslog), <c>^[[31m</c> (cat -v).
/// </summary>
internal static class TerminalSequence
{
    private const char Escape = '\u001b';
    private const int MaxCsiChars = 64;
    private const int MaxOscChars = 4096;

    private static readonly string[] SpelledEscapes = ["\\u001b", "\\x1b", "\\033", "\\e", "#033", "^["];

    /// <summary>How many characters of a terminal sequence stand at a place; 0 for none.</summary>
    public static int Length(string text, int at)
    {
        switch (text[at])
        {
            case Escape:
                return EscapeLength(text, at);
            case '\u009b':
                return 1 + ControlLength(text, at + 1);
            case '\\' or '#' or '^':
                return SpelledLength(text, at);
            default:
                return 0;
        }
    }

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
            if (next < text.Length && text[next] == '[' && string.Compare(text, start, spelled, 0, spelled.Length, StringComparison.OrdinalIgnoreCase) == 0)
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
