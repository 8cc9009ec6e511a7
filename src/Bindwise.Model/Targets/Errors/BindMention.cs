namespace Bindwise.Model.Targets.Errors;

/// <summary>What one message says about the bind that failed.</summary>
/// <param name="Line">Where it stands, from 0.</param>
/// <param name="Protocol">TCP, UDP or UNIX.</param>
internal sealed record BindMention(AddressMention Address, RuntimeProfile Profile, MentionRank Rank, int Line, Protocol Protocol)
{
    /// <summary>How <see cref="Protocol"/> is known.</summary>
    public ProtocolSource Source { get; init; }

    /// <summary>The errno that is certain by the message itself; null to look for one around it.</summary>
    public string? Errno { get; init; }

    /// <summary>The program set SO_REUSEADDR, seen in a trace; null to go by the runtime.</summary>
    public bool? SeenReuseAddress { get; init; }

    /// <summary>The program set IPV6_V6ONLY so, seen in a trace; null to go by the runtime.</summary>
    public bool? SeenV6Only { get; init; }

    public static BindMention At(AddressMention where, RuntimeProfile profile, int line, Protocol? protocol = null) => new(
        where, profile, where.Rank, line, where.Path is not null ? Protocol.Unix : where.Protocol ?? protocol ?? Protocol.Tcp);

    /// <summary>Both are about the same address and port, or the same path, however it is written.</summary>
    public bool IsSamePlace(BindMention other) => Protocol == other.Protocol
        && (Address.Address, Address.Scope, Address.Port, Address.Path) == (other.Address.Address, other.Address.Scope, other.Address.Port,
            other.Address.Path)
        && (Address.Address is not null || string.Equals(HostName, other.HostName, StringComparison.OrdinalIgnoreCase));

    /// <summary>No host and a written <c>*</c> mean the same: every address.</summary>
    private string? HostName => Address.Host is "*" or "+" ? null : Address.Host;
}
