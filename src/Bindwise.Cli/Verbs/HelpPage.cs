using System.CommandLine;
using System.Text;

namespace Bindwise.Cli.Verbs;

/// <summary>The parts that all help texts have: arguments and options as the parser knows them.</summary>
internal static class HelpPage
{
    /// <summary>The arguments, then the options of a command.</summary>
    public static void AppendParameters(StringBuilder text, Command command)
    {
        foreach (var argument in command.Arguments)
            AppendEntry(text, argument.Name, argument.Description);
        text.Append("\nOptions:\n");
        foreach (var option in command.Options)
            AppendEntry(text, Spelling(option), option.Description);
    }

    /// <summary>A name and what it means, wrapped.</summary>
    public static void AppendEntry(StringBuilder text, string name, string? description)
    {
        const int Column = 24;
        const int Width = 110;
        var line = ("  " + name).PadRight(Column);
        foreach (var word in (description ?? "").Split(' '))
        {
            if (line.Length + 1 + word.Length > Width)
            {
                text.Append(line.TrimEnd()).Append('\n');
                line = new string(' ', Column);
            }
            line += (line.Length == Column && line.EndsWith(' ') ? "" : " ") + word;
        }
        text.Append(line).Append('\n');
    }

    /// <summary>An option with its short forms and what it takes.</summary>
    public static string Spelling(Option option) =>
        string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Append(option.Name)) + (option.HelpName is { } value ? " " + value : "");
}
