using System.Collections.Immutable;
using System.CommandLine;
using Bindwise.Cli.CommandLine;
using Bindwise.Cli.Output;
using Bindwise.Lab.Matrices;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Cli.Verbs.Matrix;

/// <summary>What <c>matrix</c> was asked, understood.</summary>
/// <param name="Plan">The questions.</param>
/// <param name="IsPair">One pair of sockets: answered in sentences.</param>
internal sealed record MatrixRequest(MatrixPlan Plan, bool IsPair)
{
    /// <summary>Play the cells of Linux on the running kernel.</summary>
    public bool Verifies { get; init; }

    /// <summary>One line of JSON.</summary>
    public bool IsJson { get; init; }

    /// <summary>An SVG file.</summary>
    public bool IsSvg { get; init; }

    /// <summary>Nothing but ASCII.</summary>
    public bool IsAscii { get; init; }

    /// <summary>Tell the rules with their sources, and the facts.</summary>
    public bool ShowsRules { get; init; }

    /// <summary>Also the rows in which the systems agree.</summary>
    public bool IsWhole { get; init; }
}

/// <summary><c>bindwise matrix</c>: two sockets on one port, on Linux and on other systems.</summary>
internal sealed class MatrixCommand : Verb
{
    public const string Name = "matrix";

    public const string Description = "Show which two sockets can share a port, on Linux and elsewhere.";

    private const string Usual = "linux, freebsd, macos, openbsd, windows, illumos";

    private readonly ValueOption _on = new ValueOption("--on", "SYSTEMS",
        $"One or more of {PlatformProfiles.Names}, with commas, or all ({Usual}). With several: where they differ. Default: "
            + "linux.").Offering([.. PlatformProfiles.All.Select(static platform => platform.Id), "all"]);
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

    /// <inheritdoc/>
    public override HelpPage Help => MatrixHelp.Of(Command);

