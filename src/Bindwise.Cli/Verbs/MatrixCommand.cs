using Bindwise.Cli.Verbs.Lab;
using Bindwise.Lab.Drawing.Grids;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Matrices;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;
using Bindwise.Rendering.Matrices;

namespace Bindwise.Cli.Verbs;

/// <param name="Verifies">Play the cells of Linux on the running kernel.</param>
/// <param name="ShowsRules">Tell the rules with their sources, and the facts.</param>
/// <param name="IsWhole">Also the rows in which the systems agree.</param>
internal sealed record MatrixRequest(MatrixPlan Plan, bool Verifies = false, bool IsJson = false, bool IsSvg = false, bool IsAscii = false,
    bool ShowsRules = false, bool IsWhole = false);

internal sealed class MatrixCommand : Verb
{
    public const string Name = "matrix";
    public const string Description = "Show which two sockets can share a port, on Linux and elsewhere.";

    private readonly ValueOption _on = new ValueOption("--on", "SYSTEMS",
        $"One or more of {PlatformProfiles.Names}, with commas, or all ({MatrixQuestion.UsualSystems}). With several: where they differ. "
            + "Default: linux.").Offering([.. PlatformProfiles.All.Select(static platform => platform.Id), "all"]);
    private readonly ValueOption _first = new("--first", "SOCKET",
        "The socket that is there first, as \"tcp reuseaddr 0.0.0.0 listen\". Words: tcp udp reuseaddr reuseport reuseport_lb exclusive "
            + "v6only dual root, user N, an address with or without a port, bound listen connected time-wait.");
    private readonly ValueOption _second = new("--second", "SOCKET",
        "The socket that asks, in the same words; with listen it also calls listen(). With --first: one pair, answered in sentences.");
    private readonly ValueOption _addresses = new ValueOption("--addresses", "LIST",
        "The addresses of both, with commas: few (default), all (adds an IPv6-only [::] and v4-mapped ones), or addresses such as "
            + "0.0.0.0,[::1].").Offering(["few", "all"]);
    private readonly ValueOption _options = new("--options", "LIST",
        "The options of both, with commas, a grid for each: none, reuseaddr, reuseport, reuseaddr+reuseport, or first/second where they "
            + "differ, as reuseaddr/none. Default: none,reuseaddr,reuseport.");
    private readonly ValueOption _state = new ValueOption("--state", "STATE",
        "The first socket is bound, listening, connected or time-wait. Default: listening for linux alone, else bound, since not every "
            + "source describes the states.").Offering(MatrixWords.AllStates);
    private readonly Flag _listen = new("--listen", "The second socket also calls listen().");
    private readonly ValueOption _user = new ValueOption("--user", "WHO",
        "The second socket belongs to the same user (default) or to another one: same or other. Neither is root.").Offering(
            ["same", "other"]);
    private readonly Flag _udp = new("--udp", "Ask about UDP instead of TCP.");
    private readonly KernelOption _kernel =
        new($"For linux: the rules of this release, as 6.1. Default: {KernelRelease.Documented}, with --verify the running kernel's.");
    private readonly Flag _whole = new("--whole", "With several systems: also show the rows where all agree.");
    private readonly Flag _rules =
        new("--rules", "Show each rule that decided, its source and how sure it is, and other facts about the system.");
    private readonly Flag _verify =
        new("--verify", "Play every cell of linux on the running kernel, each in a network namespace of its own.");
    private readonly Flag _json = new("--json", "Print one line of JSON.");
    private readonly Flag _svg = new("--svg", "Write an SVG picture to standard output.");
    private readonly Flag _ascii = new("--ascii", "Use only ASCII. Default: as the locale allows.");
    private readonly Argument<string[]> _rest = new("words") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };

    public MatrixCommand()
        : base(Name, Description)
    {
        Take(_on, _first, _second, _addresses, _options, _state, _listen, _user, _udp, _kernel, _whole, _rules, _verify, _json, _svg,
            _ascii, _rest);
        Command.SetAction(static _ => 0);
    }

    public override VerbRun Read(ParseResult parsed)
    {
        if (parsed.GetValue(_rest) is [var word, ..])
            throw new UsageException($"unexpected \"{word}\": name a socket after --first or --second, in quotes");
        var kernel = _kernel.Read(parsed);
        var question = new MatrixQuestion
        {
            On = parsed.GetValue(_on),
            First = parsed.GetValue(_first),
            Second = parsed.GetValue(_second),
            Addresses = parsed.GetValue(_addresses),
            Options = parsed.GetValue(_options),
            State = parsed.GetValue(_state),
            Listens = parsed.GetValue(_listen),
            User = parsed.GetValue(_user),
            IsUdp = parsed.GetValue(_udp),
        };
        var platforms = question.Platforms(kernel, out var noSystem);
        if (noSystem is not null)
            throw new UsageException(noSystem);
        if (parsed.GetValue(_verify) && !platforms.OfType<LinuxProfile>().Any())
            throw new UsageException("--verify plays the cells of linux: add linux to --on");
        if (kernel is null && parsed.GetValue(_verify) && OperatingSystem.IsLinux())
            platforms = question.Platforms(RunningKernel.Read(), out _);
        var plan = question.Plan(platforms);
        if (plan.Value is null)
            throw new UsageException(plan.Error!);
        var request = new MatrixRequest(plan.Value)
        {
            Verifies = parsed.GetValue(_verify),
            IsJson = parsed.GetValue(_json),
            IsSvg = parsed.GetValue(_svg),
            IsAscii = parsed.GetValue(_ascii) || !Charset.IsUnicode(),
            ShowsRules = parsed.GetValue(_rules),
            IsWhole = parsed.GetValue(_whole),
        };
        Flag.AllowOne(parsed, _json, _svg, _ascii);
        return (output, errors) => new MatrixRun(request, output, errors).Show();
    }

    private const string Reading =
        "Each row is the socket that is there first, each column the one that asks. Both belong to the same ordinary user, and the "
            + "addresses count as the host's own. The cells of linux follow the rules of this program; --verify plays them on the running "
            + "kernel. Those of the other systems follow their documents and sources and are not run. Where no source says, the cell says "
            + "unknown: bindwise never guesses.";

    public override HelpPage Help =>
        new HelpPage("bindwise matrix: show which two sockets can share a port, on Linux and on other systems.")
            .Examples(
                "bindwise matrix",
                "bindwise matrix --on all",
                "bindwise matrix --state listening --listen --verify",
                "bindwise matrix --first \"tcp reuseaddr 0.0.0.0 listen\" --second \"tcp 127.0.0.1\" --on all",
                "bindwise matrix --on macos --user other --options none,reuseport --rules",
                "bindwise matrix --on linux,windows --svg > matrix.svg")
            .Usage("bindwise matrix [options]")
            .Parameters(Command)
            .Text(Reading)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "shown; with --verify: the kernel agrees in every cell"),
                (ExitCode.Negative, "with --verify: the kernel disagrees"),
                (ExitCode.Error, "wrong usage, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));
}

