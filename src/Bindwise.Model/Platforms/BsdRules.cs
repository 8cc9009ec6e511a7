namespace Bindwise.Model.Platforms;

/// <summary>The rules that the BSD family shares, each with the place where it stands in one system's source.</summary>
/// <param name="source">The file that holds them, with its revision.</param>
/// <param name="exempt">Who passes rule A there, to end its sentence; empty for nobody.</param>
internal sealed class BsdRules(string source, string exempt)
{
    /// <summary>Nothing to meet.</summary>
    public PlatformRule Free { get; } = new(
        "BSD-0", "No socket on the port has an equal address or a wildcard on either side: bind() succeeds.", source, Confidence.SourceRead);

    /// <summary>Another user's socket.</summary>
    public PlatformRule Owner { get; } = new(
        "BSD-A",
        "Whoever is not root meets the best match at an equal or wildcard address, in any state: another user's is in the way, whatever the options" + exempt + ".",
        source,
        Confidence.SourceRead);

    /// <summary>Neither option.</summary>
    public PlatformRule Plain { get; } = new(
        "BSD-B",
        "Without SO_REUSEADDR and SO_REUSEPORT of its own any socket at an equal address, or with a wildcard on either side, is in the way, connections and TIME_WAIT included.",
        source,
        Confidence.SourceRead);

    /// <summary>With an option: in the way.</summary>
    public PlatformRule Exact { get; } = new(
        "BSD-C",
        "With SO_REUSEADDR or SO_REUSEPORT of its own only a socket without a peer at exactly its address counts, unless both have SO_REUSEPORT; the other's SO_REUSEADDR is never read.",
        source,
        Confidence.SourceRead);

    /// <summary>Multicast.</summary>
    public PlatformRule Multicast { get; } = new(
        "BSD-M", "At a multicast address SO_REUSEADDR counts as SO_REUSEPORT, on both sides.", source, Confidence.SourceRead);

    /// <summary>Several equally good matches of which some are in the way.</summary>
    public PlatformRule Tie { get; } = new(
        "BSD-TIE",
        "One best match decides; of several that match equally well the order of a hash list picks one; no source says which.",
        source,
        Confidence.Unknown);

    /// <summary>A bound socket.</summary>
    public PlatformRule Bound { get; } = new("BSD-BOUND", "A socket is bound once: EINVAL.", source, Confidence.SourceRead);

    /// <summary>A foreign address.</summary>
    public PlatformRule Foreign { get; } = new("BSD-ADDR", "The host must have the address: EADDRNOTAVAIL.", source, Confidence.SourceRead);
}
