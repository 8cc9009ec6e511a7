namespace Bindwise.Model.Simulation;

/// <summary>Both ends of a connection; IPv4 addresses in their v4-mapped form, since the families share them.</summary>
internal readonly record struct FourTuple(IpEndpoint Local, IpEndpoint Remote)
{
    /// <summary>The same connection, seen from the other end.</summary>
    public FourTuple Mirrored => new(Remote, Local);

    public static FourTuple Of(IpAddress local, ushort localPort, IpAddress remote, ushort remotePort) =>
        new(new IpEndpoint(local.AsIPv6, localPort), new IpEndpoint(remote.AsIPv6, remotePort));
}
