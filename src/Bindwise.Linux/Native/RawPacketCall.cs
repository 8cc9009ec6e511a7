using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Native;

/// <summary>raw(7): sends packets with a header of their own making (IP_HDRINCL).</summary>
internal static class RawPacketCall
{
    /// <summary>IPPROTO_RAW: whole packets, of any protocol.</summary>
    private const int WholePackets = 255;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <returns>EPERM without CAP_NET_RAW there.</returns>
    internal static Errno Open(IpFamily family, out SafeFileDescriptor socket) =>
        SocketCall.Open(family == IpFamily.IPv6 ? SocketCall.FamilyIPv6 : SocketCall.FamilyIPv4, SocketCall.TypeRaw, WholePackets, out socket);

    /// <summary>Sends a packet, from its network header on; the kernel fills in IPv4's length and checksum.</summary>
    internal static Errno Send(SafeFileDescriptor socket, ReadOnlySpan<byte> packet, IpAddress destination)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        return SendCall.Send(socket, packet, SocketAddress.Write(room, new IpEndpoint(destination, 0), 0));
    }
}
