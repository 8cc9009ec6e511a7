namespace Bindwise.Planning.Formats.Proxies;

/// <summary>A directive of nginx's configuration: its words, and how deep in blocks it stands.</summary>
/// <param name="Words">Its words, quotes taken off; not empty.</param>
/// <param name="Blocks">The blocks around it, the outermost first.</param>
internal sealed record NginxDirective(string File, int Line, IReadOnlyList<string> Words, IReadOnlyList<string> Blocks);

/// <summary>Reads nginx's syntax: words, <c>;</c>, <c>{</c>, <c>}</c>, comments and quotes (ngx_conf_read_token()).</summary>
internal static class NginxTokens
{
    private const int MostDepth = 32;

    /// <summary>The directives in order, those that open a block before what is in it.</summary>
    /// <param name="around">The blocks around the place where it is included.</param>
    /// <param name="fault">The line of a brace without its other one; 0 for none.</param>
    public static List<NginxDirective> Read(string file, string text, IReadOnlyList<string> around, out int fault)
    {
        fault = 0;
        var directives = new List<NginxDirective>();
        var blocks = new List<string>(around);
        var words = new List<string>();
        var (line, first) = (1, 1);
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\n')
                line++;
            else if (letter == '#')
            {
                while (at + 1 < text.Length && text[at + 1] != '\n')
                    at++;
            }
            else if (letter is ';' or '{' or '}')
            {
                if (words.Count > 0)
                    directives.Add(new NginxDirective(file, first, [.. words], [.. blocks]));
                if (letter == '{' && blocks.Count < MostDepth)
                    blocks.Add(words.Count > 0 ? words[0] : "");
                else if (letter == '{')
                {
                    fault = line;
                    return directives;
                }
                else if (letter == '}' && blocks.Count > around.Count)
                    blocks.RemoveAt(blocks.Count - 1);
                else if (letter == '}')
                    fault = line;
                words.Clear();
            }
            else if (!char.IsWhiteSpace(letter))
            {
                if (words.Count == 0)
                    first = line;
                words.Add(Word(text, ref at, ref line));
            }
        }
        if (blocks.Count > around.Count || words.Count > 0)
            fault = fault == 0 ? line - (text.EndsWith('\n') ? 1 : 0) : fault;
        return directives;
    }

    private static string Word(string text, ref int at, ref int line)
    {
        var word = new StringBuilder();
        char? quote = text[at] is '"' or '\'' ? text[at++] : null;
        for (; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\n')
                line++;
            if (quote is not null ? letter == quote : char.IsWhiteSpace(letter) || letter is ';' or '{' or '}')
            {
                // ${name} is a variable in the word.
                if (quote is null && letter is '{' && word.Length > 0 && word[^1] == '$')
                {
                    while (at < text.Length && text[at] is not ('}' or '\n'))
                        word.Append(text[at++]);
                    at -= at < text.Length && text[at] == '}' ? 0 : 1;
                    word.Append('}');
                    continue;
                }
                if (quote is null)
                {
                    line -= letter == '\n' ? 1 : 0;
                    at--;
                }
                return word.ToString();
            }
            if (letter == '\\' && at + 1 < text.Length)
                letter = text[++at];
            word.Append(letter);
        }
        return word.ToString();
    }
}
