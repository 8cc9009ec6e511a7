using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Who words messages so, and what it is known to do to a socket before bind() on Linux. Null: not known, or not always.</summary>
/// <param name="Runtime">The runtime or library; null for a program of its own.</param>
/// <param name="Program">The program's command name; null when it could be any.</param>
internal sealed record Origin(string? Runtime, string? Program = null)
{
    /// <summary>Could be anything.</summary>
    public static Origin Unknown { get; } = new(null, null);

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
    public PastedError Describe(Finding finding)
    {
        var isTcp = finding.Protocol == Protocol.Tcp;
        bool? plainUdp = finding.Protocol == Protocol.Udp && LeavesUdpPlain ? false : null;
        return new()
        {
            Runtime = Runtime,
            Program = Program,
            SetsReuseAddress = finding.SeenReuseAddress ?? (isTcp ? ReuseAddress : plainUdp),
            SetsReusePort = isTcp ? ReusePort : plainUdp,
            SetsV6Only = finding.SeenV6Only ?? (finding.Protocol == Protocol.Unix ? null : V6Only(finding.Place)),
            WildcardIsDualStack = isTcp && finding.Place.Address is { IsAny: true, Family: IpFamily.IPv4 } ? AnyIPv4IsDualStack : null,
        };
    }

    private bool? V6Only(Place place) => place.Address switch
    {
        null => V6OnlyAtWildcard,
        { Family: IpFamily.IPv4 } => null,
        { IsAny: true } => V6OnlyAtWildcard,
        _ => V6OnlyElsewhere,
    };
}
