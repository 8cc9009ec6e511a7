namespace Bindwise.Cli.Verbs;

/// <summary><c>bindwise man-page</c>: writes bindwise.1 from the help pages, for those who package the program.</summary>
internal sealed class ManPageCommand : Verb
{
    public const string Name = "man-page";
    public const string Description = "Write the manual page, bindwise.1, to standard output.";

    private readonly IReadOnlyList<VerbEntry> _verbs;

    public ManPageCommand(IReadOnlyList<VerbEntry> verbs)
        : base(Name, Description)
    {
        _verbs = verbs;
        Take();
    }

    public override HelpPage Help =>
        new HelpPage("bindwise man-page: write the manual page, for packages.")
            .Examples("bindwise man-page > bindwise.1", "bindwise man-page | man -l -")
            .Usage("bindwise man-page")
            .Parameters(Command)
            .ExitCodes("Exit codes:", (ExitCode.Success, "written"), (ExitCode.Error, "wrong usage, or the system failed"));

    public override VerbRun Read(ParseResult parsed) => (output, _) => output.Show(new RoffPage(ProgramVersion.Text).Render(_verbs));
}

internal sealed class RoffPage(string version)
{
    private const int SourceColumns = 79;

    private readonly StringBuilder _text = new();
    private bool _isAtSection;

    public string Render(IReadOnlyList<VerbEntry> verbs)
    {
        List<VerbEntry> listed = [.. verbs.Where(static entry => !entry.IsHidden)];
        Line($".TH BINDWISE 1 \"\" \"bindwise {Escape(version)}\"");
        Section("NAME");
        Line("bindwise \\- explain \"Address already in use\"");
        var parts = ProgramHelp.Full(listed).Parts;
        Section("SYNOPSIS");
        foreach (var form in parts.OfType<UsagePart>().SelectMany(static usage => usage.Forms))
            Usage(form);
        Section("DESCRIPTION");
        foreach (var part in parts.Where(static part => part is TextPart or EntriesPart))
            Append(part);
        foreach (var verb in listed.Select(static entry => entry.Create()))
            Append(verb, "bindwise");
        Section("EXIT STATUS");
        foreach (var part in parts.OfType<ExitCodesPart>())
            Append(part);
        Section("EXAMPLES");
        foreach (var part in parts.OfType<ExamplesPart>())
            Lines(part.Lines);
        return _text.ToString();
    }

    private void Append(Verb verb, string before)
    {
        var name = $"{before} {verb.Command.Name}";
        Section(name.ToUpperInvariant());
        foreach (var part in verb.Help.Parts)
            Append(part);
        foreach (var below in verb.Verbs)
            Append(below, name);
    }

    private void Append(HelpPart part)
    {
        switch (part)
        {
            case TextPart { Paragraph: var paragraph }:
                Paragraph();
                Text(paragraph);
                break;
            case ExamplesPart { Lines: var lines }:
                Paragraph();
                Line("Examples:");
                Lines(lines);
                break;
            case UsagePart { Forms: var forms }:
                foreach (var form in forms)
                    Usage(form);
                break;
            case EntriesPart { Heading: var heading, Entries: var entries }:
                if (heading is not null)
                {
                    Paragraph();
                    Line(Escape(heading));
                }
                foreach (var (entry, meaning) in entries)
                    Item(entry, meaning);
                break;
            case ExitCodesPart { Heading: var heading, Codes: var codes }:
                Paragraph();
                Line(Escape(heading));
                foreach (var (code, meaning) in codes)
                    Item(((int)code).ToString(CultureInfo.InvariantCulture), meaning);
                break;
        }
    }

    private void Section(string name)
    {
        Line($".SH \"{Escape(name)}\"");
        _isAtSection = true;
    }

    // A section begins a paragraph by itself.
    private void Paragraph()
    {
        if (!_isAtSection)
            Line(".PP");
    }

    private void Usage(string form)
    {
        Paragraph();
        Line($".B {Escape(form)}");
    }

    private void Item(string name, string meaning)
    {
        Line($".TP\n.B {Escape(name)}");
        Text(meaning);
    }

    private void Lines(IReadOnlyList<string> lines)
    {
        Paragraph();
        Line(".RS 4\n.nf");
        foreach (var line in lines)
            Line(Escape(line));
        Line(".fi\n.RE");
    }

    // Lines of the source are short, and none may begin with a dot: it would be a request.
    private void Text(string text)
    {
        var line = "";
        foreach (var word in Escape(text).Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > SourceColumns)
            {
                Line(line);
                line = "";
            }
            line += line.Length > 0 ? " " + word : word is ['.', ..] ? "\\&" + word : word;
        }
        Line(line);
    }

    private void Line(string line)
    {
        _text.Append(line).Append('\n');
        _isAtSection = false;
    }

    private static string Escape(string text) => text.Replace("\\", "\\e", StringComparison.Ordinal)
        .Replace("-", "\\-", StringComparison.Ordinal).Replace("'", "\\(aq", StringComparison.Ordinal);
}
