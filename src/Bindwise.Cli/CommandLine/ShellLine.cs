using System.Text;

namespace Bindwise.Cli.CommandLine;

/// <summary>
/// A line for a shell. One that does not fit is broken so that it can still be pasted: at blanks outside
/// quotes, before pipes first, with a backslash.
/// </summary>
internal static class ShellLine
{
    private const string Margin = "  ";
    private const string Continuation = "      ";
    private const string Mark = " \\";

    /// <summary>Appends the line. A word that is too long stands whole.</summary>
    public static void Append(StringBuilder text, string line, int width)
    {
        var fits = Margin.Length + line.Length <= width;
        var words = Parts(Words(line));
        var length = Margin.Length;
        text.Append(Margin);
        for (var index = 0; index < words.Count; index++)
        {
            var room = width - (index == words.Count - 1 ? 0 : Mark.Length);
            if (index > 0 && !fits && (words[index] == "|" || length + 1 + words[index].Length > room))
            {
                text.Append(Mark).Append('\n').Append(Continuation);
                length = Continuation.Length;
            }
            else if (index > 0)
            {
                text.Append(' ');
                length++;
            }
            text.Append(words[index]);
            length += words[index].Length;
        }
        text.Append('\n');
    }

    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var start = 0;
        char? quote = null;
        for (var at = 0; at < line.Length; at++)
        {
            if (quote is null && line[at] is '"' or '\'')
                quote = line[at];
            else if (line[at] == quote)
                quote = null;
            else if (line[at] == ' ' && quote is null)
            {
                words.Add(line[start..at]);
                start = at + 1;
            }
        }
        words.Add(line[start..]);
        return words;
    }

    // An option stays with its value, and ">" with its file.
    private static List<string> Parts(List<string> words)
    {
        var parts = new List<string>();
        var isOpen = false;
        foreach (var word in words)
        {
            if (isOpen && word is not ['-' or '|', ..])
                parts[^1] += " " + word;
            else
                parts.Add(word);
            isOpen = word is ['-', '-', ..] or ">";
        }
        return parts;
    }
}