internal sealed class MatrixRun(MatrixRequest request, AnswerStream output, ErrorLines errors)
{
    // Room for a line of a picture that people put beside text.
    private const int SvgColumns = 110;

    // From here on the rules' ids stand in the cells.
    private const int WidthForRules = 100;

    // More say no more.
    private const int MostDifferences = 20;

    private readonly MatrixPlan _plan = request.Plan;

    public ExitCode Show()
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = Interruption.Cancels(cancellation, errors);
        MatrixCheck? check = null;
        if (request.Verifies)
        {
            if (Verify(cancellation.Token) is not { } verified)
                return ExitCode.Error;
            check = verified;
        }
        if (cancellation.IsCancellationRequested)
            return ExitCode.Interrupted;
        if (request.IsJson)
            WriteJson(check);
        else if (request.IsSvg)
            output.Write(SvgPicture.Write(MatrixPicture.Of(Grids(SvgColumns),
                HasOthers ? MatrixGrids.Legend(Cells()).Add(NotRun) : MatrixGrids.Legend(Cells()), SvgColumns)));
        else
            WriteText(check);
        return ExitOf(check);
    }

    private bool HasOthers => _plan.Platforms.Any(static platform => platform is not LinuxProfile);
    private string NotRun => _plan.Linux is null ? "Documented, not run."
        : request.Verifies ? "All but Linux: documented, not run." : "By the rules, not run; --verify plays those of Linux.";

    private ImmutableArray<MatrixCell> Cells() => [.. _plan.Platforms.SelectMany(platform => _plan.CellsOf(platform).AsEnumerable())];

    private MatrixCheck? Verify(CancellationToken cancellation)
    {
        try
        {
            if (LabHosts.Open(PlayOn.Kernel, errors) is null)
                return null;
            return MatrixCheck.Play(_plan.CellsOf(_plan.Linux!), cancellation);
        }
        catch (LiveUnavailableException exception)
        {
            errors.Write(exception.Message);
            return null;
        }
    }

    private static ExitCode ExitOf(MatrixCheck? check) => (check?.Differences ?? [])
        .Select(static difference => difference.IsFault ? ExitCode.Error : ExitCode.Negative).Aggregate(ExitCode.Success, ExitCodes.Worst);

    private void WriteJson(MatrixCheck? check) => output.WriteLine(line => MatrixJson.Write(line, _plan.Platforms, Cells(),
        check is null ? null : new MatrixVerdict(
            Kernel, check.Played, check.Skipped, [.. check.Differences.Select(static difference => (difference.Cell, difference.Found))])));

    private ImmutableArray<Grid> Grids(int columns) => _plan.Platforms.Length > 1
        ? MatrixGrids.Compare(_plan, request.IsWhole || _plan.IsPair)
        : MatrixGrids.Of(_plan, _plan.Platforms[0], showsRules: request.ShowsRules || columns >= WidthForRules);

    private void WriteText(MatrixCheck? check)
    {
        var terminal = Terminal.Detect();
        var width = terminal.Width ?? MatrixText.DefaultWidth;
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        var cells = Cells();
        if (_plan.IsPair)
        {
            lines.AddRange(MatrixText.Pair(cells, width));
            if (request.ShowsRules)
                AddFacts(lines, width);
        }
        else
        {
            lines.AddRange(DrawnText.ToLines(
                TextPicture.Render(MatrixPicture.Of(Grids(width), MatrixGrids.Legend(cells), width), request.IsAscii)));
            if (request.ShowsRules)
            {
                lines.Add(new TextLine([]));
                lines.AddRange(MatrixText.Rules(cells, width));
                AddFacts(lines, width);
            }
        }
        if (HasOthers)
        {
            var more = request.ShowsRules || _plan.IsPair ? "" : " --rules shows the rules and their sources.";
            lines.AddRange(Note(NotRun + more, width));
        }
        if (check is not null)
            AddCheck(lines, check, width);
        var text = TextOutput.Format(lines.ToImmutable(), terminal.IsColoured);
        output.Write(request.IsAscii ? ToAscii(text) : text);
    }

    private void AddFacts(ImmutableArray<TextLine>.Builder lines, int width)
    {
        foreach (var platform in _plan.Platforms)
        {
            lines.Add(new TextLine([]));
            lines.AddRange(MatrixText.Facts(platform, width));
        }
    }

    private static void AddCheck(ImmutableArray<TextLine>.Builder lines, MatrixCheck check, int width)
    {
        // Those that could not be played mostly share one reason.
        var faults = check.Differences.Where(static difference => difference.IsFault)
            .GroupBy(static difference => difference.Found, StringComparer.Ordinal).ToList();
        var count = check.Played == 1 ? "1 cell" : $"{check.Played.ToString(CultureInfo.InvariantCulture)} cells";
        var skipped = check.Skipped == 0 ? "" : $" ({check.Skipped} left out: not an address, port or option of the lab's namespaces)";
        var differing = check.Differences.Count(static difference => !difference.IsFault);
        var result = check.Played == 0 ? "so nothing was checked."
            : differing == 0 ? "each as shown." : differing == 1 ? "1 differs:" : $"{differing} differ:";
        lines.AddRange(Note($"Played on Linux {Kernel}: {count}{skipped}, {result}", width));
        foreach (var difference in check.Differences.Where(static difference => !difference.IsFault).Take(MostDifferences))
            lines.AddRange(Note($"! {difference.Cell.First}, then {difference.Cell.Second}: {difference.Found}", width));
        foreach (var fault in faults.Take(MostDifferences))
            lines.AddRange(Note($"! {fault.Count()} could not be played: {fault.Key}", width));
    }

    private static string Kernel => OperatingSystem.IsLinux() ? RunningKernel.ReadName() : "";

    private static ImmutableArray<TextLine> Note(string text, int width) =>
        DrawnText.ToLines([.. Bindwise.Lab.Drawing.Pictures.Cells.Wrap(text, width)
            .Select(static line => new DrawnLine([new DrawnSpan(Tone.Dim, line)]))]);

    // The sentences of the rules hold a few signs beyond ASCII.
    private static string ToAscii(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var letter in text)
            plain.Append(char.IsAscii(letter) ? letter : letter == '§' ? "sec." : "?");
        return plain.ToString();
    }
}
