using Bindwise.Linux.Processes;
using Bindwise.Linux.Terminals;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs;

internal sealed record WaitLine
{
    /// <summary>The targets as typed; <c>-</c> stands for an error text on standard input.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    public required PortQuery Query { get; init; }

    public WaitCondition Until { get; init; }
    public bool Connects { get; init; }
    public bool Any { get; init; }

    public TimeSpan? Timeout { get; init; }

    public bool Json { get; init; }

    public bool Quiet { get; init; }

    public IReadOnlyList<string>? Program { get; init; }
}

internal sealed class WaitCommand : Verb
{
    public const string Name = "wait";
    public const string Description = "Wait until a port is free or listened on; then run a command.";

    private readonly Argument<string[]> _targets = new("TARGET")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "What bindwise why takes: a port or an address (8080, 127.0.0.1:8080, localhost:5432, 53/udp), a URL, a UNIX socket, "
            + "an error text in quotes; or - to read one from standard input.",
    };

    private readonly ChoiceOption<WaitCondition> _until = new("--until", "STATE",
        "free (default): it can be bound; listening: something listens on it and takes connections; closed: nothing listens on it, though "
            + "TIME_WAIT may still keep the port.",
        "not a condition", WaitOutcomes.Conditions);

    private readonly Flag _connect = new("--connect",
        "With --until listening: also connect, and close the connection at once. For another host's address the connection alone counts.");
    private readonly TimeOption _timeout =
        new("--timeout", "Give up after this time, with exit code 1: 500ms, 10s, 2m or 1h; a number alone is seconds.", "-t");
    private readonly Flag _any = new("--any", "With several targets: one is enough. Otherwise all of them at the same time.");
    private readonly BindingOptions _binding = new();
    private readonly SubjectOptions _subject = new();
    private readonly Flag _noProbe = new("--no-probe", "Never try a real bind(): answer from the socket table and the rules alone.");
    private readonly Flag _portable = new("--portable", "Use only what .NET itself can see, as on macOS and Windows.");
    private readonly Flag _json = new("--json", "Print one line of JSON per target when the waiting is over.");
    private readonly Flag _quiet = new("--quiet", "Print only errors; the exit code is the answer.", "-q");

    public WaitCommand()
        : base(Name, Description) =>
        Take([_targets, _until, _connect, _timeout, _any, .. _binding.All, .. _subject.All, _noProbe, _portable, _json, _quiet]);

    public override bool TakesProgram => true;

    public override VerbRun Read(ParseResult parsed)
    {
        var line = Understand(parsed);
        return (output, errors) => Run(line, output, errors);
    }

    // The signal must be the program's own again before this process becomes it.
    private static ExitCode Run(WaitLine line, AnswerStream output, ErrorLines errors)
    {
        var run = new WaitRun(line, output, errors);
        var code = Interruption.Ends(errors, run.Wait);
        return code == ExitCode.Success && line.Program is not null ? run.Become() : code;
    }

    private WaitLine Understand(ParseResult parsed)
    {
        var until = _until.Read(parsed);
        var options = _binding.Read(parsed);
        var program = _subject.Read(parsed, isFromFile: false);
        var line = new WaitLine
        {
            Targets = [.. parsed.GetValue(_targets) ?? []],
            Query = new PortQuery
            {
                Target = WhyRequest.NoTarget,
                Options = options,
                As = program,
                MayProbe = !parsed.GetValue(_noProbe),
                Portable = parsed.GetValue(_portable)
            },
            Until = until ?? WaitCondition.Free,
            Connects = parsed.GetValue(_connect),
            Any = parsed.GetValue(_any),
            Timeout = _timeout.Read(parsed),
            Json = parsed.GetValue(_json),
            Quiet = parsed.GetValue(_quiet),
            Program = Program,
        };
        return WhyNot(line) is { } wrong ? throw new UsageException(wrong) : line;
    }

    private static string? WhyNot(WaitLine line)
    {
        if (line.Targets.Length == 0)
            return "no target given: name one, as in: bindwise wait 8080";
        if (line.Targets.Count(static target => target == "-") > 1)
            return "- was given twice, but standard input can be read only once";
        if (line.Connects && line.Until != WaitCondition.Listening)
            return "--connect tries a listener: it needs --until listening";
        if (line.Program is { Count: 0 } or ["", ..])
            return ParserFault.NoProgram(line.Program, " after --") + ": leave it out, or name one, as in: bindwise wait 8080 -- npm start";
        return line.Program is not null && !OperatingSystem.IsLinux()
            ? "a command after -- needs Linux: use the exit code, as in: bindwise wait 8080 && npm start" : null;
    }

    private const string Waking =
        "It sleeps until the kernel reports that a socket in the way was closed, and checks about 50 times a second for what the kernel "
            + "does not report: a new listener, the end of a TIME_WAIT. "
        + "It ends no process and reserves nothing: another program can take the port first.";

    private const string Becoming =
        "With a command after --, bindwise becomes that command (exec): its process id, exit code, signals and terminal are the command's "
            + "own, and standard input is not touched.";

    public override HelpPage Help =>
        new HelpPage("bindwise wait: wait until a port can be bound, until something listens on it, or until nothing does.")
            .Examples(
                "bindwise wait 8080",
                "bindwise wait 8080 --timeout 30s -- python3 -m http.server 8080",
                "bindwise wait --until listening localhost:5432 --timeout 1m",
                "bindwise wait --until listening --connect localhost:5432 -t 2s",
                "bindwise wait --until closed 3000 --plain -q",
                "bindwise wait --any 8080 8081 --json")
            .Usage("bindwise wait [options] TARGET... [-- COMMAND...]")
            .Parameters(Command)
            .Text(Waking)
            .Text(Becoming)
            .ExitCodes("Exit codes (with a command that was started: the command's own):",
                (ExitCode.Success, "the condition is met"),
                (ExitCode.Negative, "the timeout expired first"),
                (ExitCode.Error, "wrong usage, or the system failed"),
                (ExitCode.NotExecutable, "the command cannot be executed"),
                (ExitCode.NotFound, "the command was not found"),
                (ExitCode.Interrupted, "interrupted"));
}

