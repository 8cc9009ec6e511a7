namespace Bindwise.Model.Secrets;

/// <summary>A command line in one text, in words as a shell takes them, roughly: quotes hold a word together, blanks part words.</summary>
internal static class CommandLineText
{
    /// <summary>The text with each word masked, and what is piped into a program that reads a secret.</summary>
    public static string Mask(string line, Func<string, string> word)
    {
        var result = new StringBuilder(line.Length);
        var at = 0;
        var pipes = false;
        var here = false;
        while (at < line.Length)
        {
            if (char.IsWhiteSpace(line[at]))
            {
                result.Append(line[at++]);
                continue;
            }
            var end = EndOfWord(line, at);
            var text = line[at..end];
            at = end;
            var masked = word(text);
            if (text is "|" or ";" or "&&" or "||")
                pipes = false;
            var isInput = (pipes && text is not ['-', ..] && !SecretValues.IsPlain(text)) || here || text is ['<', '<', '<', _, ..];
            result.Append(isInput ? Hidden(text) : masked);
            here = text is "<<<" && ReadsSecret(line.AsSpan(0, at));
            pipes = pipes || (text is "echo" or "printf" or "/bin/echo" && PipesToSecret(line.AsSpan(at)));
        }
        return result.ToString();
    }

    // echo joe:pw: the user stays.
    private static string Hidden(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var quote = text[0] is '"' or '\'' && text[^1] == text[0] && text.Length > 1 ? text[..1] : "";
        return text is "'%s'" or "\"%s\"" or "%s" or "'%s\\n'" or "\"%s\\n\"" ? text
            : colon > 0 ? string.Concat(text.AsSpan(0, colon + 1), SecretValues.Mask, quote) : quote + SecretValues.Mask + quote;
    }

    private static bool PipesToSecret(ReadOnlySpan<char> rest)
    {
        rest = rest[..Math.Min(rest.Length, 256)];
        var pipe = rest.IndexOf('|');
        if (pipe < 0 || pipe + 1 == rest.Length || rest[pipe + 1] == '|' || rest[..pipe].ContainsAny(";&"))
            return false;
        var next = rest[(pipe + 1)..];
        var end = next.IndexOfAny(";&|");
        return ReadsSecret(end < 0 ? next : next[..end]);
    }

    private static bool ReadsSecret(ReadOnlySpan<char> command)
    {
        command = command.Length > 256 ? command[^256..] : command;
        foreach (var range in command.Split(' '))
        {
            var word = command[range];
            if (ProgramSecrets.ReadsSecret(word[(word.LastIndexOf('/') + 1)..]))
                return true;
        }
        return false;
    }

    private static int EndOfWord(string line, int start)
    {
        var quote = '\0';
        for (var i = start; i < line.Length; i++)
        {
            if (quote != '\0')
                quote = line[i] == quote ? '\0' : quote;
            else if (line[i] is '"' or '\'' && line.IndexOf(line[i], i + 1) > 0)
                quote = line[i];
            else if (char.IsWhiteSpace(line[i]))
                return i;
        }
        return line.Length;
    }
}
