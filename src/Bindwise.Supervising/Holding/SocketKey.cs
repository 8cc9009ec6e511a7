using System.Runtime.Versioning;
using Bindwise.Linux.Native;

namespace Bindwise.Supervising.Holding;

/// <summary>What two sockets must have in common so that one can take the other's place.</summary>
/// <param name="Family">AF_INET or AF_INET6.</param>
/// <param name="Protocol">IPPROTO_TCP, IPPROTO_UDP or IPPROTO_MPTCP.</param>
/// <param name="Endpoint">Where it is bound.</param>
/// <param name="Scope">An interface's index for a link-local address; 0 for none.</param>
/// <param name="IsV6Only">It takes no IPv4 (IPV6_V6ONLY).</param>
/// <param name="Device">The interface of SO_BINDTODEVICE; 0 for none.</param>
/// <param name="Network">Its network namespace (SO_NETNS_COOKIE).</param>
[SupportedOSPlatform("linux")]
internal readonly record struct SocketKey(int Family, int Protocol, IpEndpoint Endpoint, uint Scope, bool IsV6Only, int Device, ulong Network)
{
    /// <summary>The key of a socket that is, or is to be, bound there.</summary>
    internal static SocketKey Of(TrappedSocket socket, IpEndpoint endpoint, uint scope) => new(
        socket.Family,
        Read<int>(socket.Copy, SocketOptionCall.LevelSocket, SocketOptionCall.Protocol),
        endpoint,
        scope,
        socket.Family == SocketCall.FamilyIPv6 && Read<int>(socket.Copy, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) != 0,
        Read<int>(socket.Copy, SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex),
        Read<ulong>(socket.Copy, SocketOptionCall.LevelSocket, SocketOptionCall.NetworkCookie));

    /// <summary>Whether a socket shares its port with others (SO_REUSEPORT).</summary>
    internal static bool SharesPort(SafeFileDescriptor socket) => Read<int>(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort) != 0;

    /// <summary>A number that no other socket gets as long as the system runs.</summary>
    internal static ulong CookieOf(SafeFileDescriptor socket) => Read<ulong>(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie);

    private static T Read<T>(SafeFileDescriptor socket, int level, int name)
        where T : unmanaged => SocketOptionCall.Get(socket, level, name, out T value) == Errno.None ? value : default;
}
