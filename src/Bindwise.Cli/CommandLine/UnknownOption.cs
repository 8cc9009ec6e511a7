using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Cli.CommandLine;

/// <summary>An option that a command does not have: the parser takes it for one more argument.</summary>
internal static class UnknownOption
{
    /// <summary>What is wrong when an argument of the verb is one; null when none is. No argument of any verb begins with a dash.</summary>
    public static string? In(ParseResult parsed) => Among(
        parsed.CommandResult.Command.Arguments.OfType<Argument<string[]>>().SelectMany(argument => parsed.GetValue(argument) ?? []),
        parsed.CommandResult.Command);

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
