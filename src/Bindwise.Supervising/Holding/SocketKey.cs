using Bindwise.Supervising.Calls;

namespace Bindwise.Supervising.Holding;

/// <summary>What two sockets must have in common so that one can take the other's place.</summary>
/// <param name="Family">AF_INET, AF_INET6 or AF_UNIX.</param>
/// <param name="Protocol">IPPROTO_TCP, IPPROTO_UDP or IPPROTO_MPTCP; of UNIX the type.</param>
/// <param name="Endpoint">Where it is bound; nothing of UNIX.</param>
/// <param name="Scope">An interface's index for a link-local address; 0 for none.</param>
/// <param name="IsV6Only">It takes no IPv4 (IPV6_V6ONLY).</param>
/// <param name="Device">The interface of SO_BINDTODEVICE; 0 for none.</param>
/// <param name="Network">Its network namespace (SO_NETNS_COOKIE).</param>
/// <param name="User">Whose it is: with whose sockets it may share a port. Null where that does not matter.</param>
/// <param name="Name">The whole path of a UNIX socket, or its abstract name with an @; null of the others.</param>
[SupportedOSPlatform("linux")]
internal readonly record struct SocketKey(int Family, int Protocol, IpEndpoint Endpoint, uint Scope, bool IsV6Only, int Device,
    ulong Network, uint? User, string? Name = null)
{
    /// <summary>The key of a socket that is, or is to be, bound there. Asks the socket.</summary>
    internal static SocketKey Of(TrappedSocket socket, IpEndpoint endpoint, uint scope) => new(
        socket.Family,
        socket.ProtocolNumber,
        endpoint,
        scope,
        socket.Family == SocketCall.FamilyIPv6 && socket.Read<int>(SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) != 0,
        socket.Read<int>(SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex),
        socket.Network,
        socket.User);

    /// <summary>The key of a UNIX socket. Asks the socket.</summary>
    internal static SocketKey Of(TrappedSocket socket, string name) =>
        new(socket.Family, socket.ProtocolNumber, default, 0, false, 0, socket.Network, socket.User, name);

    /// <summary>It is that of a UNIX socket with a file.</summary>
    internal bool IsPath => Name is ['/', ..];

    /// <summary>
    /// A socket of this key can take the place of one of another. Whose it is does not matter of one that a service manager passed.
    /// </summary>
    internal bool Fits(SocketKey other) =>
        User is null ? this == other with { User = null } && other.User == EffectiveIds.User() : this == other;
}
