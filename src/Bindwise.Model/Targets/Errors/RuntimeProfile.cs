using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Who words messages so, and what it is known to do to a socket before bind() on Linux. Null: not known, or not always.</summary>
/// <param name="Runtime">The runtime or library; null for a program of its own.</param>
/// <param name="Program">The program's command name; null when it could be any.</param>
internal sealed record RuntimeProfile(string? Runtime, string? Program = null)
{
    /// <summary>Could be anything.</summary>
    public static RuntimeProfile Unknown { get; } = new(null, null);

    /// <summary>It sets SO_REUSEADDR on its TCP listeners.</summary>
    public bool? ReuseAddress { get; init; }

    /// <summary>It sets SO_REUSEPORT on its TCP listeners.</summary>
    public bool? ReusePort { get; init; }

    /// <summary>It sets IPV6_V6ONLY so when it binds [::].</summary>
    public bool? V6OnlyAtWildcard { get; init; }

    /// <summary>It sets IPV6_V6ONLY so when it binds any other IPv6 address.</summary>
    public bool? V6OnlyElsewhere { get; init; }

    /// <summary>It opens one dual-stack socket where the text says 0.0.0.0.</summary>
    public bool? AnyIPv4IsDualStack { get; init; }

    /// <summary>It sets no option on UDP sockets.</summary>
    public bool LeavesUdpPlain { get; init; }

    /// <summary>What is told to the diagnosis about a socket of this origin.</summary>
    public PastedError Describe(BindMention finding)
    {
        var described = Describe(finding.Protocol, finding.Place.Address);
        return described with
        {
            SetsReuseAddress = finding.SeenReuseAddress ?? described.SetsReuseAddress,
            SetsV6Only = finding.SeenV6Only ?? described.SetsV6Only,
        };
    }

    /// <summary>What a socket of this origin is like at an address; null for every address.</summary>
    public PastedError Describe(Protocol protocol, IpAddress? address)
    {
        var isTcp = protocol == Protocol.Tcp;
        bool? plainUdp = protocol == Protocol.Udp && LeavesUdpPlain ? false : null;
        return new()
        {
            Runtime = Runtime,
            Program = Program,
            SetsReuseAddress = isTcp ? ReuseAddress : plainUdp,
            SetsReusePort = isTcp ? ReusePort : plainUdp,
            SetsV6Only = protocol == Protocol.Unix ? null : V6Only(address),
            WildcardIsDualStack = isTcp && address is { IsAny: true, Family: IpFamily.IPv4 } ? AnyIPv4IsDualStack : null,
        };
    }

    private bool? V6Only(IpAddress? address) => address switch
    {
        null => V6OnlyAtWildcard,
        { Family: IpFamily.IPv4 } => null,
        { IsAny: true } => V6OnlyAtWildcard,
        _ => V6OnlyElsewhere,
    };
}
