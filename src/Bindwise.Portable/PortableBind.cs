using System.Net;
using System.Net.Sockets;

namespace Bindwise.Portable;

/// <summary>Which sharing options a bind() is made with.</summary>
internal enum PortableSharing
{
    None,

    /// <summary>SO_REUSEADDR (Unix).</summary>
    Address,

    /// <summary>SO_REUSEADDR and SO_REUSEPORT, which .NET sets together (Unix).</summary>
    Both,

    /// <summary>SO_EXCLUSIVEADDRUSE (Windows).</summary>
    Exclusive,
}

/// <summary>One bind() through System.Net.Sockets, closed at once. It never listens, connects or sends.</summary>
internal static class PortableBind
{
    public const int AddressInUse = (int)SocketError.AddressAlreadyInUse;

    /// <param name="Error">SocketError's number; 0 for success.</param>
    /// <param name="Obstacle">Why it could not be tried, one line; null when it was.</param>
    public readonly record struct Outcome(int Error, int NativeError, string? Obstacle = null);

    public static Outcome Try(BindRequest request, long scope, PortableSharing sharing)
    {
        try
        {
            var isV6 = request.Address.Family == IpFamily.IPv6;
            using var socket = new Socket(isV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork,
                request.Protocol == Protocol.Udp ? SocketType.Dgram : SocketType.Stream, TransportOf(request.Protocol, sharing));
            if (isV6)
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, IsV6Only(request) ? 1 : 0);
            // The framework sets SO_REUSEPORT as well for this one (Unix).
            if (sharing == PortableSharing.Both)
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            if (sharing == PortableSharing.Exclusive)
                socket.ExclusiveAddressUse = true;
            socket.Bind(new IPEndPoint(AddressOf(request.Address, scope), request.Port));
            return default;
        }
        catch (SocketException e)
        {
            return new Outcome((int)e.SocketErrorCode, e.NativeErrorCode);
        }
        catch (Exception e) when (e is PlatformNotSupportedException or ArgumentException or NotSupportedException)
        {
            return new Outcome(0, 0, "could not try a bind(): " + e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>
    /// On Unix the framework sets SO_REUSEADDR before each bind() of a socket that it knows as TCP (SystemNative_Bind, pal_networking.c),
    /// and so would measure something else. It does not for one whose protocol is left to the system, which for a stream is TCP as well.
    /// On Windows it sets nothing.
    /// </summary>
    private static ProtocolType TransportOf(Protocol protocol, PortableSharing sharing) =>
        protocol == Protocol.Udp ? ProtocolType.Udp
            : sharing is PortableSharing.Address or PortableSharing.Both ? ProtocolType.Tcp : ProtocolType.Unspecified;

    // What a program gets that does not set the option: IPv6 alone on Windows, both families elsewhere (OpenBSD and FreeBSD differ).
    private static bool IsV6Only(BindRequest request) => request.V6Only ?? OperatingSystem.IsWindows();

    private static IPAddress AddressOf(IpAddress address, long scope)
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = address.WriteTo(bytes);
        var made = new IPAddress(bytes[..length]);
        if (scope != 0 && address.Family == IpFamily.IPv6)
            made.ScopeId = scope;
        return made;
    }
}