/// <summary>
/// One run of <c>wait</c>. All that is told of the waiting goes to standard error: standard output is for JSON and for the command.
/// </summary>
internal sealed class WaitRun(WaitLine line, AnswerStream output, ErrorLines errors)
{
    /// <summary>Between two looks at what the line says.</summary>
    private static readonly TimeSpan DrawPace = TimeSpan.FromMilliseconds(200);

    private const int DefaultColumns = 80;

    private readonly DateTimeOffset _since = DateTimeOffset.Now;
    private readonly bool _isDrawing = !line.Quiet && !line.Json && Terminal.CanRedrawErrors;
    private TimeSpan _drawnAt = -DrawPace;
    private string _drawn = "";
    private bool _isReported = line.Quiet || line.Json;
    private string? _reportedSummary;

    /// <exception cref="OperationCanceledException">Ctrl+C.</exception>
    public ExitCode Wait(CancellationToken cancellation)
    {
        if (ReadQueries() is not { } queries)
            return ExitCode.Error;
        var request = new WaitRequest
        {
            Queries = queries,
            Until = line.Until,
            Connects = line.Connects,
            Any = line.Any,
            Timeout = line.Timeout
        };
        WaitReport report;
        try
        {
            report = new PortWaiter(request, Show, cancellation).Run();
        }
        catch (PortQueryException exception)
        {
            Wipe();
            return errors.Fail(exception.Message + exception.OptionHint);
        }
        Wipe();
        return Print(report);
    }

    /// <summary>Becomes the command; returns only where that does not work.</summary>
    public ExitCode Become()
    {
        if (!OperatingSystem.IsLinux())
            return ExitCode.Error;
        var typed = line.Program!;
        // As bytes: what was typed need not be UTF-8.
        var why = ProcessReplacement.Become(RawArguments.Read(typed.Count) ?? [.. typed.Select(Encoding.UTF8.GetBytes)], out var exitCode);
        errors.Write($"{typed[0]}: {why}");
        return (ExitCode)exitCode;
    }

