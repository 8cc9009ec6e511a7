namespace Bindwise.Diagnostics;

/// <summary>What .NET itself tells of a host, on any system: a probe, and the sockets that the system lists. No owners, no options, and no
/// sockets that are bound without listening.</summary>
internal sealed record PortableRecord
{
    private readonly EquatableArray<PortableProbe> _probes;
    private readonly EquatableArray<SeenSocket> _seen;

    /// <summary>The operating system on which the probes ran.</summary>
    public required HostSystem System { get; init; }

    /// <summary>What each bind() through System.Net.Sockets answered, in the order in which they were tried.</summary>
    public ImmutableArray<PortableProbe> Probes { get => _probes; init => _probes = value; }

    /// <summary>The sockets that the system lists on the port, of the protocol in question; at most 256.</summary>
    public ImmutableArray<SeenSocket> Seen { get => _seen; init => _seen = value; }

    /// <summary>How many of them there are, those included that are too many to stand in <see cref="Seen"/>.</summary>
    public int SeenCount { get; init; }

    /// <summary>The system's list was read; false when it could not be.</summary>
    public bool IsListRead { get; init; }
}
