namespace Bindwise.Planning.Documents;

/// <param name="Number">From 1; of a line that is continued that of its first part.</param>
internal readonly record struct NumberedLine(int Number, string Text);

internal static class ConfigurationLines
{
    /// <summary>The lines; with a continuation mark at its end a line goes on with the next one.</summary>
    /// <param name="continues">A backslash at the end of a line joins it to the next one.</param>
    public static IEnumerable<NumberedLine> Of(string text, bool continues = false)
    {
        var (number, first) = (0, 0);
        var joined = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            number++;
            var part = line.TrimEnd('\r');
            if (first == 0)
                first = number;
            if (continues && part is [.., '\\'])
            {
                joined.Append(part.AsSpan(0, part.Length - 1)).Append(' ');
                continue;
            }
            yield return new NumberedLine(first, joined.Length == 0 ? part : joined.Append(part).ToString());
            joined.Clear();
            first = 0;
        }
        if (joined.Length > 0)
            yield return new NumberedLine(first, joined.ToString());
    }
}

/// <summary>The words of a shell's or a unit's command line: blanks part them, quotes and backslashes keep them together.</summary>
internal static class CommandLineWords
{
    private const string ShellOperators = "&|;()";

    /// <summary>
    /// The words, quotes taken off. An operator of the shell (<c>&amp;&amp;</c>, <c>|</c>, <c>;</c>) is a word of its own.
    /// </summary>
    public static List<string> Split(string text) => Split(text, ShellOperators);

    /// <summary>The words as systemd has them, which runs no shell (systemd.syntax(7)).</summary>
    public static List<string> SplitSetting(string text) => Split(text, "");

    private static List<string> Split(string text, string operators)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isOpen = false;
        char? quote = null;
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (quote is not null)
            {
                if (letter == quote)
                    quote = null;
                else if (letter == '\\' && quote == '"' && at + 1 < text.Length)
                    word.Append(text[++at]);
                else
                    word.Append(letter);
            }
            else if (letter is '"' or '\'')
                (quote, isOpen) = (letter, true);
            else if (letter == '\\' && at + 1 < text.Length)
            {
                word.Append(text[++at]);
                isOpen = true;
            }
            else if (letter is ' ' or '\t' || operators.Contains(letter))
            {
                if (isOpen)
                    words.Add(word.ToString());
                word.Clear();
                isOpen = false;
                if (letter is not (' ' or '\t'))
                    words.Add(letter.ToString());
            }
            else
            {
                word.Append(letter);
                isOpen = true;
            }
        }
        if (isOpen)
            words.Add(word.ToString());
        return words;
    }
}
