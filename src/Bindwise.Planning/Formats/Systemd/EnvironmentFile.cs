namespace Bindwise.Planning.Formats.Systemd;

/// <summary>A file that EnvironmentFile= names (systemd.exec(5)): it is neither a shell script nor a .env file of compose.</summary>
internal static class EnvironmentFile
{
    private static readonly char[] LineEnds = ['\n', '\r'];

    /// <summary>The assignments, in order. A line without an equals sign is left out.</summary>
    public static IEnumerable<(string Name, string Value)> Read(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var end = text.IndexOfAny(LineEnds, at) is >= 0 and var found ? found : text.Length;
            var equals = text.IndexOf('=', at, end - at);
            var name = equals < 0 ? "" : text[at..equals].Trim();
            if (name is "" or ['#' or ';', ..])
                at = end;
            else
            {
                at = equals + 1;
                yield return (name, ReadValue(text, ref at));
            }
        }
    }

    /// <param name="at">Where the value begins, and then where its line ends.</param>
    private static string ReadValue(string text, ref int at)
    {
        var value = new StringBuilder();
        // Without the blanks at the end that are neither quoted nor escaped.
        var length = 0;
        char? quote = null;
        // Quotes count only before the first character that is outside of them.
        var isPlain = false;
        for (; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\\' && quote != '\'')
            {
                isPlain |= quote is null;
                if (++at == text.Length)
                    break;
                letter = text[at];
                // In double quotes a backslash stays before what needs none.
                if (quote is not null && letter is not ('"' or '\\' or '`' or '$' or '\n'))
                    value.Append('\\');
                if (letter != '\n' && (letter != '\r' || quote is not null))
                    value.Append(letter);
                length = value.Length;
            }
            else if (letter == quote)
                quote = null;
            else if (quote is not null)
                length = value.Append(letter).Length;
            else if (letter is '\n' or '\r')
                break;
            else if (letter is '"' or '\'' && !isPlain)
                quote = letter;
            else if (letter is not (' ' or '\t'))
            {
                isPlain = true;
                length = value.Append(letter).Length;
            }
            else if (isPlain)
                value.Append(letter);
        }
        return value.ToString(0, length);
    }
}
