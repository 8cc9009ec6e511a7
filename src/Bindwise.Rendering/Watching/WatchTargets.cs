using Bindwise.Model.Targets;

namespace Bindwise.Rendering.Watching;

/// <summary>Which sockets and events the targets of the command line mean; without targets all of them.</summary>
internal static class WatchTargets
{
    /// <summary>As they were typed, escaped.</summary>
    public static string Text(ImmutableArray<Target> targets) =>
        string.Join(", ", targets.Select(static one => Escaper.Escape(one.Text, 60)));

    public static bool Mean(ImmutableArray<Target> targets, ListedPort port) => targets.IsDefaultOrEmpty
        || targets.Any(target => port.Sockets.Any(socket => Means(target, socket.Protocol, socket.Path, socket.Local)));

    public static bool Mean(ImmutableArray<Target> targets, ushort port) => targets.IsDefaultOrEmpty
        || targets.Any(target => target.Protocol == Protocol.Tcp && target.Port == port);

    public static bool Mean(ImmutableArray<Target> targets, IpEndpoint remote) => targets.IsDefaultOrEmpty
        || targets.Any(target => Means(target, Protocol.Tcp, null, remote));

    /// <summary>Whether an event is meant; what concerns no socket always is.</summary>
    public static bool Mean(ImmutableArray<Target> targets, PortEvent happened)
    {
        if (targets.IsDefaultOrEmpty || happened.Protocol is not { } protocol)
            return true;
        if (happened.Address is not { } address)
            return false;
        if (protocol == Protocol.Unix)
            return targets.Any(target => Means(target, protocol, address, default));
        return TargetParser.Parse(address).Value is { Port: { } port } place
            && targets.Any(target => Means(target, protocol, null, new IpEndpoint(place.Address ?? IpAddress.AnyIPv4, port)));
    }

    // A target without an address, with a name or a wildcard, means the port; a socket with a wildcard takes every address.
    private static bool Means(Target target, Protocol protocol, string? path, IpEndpoint local)
    {
        if (target.Protocol == Protocol.Unix || protocol == Protocol.Unix)
            return target.Protocol == protocol && target.Path == path;
        return (target.Protocol == protocol || target.IsProtocolAssumed) && target.Port == local.Port
            && (target.Address is not { IsAny: false } address || local.Address.IsAny || address.Unmapped == local.Address.Unmapped);
    }
}
