using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Lab.Matrices;

/// <summary>What is asked of a matrix, in the words of the options of <c>bindwise matrix</c>; null where nothing was said.</summary>
internal sealed record MatrixQuestion
{
    public const string UsualSystems = "linux, freebsd, macos, openbsd, windows, illumos";
    private const int MostSettings = 64;

    public string? On { get; init; }
    public string? First { get; init; }
    public string? Second { get; init; }
    public string? Addresses { get; init; }
    public string? Options { get; init; }
    public string? State { get; init; }
    public bool Listens { get; init; }
    public string? User { get; init; }
    public bool IsUdp { get; init; }

    /// <param name="kernel">The release of Linux that was asked for (--kernel); null for none.</param>
    public ImmutableArray<PlatformProfile> Platforms(KernelRelease? kernel, out string? fault)
    {
        var names = (On switch { null => "linux", "all" => UsualSystems, _ => On }).Split(',', StringSplitOptions.TrimEntries);
        if (Array.Find(names, static name => PlatformProfiles.Find(name) is null) is { } unknown)
        {
            fault = $"--on {On}: \"{unknown}\" is not a known system: give {PlatformProfiles.Names}, or all";
            return [];
        }
        var found = names.Select(static name => PlatformProfiles.Find(name)!).Distinct().ToImmutableArray();
        fault = kernel is not null && !found.Contains(PlatformProfiles.Linux) ? "--kernel is for linux: add linux to --on" : null;
        return kernel is { } release && fault is null ? found.Replace(PlatformProfiles.Linux, new LinuxProfile(release)) : found;
    }

    /// <summary>The question understood, or what is wrong with it, one line.</summary>
    public ParseResult<MatrixPlan> Plan(ImmutableArray<PlatformProfile> platforms)
    {
        if (ReadAddresses(platforms.Length > 1 ? MatrixPlan.Fewest : MatrixPlan.Few, out var places) is { } noAddress)
            return Fault(noAddress);
        if (ReadSocket(First, "--first", out var given) is { } badFirst)
            return Fault(badFirst);
        if (ReadSocket(Second, "--second", out var asking) is { } badSecond)
            return Fault(badSecond);
        if (given is not null && asking is not null && given.Protocol != asking.Protocol)
            return Fault("one socket is TCP, the other UDP: they never conflict");
        if (given?.Port is { } one && asking?.Port is { } other && one != other)
            return Fault("the sockets have different ports: they never conflict");
        var isUdp = IsUdp || given?.Protocol == Protocol.Udp || asking?.Protocol == Protocol.Udp;
        var axes = new MatrixAxes(isUdp, State ?? (isUdp || On is not (null or "linux") ? "bound" : "listening"), Listens, User);
        if (axes.Fault is { } fault)
            return Fault(fault);
        var plan = new MatrixPlan
        {
            Platforms = platforms,
            Firsts = given is null ? [.. places.Select(axes.First)] : [given],
            Seconds = asking is null ? [.. places.Select(axes.Second)] : [asking],
            IsPair = given is not null && asking is not null,
        };
        if (given is null && asking is null)
            return ReadSettings(plan);
        return Options is null ? new ParseResult<MatrixPlan>(plan with { Settings = [] })
            : Fault("--options is for the whole grid: with --first or --second, put the options into the words of the socket");
    }

    private static string? ReadSocket(string? text, string option, out MatrixSocket? socket)
    {
        socket = null;
        if (text is null)
            return null;
        var read = MatrixSpec.Read(text);
        socket = read.Value;
        return read.Error is { } error ? $"{option}: {error}" : null;
    }

    private string? ReadAddresses(ImmutableArray<MatrixSocket> usual, out ImmutableArray<MatrixSocket> places)
    {
        places = usual;
        if (Addresses is null or "few")
            return null;
        if (Addresses == "all")
        {
            places = MatrixPlan.All;
            return null;
        }
        var found = ImmutableArray.CreateBuilder<MatrixSocket>();
        foreach (var word in Addresses.Split(',', StringSplitOptions.TrimEntries))
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

    private ParseResult<MatrixPlan> ReadSettings(MatrixPlan plan)
    {
        if (Options is null)
            return new ParseResult<MatrixPlan>(plan);
        var settings = ImmutableArray.CreateBuilder<(MatrixOptions, MatrixOptions)>();
        foreach (var word in Options.Split(',', StringSplitOptions.TrimEntries))
        {
            var sides = word.Split('/');
            if (sides.Length > 2 || MatrixAxes.OptionsOf(sides[0]) is not { } one || MatrixAxes.OptionsOf(sides[^1]) is not { } two)
                return Fault($"--options: \"{word}\" is not a set of options; give none or {string.Join(", ", MatrixWords.AllOptions)}, "
                    + "joined by +, of both or as first/second");
            if (settings.Count == MostSettings)
                return Fault($"--options: at most {MostSettings} sets");
            settings.Add((one, two));
        }
        return new ParseResult<MatrixPlan>(plan with { Settings = settings.ToImmutable() });
    }

    private static ParseResult<MatrixPlan> Fault(string message) => new(null, message);
}

/// <summary>What all sockets of a grid have in common, as the options say it.</summary>
internal sealed class MatrixAxes(bool isUdp, string state, bool listens, string? user)
{
    public const int MostAddresses = 16;

    private readonly Protocol _protocol = isUdp ? Protocol.Udp : Protocol.Tcp;
    private readonly PlatformState? _held = MatrixWords.StateOf(state);

    public string? Fault => isUdp && (listens || _held is PlatformState.Listening or PlatformState.TimeWait)
        ? "UDP has no listen and no TIME_WAIT"
        : _held is null ? $"--state {state} is not a state: give {string.Join(", ", MatrixWords.AllStates)}"
        : user is not (null or "same" or "other") ? $"--user takes same or other, not {user}" : null;

    public MatrixSocket First(MatrixSocket place) => place with { Protocol = _protocol, State = _held!.Value };

    public MatrixSocket Second(MatrixSocket place) =>
        place with { Protocol = _protocol, Listens = listens, User = user == "other" ? MatrixSocket.OtherUser : MatrixSocket.OrdinaryUser };

    /// <summary>The options of a word as <c>none</c> or <c>reuseaddr+reuseport</c>; null where one is none.</summary>
    public static MatrixOptions? OptionsOf(string text)
    {
        if (text == "none")
            return MatrixOptions.None;
        var options = text.Split('+').Select(MatrixWords.OptionOf).ToList();
        return options.Contains(MatrixOptions.None) ? null : options.Aggregate(static (all, option) => all | option);
    }
}
