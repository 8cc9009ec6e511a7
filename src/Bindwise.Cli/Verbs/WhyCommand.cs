namespace Bindwise.Cli.Verbs;

internal sealed class WhyCommand : Verb
{
    public const string Name = "why";
    public const string Description = "Explain why a port, address or UNIX socket is taken or free.";

    private readonly Argument<string[]> _targets = new("TARGET")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A port or address (8080, 127.0.0.1:8080, '[::1]:8080', localhost:8080, '[fe80::1%eth0]:8080') or a service name "
            + "(http), with /udp for UDP; a URL; a UNIX socket (/run/app.sock, @name); an error text in quotes; or - to read one from "
            + "standard input.",
    };

    private readonly BindingOptions _binding = new();
    private readonly SubjectOptions _subject = new();
    private readonly Flag _noProbe = new("--no-probe", "Never try a real bind(): answer from the socket table and the rules alone.");
    private readonly Flag _follow =
        new("--follow", "Wait until it is free: count down on a terminal, and say when it is free. Ctrl+C ends it. With --json: one line "
            + "per change.", "-f");
    private readonly Flag _portable = new("--portable", "Use only what .NET itself can see, as on macOS and Windows: no owners, no rules.");
    private readonly Flag _json = new("--json", "Print one line of JSON per target.");
    private readonly Flag _quiet = new("--quiet", "Print only the first line, the answer.", "-q");
    private readonly Flag _verbose =
        new("--verbose", "Print all the evidence: rules, attempts, sockets, what the search saw and how long it took.", "-v");
    private readonly Flag _showSecrets =
        new("--show-secrets", "Show passwords, tokens and keys on command lines. Otherwise they are masked (***).");

    private readonly ValueOption _saveSnapshot = new("--save-snapshot", "FILE",
        "Save everything the answer is based on, for a bug report. It contains command lines, with known secrets masked: read it before "
            + "you share it.");

    private readonly ValueOption _snapshot = new("--snapshot", "FILE",
        "Answer from a saved snapshot, on any system. Without TARGET: everything that was asked then.");

    private readonly MomentOption _at = new("--at",
        "Answer for that moment, from what bindwise record kept: 2026-11-24T03:12:07, 03:12 (the most recent one), or 90s, 5m, 2h, 3d "
            + "ago.");

    private readonly StoreOption _directory = new();

    private readonly ValueOption _via = new ValueOption("--via", "ssh",
        "Ask another host, by your own ssh: bindwise why web1:8080 --via ssh runs the bindwise of web1 there.").Offering("ssh");

    public WhyCommand()
        : base(Name, Description) =>
        Take([_targets, .. _binding.All, .. _subject.All, _noProbe, _portable, _follow, _json, _quiet, _verbose, _showSecrets,
            _saveSnapshot, _snapshot, _at, _directory, _via]);

    private const string Options =
        "Nearly every TCP server on Linux sets SO_REUSEADDR: Node.js, Go, Java, .NET, nginx and Python's http.server do. So bindwise "
            + "answers for such a server, unless you say otherwise: --plain asks for a socket without options. For an error text "
            + "that you paste, the answer is for the program that wrote it.";

    private const string Probing =
        "bindwise confirms that a port is free without taking it. It makes a real bind() where the rules leave the answer open, as over "
            + "TIME_WAIT or with SO_REUSEPORT on a port that a socket has, and on the port that it proposes in place of a taken one. It "
            + "closes that socket at once, and never listens. That can get in the way of a server that starts in that same instant: "
            + "--no-probe switches it off.";

    public override HelpPage Help =>
        new HelpPage("bindwise why: explain why a port, an address or a UNIX socket is taken or free.")
            .Examples(WhyHelp.Examples)
            .Usage("bindwise why [options] TARGET...")
            .Parameters(Command)
            .Text(Options)
            .Text(Probing)
            .ExitCodes(WhyHelp.ExitCodesHeading, WhyHelp.ExitCodes);

    public override VerbRun Read(ParseResult parsed)
    {
        var request = Understand(parsed);
        return parsed.GetValue(_via) is { } way ? ReadRemote(parsed, request, way) : (output, errors) => Answer(request, output, errors);
    }

    internal static ExitCode Answer(ushort port, bool portable, AnswerStream output, ErrorLines errors) => Answer(
        new WhyRequest
        {
            Targets = [port.ToString(CultureInfo.InvariantCulture)],
            Question = new PortQuery { Target = WhyRequest.NoTarget, Portable = portable },
        },
        output,
        errors);

    private static ExitCode Answer(WhyRequest request, AnswerStream output, ErrorLines errors)
    {
        if (request.At is { } at)
            return new RecordedRun(request, output, errors).Answer(at);
        // Ctrl+C ends it after the line that counts down is wiped.
        if (request.Follow)
            return Interruption.Ends(errors, new WhyRun(request, output, errors).Answer);
        using var interruption = Interruption.EndsFirstProcess(errors);
        return new WhyRun(request, output, errors).Answer(CancellationToken.None);
    }

    private WhyRequest Understand(ParseResult parsed)
    {
        var options = _binding.Read(parsed);
        if (parsed.GetValue(_quiet) && parsed.GetValue(_verbose))
            throw new UsageException("--quiet and --verbose are opposites: give one of them");
        var program = _subject.Read(parsed, parsed.GetValue(_snapshot) is not null);
        var request = new WhyRequest
        {
            Targets = [.. parsed.GetValue(_targets) ?? []],
            Question = new PortQuery
            {
                Target = WhyRequest.NoTarget,
                Options = options,
                As = program,
                MayProbe = !parsed.GetValue(_noProbe),
                Portable = parsed.GetValue(_portable),
                ShowSecrets = parsed.GetValue(_showSecrets),
                Verbose = parsed.GetValue(_verbose),
            },
            Follow = parsed.GetValue(_follow),
            Json = parsed.GetValue(_json),
            Quiet = parsed.GetValue(_quiet),
            SaveSnapshot = parsed.GetValue(_saveSnapshot),
            Snapshot = parsed.GetValue(_snapshot),
            At = _at.Read(parsed, DateTimeOffset.Now),
            Directory = _directory.Read(parsed),
        };
        if (WhyNotAt(request, parsed.GetValue(_directory) is not null) is { } mistake)
            throw new UsageException(mistake);
        _ = _saveSnapshot.ReadFile(parsed);
        _ = _snapshot.ReadFile(parsed);
        if (request.Targets.Length == 0 && request.Snapshot is null)
            throw new UsageException("no target given: name one (bindwise why 8080), or paste an error text into bindwise why -");
        if (request.Follow && (request.Targets.Length != 1 || request.Snapshot is not null))
            throw new UsageException(request.Snapshot is null ? "--follow takes one target: run it once for each"
                : "--follow watches this system and cannot be used with --snapshot");
        return request.Targets.Count(target => target == "-") > 1
            ? throw new UsageException("- was given twice, but standard input can be read only once") : request;
    }

    private VerbRun ReadRemote(ParseResult parsed, WhyRequest request, string way)
    {
        if (way != "ssh")
            throw new UsageException($"--via {way} is not a way to another host: give ssh");
        if (request.Targets.Length != 1)
            throw new UsageException("--via ssh asks one host at a time: give one HOST:PORT");
        if (request.Follow || request.At is not null || request.Snapshot is not null || request.SaveSnapshot is not null)
            throw new UsageException(
                "--via ssh asks about the present: leave out --follow, --at, --snapshot and --save-snapshot");
        var remote = RemoteTarget.Parse(request.Targets[0]);
        if (remote.Value is not { } host)
            throw new UsageException(remote.Error!);
        ImmutableArray<string> options =
        [
            .. _binding.All.Concat([_noProbe, _portable, _json, _quiet, _verbose, _showSecrets]).OfType<Flag>()
                .Where(flag => parsed.GetValue(flag)).Select(static flag => flag.Name),
            .. _binding.All.OfType<ValueOption>().Concat(_subject.All).Where(option => parsed.GetValue(option) is not null)
                .Select(option => $"{option.Name}={parsed.GetValue(option)}"),
        ];
        return options.Any(static one => one.Any(char.IsControl))
            ? throw new UsageException("--via ssh passes no control characters on: leave them out")
            : (output, errors) =>
            {
                using var interruption = Interruption.EndsFirstProcess(errors);
                return new RemoteRun(host, options, request.Json, output, errors).Answer();
            };
    }

    private static string? WhyNotAt(WhyRequest request, bool hasDirectory) => request.At is null
        ? hasDirectory ? "--dir works only with --at: give both" : null
        : request.Follow ? "--at asks about the past, and --follow waits for what comes: give one of them"
        : request.Question.As is not null ? "--at answers for the program whose call failed then: leave out --user, --pid and the like"
        : request.Snapshot is not null || request.SaveSnapshot is not null || request.Question.Portable
            ? "--at answers from a record: leave out --snapshot, --save-snapshot and --portable" : null;
}

