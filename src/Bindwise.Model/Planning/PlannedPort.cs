namespace Bindwise.Model.Planning;

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

    /// <summary>A web browser is meant to connect to it.</summary>
    public bool IsForBrowsers { get; init; }

    /// <summary>Whoever binds it has CAP_NET_BIND_SERVICE as a rule: a system service, a container engine.</summary>
    public bool IsPrivilegedProgram { get; init; }

    /// <summary>The protocol: that of its binds.</summary>
    public Protocol Protocol => Binds[0].Protocol;

    /// <summary>The first port; 0 for UNIX.</summary>
    public ushort FirstPort => Binds[0].Port;

    public int LastPort => FirstPort + Count - 1;

    /// <summary><c>8080/tcp</c>, <c>8000-8010/udp</c>, <c>/run/app.sock</c>.</summary>
    public string Target => TargetOf(Protocol, Binds[0].Path, FirstPort, LastPort);

    internal static string TargetOf(Protocol protocol, string? path, int first, int last) => protocol == Protocol.Unix
        ? path ?? ""
        : string.Create(CultureInfo.InvariantCulture,
            $"{first}{(last == first ? "" : $"-{last}")}/{(protocol == Protocol.Udp ? "udp" : "tcp")}");
}
