using Bindwise.Cli.Verbs.Why;

namespace Bindwise.Cli.Verbs.Wait;

/// <summary>What <c>wait</c> was asked on the command line, understood.</summary>
internal sealed record WaitLine
{
    /// <summary>The targets as typed; <c>-</c> stands for an error text on standard input.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>What is asked about each of them, which takes the place of its target.</summary>
    public required PortQuery Query { get; init; }

    public WaitCondition Until { get; init; }
    public bool Connects { get; init; }
    public bool Any { get; init; }

    /// <summary>When to give up; null: never.</summary>
    public TimeSpan? Timeout { get; init; }

    public bool Json { get; init; }

    /// <summary>Nothing but faults.</summary>
    public bool Quiet { get; init; }

    public IReadOnlyList<string>? Program { get; init; }
}

/// <summary><c>bindwise wait</c>: its arguments and options.</summary>
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

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var line = Understand(parsed);
        return line.IsSuccess ? new ParseResult<VerbRun>((output, errors) => Run(line.Value!, output, errors))
            : new ParseResult<VerbRun>(null, line.Error);
    }

    private static ExitCode Run(WaitLine line, AnswerStream output, ErrorLines errors)
    {
        var run = new WaitRun(line, output, errors);
        var code = Wait(run, errors);
        return code == ExitCode.Success && line.Program is not null ? run.Become() : code;
    }

    // The signal must be the program's own again before this process becomes it.
    private static ExitCode Wait(WaitRun run, ErrorLines errors)
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = Interruption.Cancels(cancellation, errors);
        try
        {
            return run.Wait(cancellation.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private ParseResult<WaitLine> Understand(ParseResult parsed)
    {
        var targets = parsed.GetValue(_targets) ?? [];
        var until = _until.Read(parsed, out var fault);
        if (fault is not null)
            return Fault(fault);
        var options = _binding.Read(parsed, out fault);
        if (fault is not null)
            return Fault(fault);
        var program = _subject.Read(parsed, isFromFile: false, out fault);
        if (fault is not null)
            return Fault(fault);
        var timeout = _timeout.Read(parsed, out fault);
        if (fault is not null)
            return Fault(fault);
        var line = new WaitLine
        {
            Targets = [.. targets],
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
            Timeout = timeout,
            Json = parsed.GetValue(_json),
            Quiet = parsed.GetValue(_quiet),
            Program = Program,
        };
        return WhyNot(line) is { } wrong ? Fault(wrong) : new ParseResult<WaitLine>(line);
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
            return "no command given after --: leave it out, or name one, as in: bindwise wait 8080 -- npm start";
        return line.Program is not null && !OperatingSystem.IsLinux()
            ? "a command after -- needs Linux: use the exit code, as in: bindwise wait 8080 && npm start" : null;
    }

    private static new ParseResult<WaitLine> Fault(string message) => new(null, message);

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
