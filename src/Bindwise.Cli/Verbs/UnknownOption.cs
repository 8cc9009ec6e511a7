using System.CommandLine;

namespace Bindwise.Cli.Verbs;

/// <summary>An option that a command does not have: the parser takes it for one more argument.</summary>
internal static class UnknownOption
{
    /// <summary>What is wrong, with the option that is meant, when an argument is one; null when none is.</summary>
    public static string? Among(IEnumerable<string> arguments, Command command)
    {
        var unknown = arguments.FirstOrDefault(argument => argument is ['-', _, ..] && !argument.Any(char.IsWhiteSpace));
        return unknown is null ? null : $"unknown option {unknown}{Suggest(unknown, command)}";
    }

    // --reuseaddr, --reuse_address, --verb: what is meant begins alike.
    private static string Suggest(string unknown, Command command)
    {
        var meant = command.Options.FirstOrDefault(option => Letters(option.Name).StartsWith(Letters(unknown), StringComparison.Ordinal));
        return meant is null || Letters(unknown).Length < 2 ? "" : $"; do you mean {meant.Name}?";
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
