using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors;

/// <summary>How much a message tells of where the bind failed, the best first.</summary>
internal enum MentionRank : byte
{
    /// <summary>An address with its port, or a path.</summary>
    Full,

    /// <summary>As <see cref="Full"/>, of a bind whose failure the program can live with, or that only tried.</summary>
    Lesser,

    /// <summary>A port alone.</summary>
    PortOnly,

    /// <summary>An address alone: the port stands elsewhere, or nowhere.</summary>
    AddressOnly,
}

/// <summary>What one message says about the bind that failed.</summary>
/// <param name="Place">The address, port or path.</param>
/// <param name="Origin">Who words messages so.</param>
/// <param name="Rank">How much it tells.</param>
/// <param name="Line">Where it stands, from 0.</param>
/// <param name="Protocol">TCP, UDP or UNIX.</param>
internal sealed record BindMention(AddressMention Place, RuntimeProfile Origin, MentionRank Rank, int Line, Protocol Protocol)
{
    /// <summary>The errno that is certain by the message itself; null to look for one around it.</summary>
    public string? Errno { get; init; }

    /// <summary>The program set SO_REUSEADDR, seen in a trace; null to go by the origin.</summary>
    public bool? SeenReuseAddress { get; init; }

    /// <summary>The program set IPV6_V6ONLY so, seen in a trace; null to go by the origin.</summary>
    public bool? SeenV6Only { get; init; }

    /// <summary>A finding whose rank and protocol follow from the place.</summary>
    public static BindMention At(AddressMention place, RuntimeProfile origin, int line, Protocol? protocol = null) => new(
        place, origin, place.Rank, line, place.Path is not null ? Protocol.Unix : place.Protocol ?? protocol ?? Protocol.Tcp);

    /// <summary>Both are about the same address and port, or the same path, however it is written.</summary>
    public bool IsSamePlace(BindMention other) => Protocol == other.Protocol
        && (Place.Address, Place.Scope, Place.Port, Place.Path) == (other.Place.Address, other.Place.Scope, other.Place.Port, other.Place.Path)
        && (Place.Address is not null || string.Equals(HostName, other.HostName, StringComparison.OrdinalIgnoreCase));

    /// <summary>No host and a written <c>*</c> mean the same: every address.</summary>
    private string? HostName => Place.Host is "*" or "+" ? null : Place.Host;
}
