using System.CommandLine;
using System.CommandLine.Parsing;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Cli.CommandLine;

/// <summary>What the parser does not understand, in one line that says what to type.</summary>
internal static class ParserFault
{
    /// <summary>What is wrong; null for nothing.</summary>
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
            ? count == 0 ? $"{option.Name} needs a value: {option.Name} {option.HelpName}" : $"{option.Name} was given more than once"
            : error.Message.TrimEnd('.');
    }

    /// <summary>A word where a verb of <c>lab</c> stands that is none; null when there is none such.</summary>
    public static string? OfVerbs(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || parsed.UnmatchedTokens is not [[not '-', ..] word, ..])
            return null;
        return $"{PathOf(parsed.CommandResult)} has no verb {word}{Nearest.Hint(word, [.. command.Subcommands.Select(static verb => verb.Name)])}";
    }

    /// <summary>The verbs that led to a command, as <c>lab run</c>.</summary>
    public static string PathOf(SymbolResult? result) =>
        result is CommandResult { Parent: CommandResult { Parent: not null } parent } inner ? $"{PathOf(parent)} {inner.Command.Name}"
        : result is CommandResult command ? command.Command.Name
        : "";
}
