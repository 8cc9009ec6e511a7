namespace Bindwise.Model.Planning;

/// <summary>One of several ways to run the same thing: ports with the same group and different choices are never open together.</summary>
/// <param name="Group">What is run in one of several ways, as the program of a folder.</param>
/// <param name="Choice">The way, as a launch profile.</param>
internal readonly record struct PlanAlternative(string Group, string Choice)
{
    /// <summary>Other ways that run beside this one all the same, as scripts that a third one starts together.</summary>
    public ImmutableArray<string> Beside { get; init; } = [];

    private string? Folder { get; init; }
    private bool IsOfAllBelow { get; init; }

    /// <summary>One of the ways to start the program of a folder.</summary>
    /// <param name="isOfAllBelow">The programs of all folders below as well.</param>
    public static PlanAlternative OfProgram(string folder, string choice, bool isOfAllBelow = false) =>
        OfFiles(folder, choice) with { Folder = folder, IsOfAllBelow = isOfAllBelow };

    /// <summary>What runs with the files of a folder: its program, if it has one.</summary>
    public static PlanAlternative OfFiles(string folder, string choice) => new($"program {folder}", choice);

    public bool Excludes(in PlanAlternative other) => Choice != other.Choice && !Beside.Contains(other.Choice)
        && (Group == other.Group || Covers(other) || other.Covers(this));

    private bool Covers(in PlanAlternative other) => IsOfAllBelow && other.Folder is { } folder
        && folder.StartsWith(Folder!, StringComparison.Ordinal)
        && (Folder!.Length == 0 || folder.Length == Folder.Length || folder[Folder.Length] == '/');
}

/// <summary>How much a remark matters.</summary>
internal enum PlanLevel : byte
{
    Note,
    Warning,
}

/// <param name="File">The path as it was given or found, with <c>/</c>.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1, in UTF-16 units.</param>
internal sealed record PlanLocation(string File, int Line, int Column = 1)
{
    /// <summary><c>compose.yaml:7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");
}

/// <summary>Where a port is taken. Ports of different places never collide.</summary>
internal enum PlanPlace : byte
{
    /// <summary>A socket in the network namespace of the host that runs the program.</summary>
    Host,

    /// <summary>A port of one node of a Kubernetes cluster: hostPort, or a container with hostNetwork.</summary>
    Node,

    /// <summary>A nodePort: taken on every node of a Kubernetes cluster.</summary>
    Cluster,
}

/// <summary>How sure it is that the program takes the port.</summary>
internal enum PlanCertainty : byte
{
    Stated,

    /// <summary>By a convention, such as the ports that foreman gives to the processes of a Procfile.</summary>
    Assumed,

    /// <summary>It asks for the port, and takes another one if it is taken.</summary>
    Preferred,
}

/// <summary>What deserves attention, in one sentence.</summary>
/// <param name="Id">A stable kebab-case id, as <c>in-ephemeral-range</c>.</param>
/// <param name="Text">One sentence. Text from the files stands in it unescaped: renderers escape.</param>
/// <param name="Location">Where; null for what no line of a file is about.</param>
internal sealed record PlanRemark(string Id, string Text, PlanLocation? Location, PlanLevel Level = PlanLevel.Warning,
    PlanLocation? Other = null);

/// <summary>A port, a range of ports or a UNIX address that a file makes a program bind.</summary>
internal sealed record PlannedPort
{
    /// <summary>The id of the file's format, as <c>compose</c>.</summary>
    public required string Format { get; init; }

    public required PlanLocation Location { get; init; }

    /// <summary>Further places that make the same socket, as equal listen lines of nginx.</summary>
    public ImmutableArray<PlanLocation> Also { get; init; } = [];

    /// <summary>Who binds it, in the words of the file: <c>service web</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What the file says, as <c>8080:80</c>.</summary>
    public required string Text { get; init; }

    /// <summary>The binds, one for each address, with the first port of a range; never empty.</summary>
    public required ImmutableArray<BindRequest> Binds { get; init; }

    /// <summary>How many ports in a row, from that of the binds on: 1 to 65536.</summary>
    public int Count { get; init; } = 1;

    public PlanPlace Place { get; init; }
    public PlanCertainty Certainty { get; init; }
    public ImmutableArray<PlanAlternative> Alternatives { get; init; } = [];

    /// <summary>The compose profiles of which one has to be enabled; empty for always.</summary>
    public ImmutableArray<string> Profiles { get; init; } = [];

    /// <summary>The profiles that its project enables, unless others are asked for (COMPOSE_PROFILES).</summary>
    public ImmutableArray<string> EnabledProfiles { get; init; } = [];

    /// <summary>A web browser is meant to connect to it.</summary>
    public bool IsForBrowsers { get; init; }

    /// <summary>
    /// Whoever binds it puts its UNIX socket in place of what is at the path, by rename() or unlink(): no bind() fails, and the path is
    /// taken from who has it.
    /// </summary>
    public bool ReplacesFile { get; init; }

    /// <summary>Whoever binds it has CAP_NET_BIND_SERVICE as a rule: a system service, a container engine.</summary>
    public bool IsPrivilegedProgram { get; init; }

    public Protocol Protocol => Binds[0].Protocol;

    /// <summary>The first port; 0 for UNIX.</summary>
    public ushort FirstPort => Binds[0].Port;

    public int LastPort => FirstPort + Count - 1;

    /// <summary>A file makes the socket, alone or beside others.</summary>
    public bool IsOf(string file) => Location.File == file || Also.Any(at => at.File == file);

    /// <summary><c>8080/tcp</c>, <c>8000-8010/udp</c>, <c>/run/app.sock</c>.</summary>
    public string Target => TargetOf(Protocol, Binds[0].Path, FirstPort, LastPort);

    internal static string TargetOf(Protocol protocol, string? path, int first, int last) => protocol == Protocol.Unix
        ? path ?? ""
        : string.Create(CultureInfo.InvariantCulture,
            $"{first}{(last == first ? "" : $"-{last}")}/{(protocol == Protocol.Udp ? "udp" : "tcp")}");
}
