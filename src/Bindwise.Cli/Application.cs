using Bindwise.Cli.Verbs;
using Bindwise.Cli.Verbs.Lab;
using Bindwise.Cli.Verbs.Mcp;
using Bindwise.Linux.Threads;

namespace Bindwise.Cli;

internal sealed class Application(AnswerStream output, ErrorLines errors)
{
    private static readonly VerbEntry[] Verbs =
    [
        new(WhyCommand.Name, WhyCommand.Description, static () => new WhyCommand()),
        new(FreeCommand.Name, FreeCommand.Description, static () => new FreeCommand()),
        new(WaitCommand.Name, WaitCommand.Description, static () => new WaitCommand()),
        new(PickCommand.Name, PickCommand.Description, static () => new PickCommand()),
        new(RunCommand.Name, RunCommand.Description, static () => new RunCommand()),
        new(AuditCommand.Name, AuditCommand.Description, static () => new AuditCommand()),
        new(LsCommand.Name, LsCommand.Description, static () => new LsCommand()),
        new(WatchCommand.Name, WatchCommand.Description, static () => new WatchCommand()),
        new(ServeCommand.Name, ServeCommand.Description, static () => new ServeCommand()),
        new(RecordCommand.Name, RecordCommand.Description, static () => new RecordCommand()),
        new(HistoryCommand.Name, HistoryCommand.Description, static () => new HistoryCommand()),
        new(PlanCommand.Name, PlanCommand.Description, static () => new PlanCommand()),
        new(ExplainCommand.Name, ExplainCommand.Description, static () => new ExplainCommand()),
        new(MatrixCommand.Name, MatrixCommand.Description, static () => new MatrixCommand()) { IsSeldomNeeded = true },
        new(LabCommand.Name, LabCommand.Description, static () => new LabCommand()) { HasVerbs = true, IsSeldomNeeded = true },
        new(McpCommand.Name, McpCommand.Description, static () => new McpCommand()) { IsSeldomNeeded = true },
        new(CompletionCommand.Name, CompletionCommand.Description, static () => new CompletionCommand(Verbs!)) { IsSeldomNeeded = true },
        new(ManPageCommand.Name, ManPageCommand.Description, static () => new ManPageCommand(Verbs!)) { IsHidden = true },
        new(CompleteCommand.Name, CompleteCommand.Description, static () => new CompleteCommand()) { IsHidden = true },
    ];

    private static readonly VerbEntry[] ListedVerbs = [.. Verbs.Where(static entry => !entry.IsHidden)];
    private static readonly string[] AllNames = [.. Verbs.Select(static entry => entry.Name)];
    private static readonly string[] VerbNames = [.. ListedVerbs.Select(static entry => entry.Name)];

    public ExitCode Run(string[] arguments)
    {
        var first = ColourOption.Leading(arguments);
        switch (arguments[first..])
        {
            case []:
                return Show(ProgramHelp.Short(ListedVerbs));
            case ["--help" or "-h" or "-?" or HelpVerb.Name] or [HelpVerb.Name, HelpVerb.Name or "--help"]:
                return Show(ProgramHelp.Full(ListedVerbs));
            case ["--version" or "-V"]:
                return Show($"bindwise {ProgramVersion.Text} ({ProgramVersion.Build})\n");
            case [HelpVerb.Name, var verb, ..] when Find(verb) is null:
                return errors.Fail(HelpVerb.WhyNot(verb, VerbNames));
            case [not HelpVerb.Name, ..]
                when Find(arguments[first]) is null && MistakenVerb.Of(arguments.AsSpan(first), VerbNames) is { } mistake:
                return errors.Fail(mistake);
        }
        var line = VerbInsertion.Apply(HelpVerb.Replace(arguments, first, Verbs), first, AllNames);
        // The verb follows: it was there, or was put there.
        return Run(Find(line[first])!.Create(), line);
    }

    private static VerbEntry? Find(string word) => Array.Find(Verbs, entry => entry.Name == word);

