using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Cli.CommandLine;

/// <summary>A first word that is no verb but was surely meant as one: misspelt, or a verb that other tools have.</summary>
internal static class MistakenVerb
{
    private const int MostPortChars = 5;

    /// <summary>What to type instead, one line; null when the word may be a target.</summary>
    /// <param name="words">The command line, from its first word on.</param>
    /// <param name="verbs">The verbs.</param>
    public static string? Of(ReadOnlySpan<string> words, IReadOnlyCollection<string> verbs)
    {
        var word = words[0];
        // A port, an address, a path or a pasted error holds something else.
        if (verbs.Contains(word) || !word.All(char.IsAsciiLetter))
            return null;
        var port = words is [_, { Length: <= MostPortChars } next, ..] && next.All(char.IsAsciiDigit) ? next : "8080";
        if (Instead(word, port) is { } line)
            return KnownService.Is(word) ? null : $"there is no verb {word}; {line}";
        return Nearest.To(word, [.. verbs, HelpVerb.Name]) is { } near && !KnownService.Is(word)
            ? $"there is no verb {word} and no service of that name; did you mean bindwise {near}?"
            : null;
    }

    /// <summary>What to use today instead of a verb that other tools have, or that will come.</summary>
    private static string? Instead(string word, string port) => word switch
    {
        "kill" or "free" or "stop" or "close" or "release" => $"bindwise ends no process, but bindwise why {port} shows the command that does",
        "wait" or "watch" or "follow" => $"bindwise why {port} --follow waits until the port is free",
        "ls" or "list" or "ps" or "ports" => $"ss -tulpn lists the ports in use, and bindwise why {port} explains one",
        "pick" or "find" or "next" => $"bindwise why {port} says whether a port is free",
        "plan" => "bindwise why 80 443 8080 looks at several ports at once",
        "check" or "show" or "status" => $"use bindwise why {port}",
        "version" => "use bindwise --version",
        _ => null,
    };
}
