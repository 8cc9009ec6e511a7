using System.Diagnostics;

namespace Bindwise.Cli.CommandLine;

/// <summary>A help page: its parts in order, laid out for a width only when it is shown.</summary>
internal sealed class HelpPage(string title)
{
    // Wider lines are hard to read; narrower ones hold no option.
    private const int MostColumns = 100;
    private const int LeastColumns = 40;
    private const int DefaultColumns = 80;

    // From here on names stand in a column of their own; below, above what they mean.
    private const int ColumnsForTwo = 60;
    private const int MostNameColumns = 24;

    private readonly List<HelpPart> _parts = [new TextPart(title)];

    /// <summary>The columns of the terminal, within limits; of a pipe those of COLUMNS, else 80.</summary>
    public static int Columns => Math.Clamp(Terminal.Detect().Width ?? DefaultColumns, LeastColumns, MostColumns);

    public IReadOnlyList<HelpPart> Parts => _parts;
    public HelpPage Examples(params string[] lines) => Add(new ExamplesPart(lines));
    public HelpPage Usage(params string[] forms) => Add(new UsagePart(forms));

    /// <summary>Adds the arguments and the options of a command, as the parser knows them.</summary>
    public HelpPage Parameters(Command command)
    {
        var arguments = command.Arguments.Where(static argument => !argument.Hidden)
            .Select(static argument => (argument.Name, argument.Description ?? "")).ToList();
        if (arguments.Count > 0)
            Entries(null, arguments);
        // The last one is --help: what holds for every verb stands before it.
        var options = command.Options.ToList();
        options.Insert(options.Count - 1, ColourOption.Instance);
        return Entries("Options:", [.. options.Select(static option => (Spelling(option), option.Description ?? ""))]);
    }

    public HelpPage Entries(string? heading, IReadOnlyList<(string Name, string Meaning)> entries) =>
        Add(new EntriesPart(heading, entries));

    public HelpPage Text(string paragraph) => Add(new TextPart(paragraph));
    public HelpPage ExitCodes(string heading, params (ExitCode Code, string Meaning)[] codes) => Add(new ExitCodesPart(heading, codes));

    public string ToText(int width)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            if (text.Length > 0)
                text.Append('\n');
            Append(text, part, width);
        }
        return text.ToString();
    }

    public static string Spelling(Option option) =>
        string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Append(option.Name))
            + (option.HelpName is { } value ? option.Arity.MinimumNumberOfValues == 0 ? $"[={value}]" : " " + value : "");

    private HelpPage Add(HelpPart part)
    {
        _parts.Add(part);
        return this;
    }

    private static void Append(StringBuilder text, HelpPart part, int width)
    {
        switch (part)
        {
            case TextPart { Paragraph: var paragraph }:
                Wrap(text, paragraph, width, "", "");
                break;
            case ExamplesPart { Lines: var lines }:
                text.Append("Examples:\n");
                foreach (var line in lines)
                    ShellLine.Append(text, line, width);
                break;
            case UsagePart { Forms: var forms }:
                for (var index = 0; index < forms.Count; index++)
                    Wrap(text, forms[index], width, index == 0 ? "Usage: " : "   or: ", "           ");
                break;
            case EntriesPart entries:
                AppendEntries(text, entries, width);
                break;
            case ExitCodesPart { Heading: var heading, Codes: var codes }:
                Wrap(text, heading, width, "", "");
                foreach (var (code, meaning) in codes)
                    Wrap(text, meaning, width, string.Create(CultureInfo.InvariantCulture, $"{(int)code,5}  "), "       ");
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void AppendEntries(StringBuilder text, EntriesPart part, int width)
    {
        if (part.Heading is { } heading)
            text.Append(heading).Append('\n');
        var longest = part.Entries.Max(static entry => entry.Name.Length);
        var column = width < ColumnsForTwo ? 6 : 2 + Math.Min(longest, MostNameColumns) + 2;
        foreach (var (name, meaning) in part.Entries)
        {
            var margin = new string(' ', column);
            var fits = width >= ColumnsForTwo && name.Length + 4 <= column;
            if (!fits)
                text.Append("  ").Append(name).Append('\n');
            Wrap(text, meaning, width, fits ? ("  " + name).PadRight(column) : margin, margin);
        }
    }

    private static void Wrap(StringBuilder text, string paragraph, int width, string first, string others)
    {
        var margin = first;
        foreach (var line in Wrapping.Break([new TextSpan(TextRole.Text, paragraph)], width - first.Length, others.Length - first.Length))
        {
            text.Append(margin);
            foreach (var span in line)
                text.Append(span.Text);
            text.Append('\n');
            margin = others;
        }
    }
}

internal abstract record HelpPart;

internal sealed record TextPart(string Paragraph) : HelpPart;

internal sealed record ExamplesPart(IReadOnlyList<string> Lines) : HelpPart;

internal sealed record UsagePart(IReadOnlyList<string> Forms) : HelpPart;

internal sealed record EntriesPart(string? Heading, IReadOnlyList<(string Name, string Meaning)> Entries) : HelpPart;

internal sealed record ExitCodesPart(string Heading, IReadOnlyList<(ExitCode Code, string Meaning)> Codes) : HelpPart;

/// <summary>
/// A line for a shell. One that does not fit is broken so that it can still be pasted: at blanks outside quotes, before pipes first, with a
/// backslash.
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