    private ExitCode Run(Verb verb, string[] line)
    {
        if (verb.ProgramAt(line) is { } end)
            (line, verb.Program) = (line[..end], line[(line[end] == "--" ? end + 1 : end)..]);
        // No RootCommand, which brings a HelpOption and a VersionOption of its own.
        var root = new Command("bindwise") { verb.Command };
        root.Options.Add(ColourOption.Instance);
        // "@name" is an abstract UNIX socket, not a file with more arguments.
        var parsed = root.Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (verb.HelpFor(parsed) is { } help)
            return ParserFault.OfVerbs(parsed) is { } noVerb ? Misused(parsed, noVerb) : Show(help);
        if (ParserFault.OfValue(parsed, line) is { } value)
            return Misused(parsed, value);
        VerbRun run;
        try
        {
            run = verb.ReadNamed(parsed);
        }
        catch (UsageException exception)
        {
            return Misused(parsed, exception.Message);
        }
        var threads = verb.Named(parsed).NeededThreads;
        if (threads > 0 && OperatingSystem.IsLinux() && ResourceShortage.OfThreads(threads) is { } shortage)
            return errors.Fail(shortage);
        var code = run(output, errors);
        if (code == ExitCode.Interrupted)
            errors.WipeLine();
        return Written(code);
    }

    private ExitCode Show(HelpPage page) => Show(page.ToText(HelpPage.Columns));

    private ExitCode Show(string text)
    {
        output.Write(text);
        return Written(ExitCode.Success);
    }

    // Whatever a verb answers, an answer that is not whole is an error.
    private ExitCode Written(ExitCode code) => output.Fault is { } fault ? errors.Fail(fault) : code;

    private ExitCode Misused(ParseResult parsed, string message) =>
        errors.Fail($"{message} (see: bindwise {ParserFault.PathOf(parsed.CommandResult)} --help)");
}

/// <summary><c>bindwise 8080</c> means <c>bindwise why 8080</c>.</summary>
internal static class VerbInsertion
{
    /// <summary>
    /// The arguments with the verb in its place where none was given. A verb wins over a service of that name (<c>bindwise why NAME</c>
    /// always works).
    /// </summary>
    /// <param name="first">Where a verb would stand: after what holds for all verbs.</param>
    public static string[] Apply(string[] arguments, int first, IReadOnlyCollection<string> verbs) =>
        first < arguments.Length && verbs.Contains(arguments[first]) ? arguments
            : [.. arguments[..first], WhyCommand.Name, .. arguments[first..]];
}

/// <summary>The help of the whole program: short for who types its name alone, long for who asks for help.</summary>
internal static class ProgramHelp
{
    public static HelpPage Short(IReadOnlyCollection<VerbEntry> verbs) =>
        new HelpPage("bindwise explains \"Address already in use\": what holds a port, and what to do.")
            .Examples(
                "bindwise 8080",
                "bindwise why 127.0.0.1:5432 53/udp /run/app.sock",
                "bindwise why \"listen tcp :8080: bind: address already in use\"",
                "bindwise why 8080 --follow")
            .Entries("Verbs:", [.. verbs.Where(static verb => !verb.IsSeldomNeeded).Select(static verb => (verb.Name, verb.Description))])
            .Text("Seldom needed: " + string.Join(", ", verbs.Where(static verb => verb.IsSeldomNeeded).Select(static verb => verb.Name))
                + ". More: bindwise help [VERB]");

    public static HelpPage Full(IReadOnlyCollection<VerbEntry> verbs) =>
        new HelpPage("bindwise explains \"Address already in use\" and the other errors of bind(): what holds a port, an address or a UNIX "
            + "socket, why, and what to do.")
            .Examples(WhyHelp.Examples)
            .Usage("bindwise VERB ...", "bindwise TARGET..., which means bindwise why TARGET...")
            .Entries("Verbs:", Entries(verbs))
            .Entries("Options of every verb:",
            [
                (HelpPage.Spelling(ColourOption.Instance), ColourOption.Instance.Description!),
                ("-h, --help", "Show the help of the verb."),
                ("-V, --version", "Show the version; without a verb."),
            ])
            .ExitCodes(WhyHelp.ExitCodesHeading, WhyHelp.ExitCodes)
            .Text("More: bindwise help VERB");

    private static List<(string, string)> Entries(IReadOnlyCollection<VerbEntry> verbs) =>
        [.. verbs.Select(static verb => (verb.Name, verb.Description)), ("help", "Show the help, or that of a verb: bindwise help why.")];
}
