using System.CommandLine.Parsing;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Cli.CommandLine;

/// <summary>What the parser does not understand, in one line that says what to type.</summary>
internal static class ParserFault
{
    public static string? Of(ParseResult parsed)
    {
        if (OfVerbs(parsed) is { } noVerb)
            return noVerb;
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is [var word, ..])
            return UnknownOption.Among([word], command) ?? $"{PathOf(parsed.CommandResult)} takes options only, not {word}";
        if (parsed.Errors is not [var error, ..])
            return null;
        return error.SymbolResult is OptionResult { Option: { } option, Tokens.Count: var count }
            ? count == 0 ? NeedsValue(option) : $"{option.Name} was given more than once"
            : error.Message.TrimEnd('.');
    }

    /// <summary>An option that was given an empty value, as by an unset variable, or one that takes none; null for neither.</summary>
    /// <param name="line">The words as they were typed: the parser takes the next word for the value, and the value for a word.</param>
    public static string? OfValue(ParseResult parsed, string[] line)
    {
        var options = parsed.CommandResult.Command.Options;
        if (options.OfType<ValueOption>().FirstOrDefault(option => line.Contains(option.Name + "=")) is { } empty)
            return NeedsValue(empty);
        // What stands behind -- is a program's own.
        var own = line.TakeWhile(static word => word != "--").ToList();
        return options.OfType<Option<bool>>().FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }
            && own.Exists(word => word.StartsWith(option.Name + "=", StringComparison.Ordinal))) is { } flag
            ? $"{flag.Name} takes no value" : null;
    }

    /// <summary>Why a command line has no program to start, with what follows for people left to the verb.</summary>
    /// <param name="place">Where it is sought, as <c> after --</c>.</param>
    public static string NoProgram(IReadOnlyList<string>? program, string place = "") =>
        program is ["", ..] ? $"the command{place} is empty" : $"no command given{place}";

    private static string NeedsValue(Option option) => $"{option.Name} needs a value: {option.Name} {option.HelpName}";

    /// <summary>A word where a verb of <c>lab</c> stands that is none; null when there is none such.</summary>
    public static string? OfVerbs(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || parsed.UnmatchedTokens is not [[not '-', ..] word, ..])
            return null;
        return $"{PathOf(parsed.CommandResult)} has no verb {word}"
            + $"{Nearest.Hint(word, [.. command.Subcommands.Select(static verb => verb.Name)])}";
    }

    /// <summary>The verbs that led to a command, as <c>lab run</c>.</summary>
    public static string PathOf(SymbolResult? result) =>
        result is CommandResult { Parent: CommandResult { Parent: not null } parent } inner ? $"{PathOf(parent)} {inner.Command.Name}"
        : result is CommandResult command ? command.Command.Name
        : "";
}

/// <summary>A first word that is no verb but was surely meant as one: misspelt, or a verb that other tools have.</summary>
internal static class MistakenVerb
{
    private const int MostPortChars = 5;

    /// <summary>What to type instead, one line; null when the word may be a target.</summary>
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
        "kill" or "stop" or "close" or "release" => $"bindwise free {port} ends what holds the port, and asks before",
        "follow" => $"bindwise why {port} --follow stays until the port is free, and bindwise wait {port} waits for it in scripts",
        "list" or "ps" or "ports" => "bindwise ls lists the ports in use",
        "find" or "next" or "choose" => "bindwise pick prints a port that is free",
        "exec" or "start" or "restart" or "supervise" => "bindwise run starts a program so that TIME_WAIT does not block its restarts",
        "lint" or "analyze" or "trace" or "strace" => "bindwise audit runs a program and reports what it does wrong with its ports",
        "check" or "show" or "status" => $"use bindwise why {port}",
        "version" => "use bindwise --version",
        _ => null,
    };
}

/// <summary>An option that a command does not have: the parser takes it for one more argument.</summary>
internal static class UnknownOption
{
    /// <summary>What is wrong when an argument of the verb is one; null when none is. After <c>--</c> one may begin with a dash.</summary>
    public static string? In(ParseResult parsed)
    {
        var certain = parsed.Tokens.SkipWhile(static token => token.Type != TokenType.DoubleDash).Select(static token => token.Value)
            .ToList();
        return Among(
            parsed.CommandResult.Command.Arguments.OfType<Argument<string[]>>().SelectMany(argument => parsed.GetValue(argument) ?? [])
                .Where(argument => !certain.Contains(argument)),
            parsed.CommandResult.Command);
    }

    /// <summary>What is wrong, with the option that is meant, when an argument is one; null when none is.</summary>
    public static string? Among(IEnumerable<string> arguments, Command command)
    {
        var unknown = arguments.FirstOrDefault(argument => argument is ['-', _, ..] && !argument.Any(char.IsWhiteSpace));
        return unknown is null ? null : $"unknown option {unknown}{Suggest(unknown, command)}";
    }

    private static string Suggest(string unknown, Command command)
    {
        var letters = Letters(unknown);
        // Two letters are near to any other two.
        if (letters.Length < 2)
            return "";
        var names = command.Options.Append(ColourOption.Instance).Select(static option => option.Name).ToList();
        // --reuseaddr, --reuse_address, --verb: what is meant begins alike. Else it is misspelt: --josn.
        var meant = names.Find(name => Letters(name).StartsWith(letters, StringComparison.Ordinal))
            ?? names.Find(name => Letters(name) == Nearest.To(letters, names.Select(Letters)));
        return meant is null ? "" : $"; did you mean {meant}?";
    }

    // Without what follows "=".
    private static string Letters(string name) =>
        string.Concat(name.TakeWhile(static letter => letter != '=').Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