internal sealed record WhyRequest
{
    /// <summary>Stands in <see cref="Question"/> until the texts are read.</summary>
    public static readonly Target NoTarget = new() { Text = "", Protocol = Protocol.Tcp };

    /// <summary>The targets as typed; <c>-</c> stands for an error text on standard input.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    public required PortQuery Question { get; init; }

    public bool Follow { get; init; }

    public bool Json { get; init; }

    public bool Quiet { get; init; }

    public Detail Detail => Quiet ? Detail.Quiet : Question.Verbose ? Detail.Verbose : Detail.Normal;

    public string? SaveSnapshot { get; init; }

    public string? Snapshot { get; init; }

    public DateTimeOffset? At { get; init; }

    public string? Directory { get; init; }
}

internal static class WhyHelp
{
    public const string ExitCodesHeading = "Exit codes (with several targets the worst counts, in the order 2, 3, 1, 0):";

    public static readonly string[] Examples =
    [
        "bindwise why 8080",
        "bindwise why localhost:5432 '[::1]:8080' 53/udp",
        "bindwise why --plain 0.0.0.0:3000",
        "bindwise why 80 --user nobody",
        "bindwise why \"listen tcp :8080: bind: address already in use\"",
        "echo \"listen EADDRINUSE: address already in use :::3000\" | bindwise why -",
    ];

    public static readonly (ExitCode Code, string Meaning)[] ExitCodes =
    [
        (ExitCode.Success, "it can be bound; for TCP: by a server that sets SO_REUSEADDR"),
        (ExitCode.Negative, "it cannot be bound"),
        (ExitCode.Error, "wrong usage, or the system failed"),
        (ExitCode.Undetermined, "unknown: something that matters could not be read"),
        (ExitCode.Interrupted, "interrupted"),
    ];
}