    /// <inheritdoc/>
    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        if (UnknownOption.Among(parsed.GetValue(_rest) ?? [], Command) is { } unknown)
            return Fault(unknown);
        if (parsed.GetValue(_rest) is [var word, ..])
            return Fault($"unexpected \"{word}\": name a socket after --first or --second, in quotes");
        if (ReadPlatforms(parsed.GetValue(_on), out var platforms) is { } noSystem)
            return Fault(noSystem);
        var kernel = _kernel.Read(parsed, out var noKernel);
        if (noKernel is not null)
            return Fault(noKernel);
        if (kernel is not null && !platforms.Contains(PlatformProfiles.Linux))
            return Fault("--kernel is for linux: add linux to --on");
        if (parsed.GetValue(_verify) && !platforms.Contains(PlatformProfiles.Linux))
            return Fault("--verify plays the cells of linux: add linux to --on");
        if (kernel is null && parsed.GetValue(_verify) && OperatingSystem.IsLinux())
            kernel = RunningKernel.Read();
        if (kernel is { } release)
            platforms = platforms.Replace(PlatformProfiles.Linux, new LinuxProfile(release));
        if (ReadSockets(parsed, platforms.Length > 1 ? MatrixPlan.Fewest : MatrixPlan.Few, out var plan, out var isPair) is { } wrong)
            return Fault(wrong);
        var request = new MatrixRequest(plan with { Platforms = platforms }, isPair)
        {
            Verifies = parsed.GetValue(_verify),
            IsJson = parsed.GetValue(_json),
            IsSvg = parsed.GetValue(_svg),
            IsAscii = parsed.GetValue(_ascii) || !Charset.IsUnicode(),
            ShowsRules = parsed.GetValue(_rules),
            IsWhole = parsed.GetValue(_whole),
        };
        return request is { IsJson: true, IsSvg: true } || (request.IsSvg && parsed.GetValue(_ascii))
            ? Fault("--json, --svg and --ascii exclude each other: give one of them")
            : new ParseResult<VerbRun>((output, errors) => new MatrixRun(request, output, errors).Show());
    }

    private static string? ReadPlatforms(string? text, out ImmutableArray<PlatformProfile> platforms)
    {
        var found = ImmutableArray.CreateBuilder<PlatformProfile>();
        foreach (var name in (text switch { null => "linux", "all" => Usual, _ => text }).Split(',', StringSplitOptions.TrimEntries))
        {
            if (PlatformProfiles.Find(name) is not { } platform)
            {
                platforms = [];
                return $"--on {text}: \"{name}\" is not a known system: give {PlatformProfiles.Names}, or all";
            }
            if (!found.Contains(platform))
                found.Add(platform);
        }
        platforms = found.ToImmutable();
        return null;
    }

    private string? ReadSockets(ParseResult parsed, ImmutableArray<MatrixSocket> usual, out MatrixPlan plan, out bool isPair)
    {
        (plan, isPair) = (new MatrixPlan(), false);
        if (ReadAddresses(parsed.GetValue(_addresses), usual, out var places) is { } noAddress)
            return noAddress;
        if (ReadSpec(parsed.GetValue(_first), "--first", out var given) is { } badFirst)
            return badFirst;
        if (ReadSpec(parsed.GetValue(_second), "--second", out var asking) is { } badSecond)
            return badSecond;
        isPair = given is not null && asking is not null;
        var isUdp = parsed.GetValue(_udp) || given?.Protocol == Protocol.Udp || asking?.Protocol == Protocol.Udp;
        if (isPair && given!.Protocol != asking!.Protocol)
            return "one socket is TCP, the other UDP: they never conflict";
        if (isPair && given!.Port is { } one && asking!.Port is { } other && one != other)
            return "the sockets have different ports: they never conflict";
        var axes = new MatrixAxes(isUdp, parsed.GetValue(_state) ?? (isUdp || parsed.GetValue(_on) is not (null or "linux") ? "bound"
            : "listening"), parsed.GetValue(_listen), parsed.GetValue(_user));
        if (axes.Fault is { } fault)
            return fault;
        plan = plan with
        {
            Firsts = given is null ? [.. places.Select(axes.First)] : [given],
            Seconds = asking is null ? [.. places.Select(axes.Second)] : [asking]
        };
        if (given is not null || asking is not null)
        {
            plan = plan with { Settings = [] };
            return parsed.GetValue(_options) is null ? null
                : "--options is for the whole grid: with --first or --second, put the options into the words of the socket";
        }
        return ReadSettings(parsed.GetValue(_options), ref plan);
    }

    private static string? ReadSpec(string? text, string option, out MatrixSocket? socket)
    {
        socket = null;
        if (text is null)
            return null;
        var read = MatrixSpec.Read(text);
        socket = read.Value;
        return read.Error is { } error ? $"{option}: {error}" : null;
    }

    private static string? ReadAddresses(string? text, ImmutableArray<MatrixSocket> usual, out ImmutableArray<MatrixSocket> places)
    {
        places = usual;
        if (text is null or "few")
            return null;
        if (text == "all")
        {
            places = MatrixPlan.All;
            return null;
        }
        var found = ImmutableArray.CreateBuilder<MatrixSocket>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var read = MatrixSpec.Read(word);
            if (read.Value is not { Port: null, Options: MatrixOptions.None } socket || found.Count == MatrixAxes.MostAddresses)
                return "--addresses: " + (read.Value is null ? read.Error
                    : found.Count == MatrixAxes.MostAddresses ? $"at most {MatrixAxes.MostAddresses} addresses"
                    : "addresses alone, as in: 0.0.0.0,v6only [::]");
            found.Add(socket);
        }
        places = found.ToImmutable();
        return null;
    }

    private static string? ReadSettings(string? text, ref MatrixPlan plan)
    {
        if (text is null)
            return null;
        var settings = ImmutableArray.CreateBuilder<(MatrixOptions, MatrixOptions)>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var sides = word.Split('/');
            if (sides.Length > 2 || MatrixAxes.OptionsOf(sides[0]) is not { } one || MatrixAxes.OptionsOf(sides[^1]) is not { } two)
                return $"--options: \"{word}\" is not a set of options; give none or {string.Join(", ", MatrixWords.AllOptions)}, joined "
                    + "by +, of both or as first/second";
            settings.Add((one, two));
        }
        plan = plan with { Settings = settings.ToImmutable() };
        return null;
    }
}

/// <summary>The help of <c>matrix</c>.</summary>
internal static class MatrixHelp
{
    private const string Reading =
        "Each row is the socket that is there first, each column the one that asks. Both belong to the same ordinary user, and the "
            + "addresses count as the host's own. "
        + "The cells of linux follow the rules of this program; --verify plays them on the running kernel. Those of the other systems "
            + "follow their documents and sources and are not run. "
        + "Where no source says, the cell says unknown: bindwise never guesses.";

    public static HelpPage Of(Command matrix) =>
        new HelpPage("bindwise matrix: show which two sockets can share a port, on Linux and on other systems.")
            .Examples(
                "bindwise matrix",
                "bindwise matrix --on all",
                "bindwise matrix --state listening --listen --verify",
                "bindwise matrix --first \"tcp reuseaddr 0.0.0.0 listen\" --second \"tcp 127.0.0.1\" --on all",
                "bindwise matrix --on macos --user other --options none,reuseport --rules",
                "bindwise matrix --on linux,windows --svg > matrix.svg")
            .Usage("bindwise matrix [options]")
            .Parameters(matrix)
            .Text(Reading)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "shown; with --verify: the kernel agrees in every cell"),
                (ExitCode.Negative, "with --verify: the kernel disagrees"),
                (ExitCode.Error, "wrong usage, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));
}