    private ImmutableArray<PortQuery>? ReadQueries()
    {
        var queries = ImmutableArray.CreateBuilder<PortQuery>();
        foreach (var typed in TypedTargets.Read(line.Targets, isFollowing: false))
        {
            if (typed.Target is not { } target)
            {
                errors.Write(typed.Error!);
                return null;
            }
            queries.Add(line.Query with { Target = target });
            if (typed.Note is { } note)
                errors.Write(note);
        }
        if (WhyNot(queries) is not { } wrong)
            return queries.ToImmutable();
        errors.Write(wrong);
        return null;
    }

    // What only the targets tell, in the words of the command line.
    private string? WhyNot(ImmutableArray<PortQuery>.Builder queries) =>
        queries.Count > WaitRequest.MostTargets
            ? $"{queries.Count} targets are too many: {WaitRequest.MostTargets} at most, run it again for the others"
        : line.Connects && queries.Any(static one => one.Target.Protocol == Protocol.Udp)
            ? "UDP has no connections to try: leave out --connect, or ask for a TCP port"
        : null;

    private void Show(WaitProgress progress)
    {
        if (_isDrawing ? progress.Elapsed - _drawnAt < DrawPace : _isReported)
            return;
        _drawnAt = progress.Elapsed;
        var open = progress.Targets.Where(static one => one.MetAfter is null).ToList();
        var first = WaitOutcomes.Of(open[0], line.Until, progress.Elapsed);
        if (!_isDrawing)
        {
            _isReported = true;
            _reportedSummary = first.Diagnosis?.Summary;
            errors.Write(WaitText.Sentence(first, open.Count - 1));
            return;
        }
        var columns = (OperatingSystem.IsLinux() ? TerminalWidth.OfStandardError() : null) ?? Terminal.Detect().Width ?? DefaultColumns;
        var text = FollowText.Fit(WaitText.Line(first, open.Count - 1, DateTimeOffset.Now, _since), columns - ProgressLine.Spare);
        if (text == _drawn)
            return;
        errors.Overwrite(text);
        _drawn = text;
    }

    private void Wipe()
    {
        if (_drawn.Length > 0)
            errors.Overwrite("");
        _drawn = "";
    }

    private ExitCode Print(WaitReport report)
    {
        var outcomes = report.Targets.Select(target => WaitOutcomes.Of(target, line.Until, report.Waited)).ToList();
        if (line.Json)
            WriteJson(outcomes);
        else if (report.IsMet && !line.Quiet && line.Program is null)
            outcomes.Where(static one => one.IsMet).ToList().ForEach(one => errors.Write(WaitText.Met(one)));
        else if (!report.IsMet && !line.Quiet)
            errors.Write(WaitText.TimedOut(outcomes.Find(static one => !one.IsMet)!, outcomes.Count(static one => !one.IsMet) - 1,
                _reportedSummary));
        return report.IsMet ? ExitCode.Success : ExitCode.Negative;
    }

    private void WriteJson(List<WaitOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
            output.WriteLine(line => WaitJson.Write(line, outcome));
    }
}

internal static class WaitOutcomes
{
    /// <summary>The states that can be waited for, by the names that people give them.</summary>
    public static (string Name, WaitCondition Condition)[] Conditions { get; } =
        [("free", WaitCondition.Free), ("listening", WaitCondition.Listening), ("closed", WaitCondition.Closed)];

    public static WaitOutcome Of(WaitTarget target, WaitCondition until, TimeSpan elapsed) =>
        new(target.Target, target.Port, NameOf(until), IsMet: false, elapsed)
        {
            Diagnosis = target.Diagnosis,
            Listeners = target.Listeners,
            ConnectFault = target.ConnectFault,
        };

    public static WaitOutcome Of(WaitedTarget target, WaitCondition until, TimeSpan elapsed) =>
        new(target.Target, target.Port, NameOf(until), target.IsMet, target.MetAfter ?? elapsed)
        {
            Diagnosis = target.Diagnosis,
            Listeners = target.Listeners,
            ConnectFault = target.ConnectFault,
        };

    private static string NameOf(WaitCondition condition) => Array.Find(Conditions, one => one.Condition == condition).Name;
}
