using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bindwise.Linux;

/// <summary>The socket addresses of IPv4 and IPv6, from and to the model's values.</summary>
internal static class InternetAddress
{
    /// <summary>Writes an address and port for bind(2) and connect(2).</summary>
    /// <param name="room">At least <see cref="SocketAddress.MaximumInternetBytes"/>.</param>
    /// <param name="scope">sin6_scope_id: an interface's index, 0 for none; without meaning for IPv4.</param>
    internal static ReadOnlySpan<byte> Write(Span<byte> room, IpEndpoint endpoint, uint scope)
    {
        Span<byte> address = stackalloc byte[16];
        return SocketAddress.Write(room, address[..endpoint.Address.WriteTo(address)], endpoint.Port, scope);
    }

    /// <summary>Reads a socket address as the kernel writes it; false for another family or length than those of the internet.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> room, out IpEndpoint local, out uint scope)
    {
        local = default;
        scope = 0;
        if (room.Length < sizeof(ushort))
            return false;
        var family = MemoryMarshal.Read<ushort>(room);
        if (family == SocketCall.FamilyIPv4 && room.Length == SocketAddressIPv4.SizeBytes)
        {
            var name = MemoryMarshal.Read<SocketAddressIPv4>(room);
            var address = new IpAddress(IpFamily.IPv4, BinaryPrimitives.ReverseEndianness(name.AddressNetwork));
            local = new IpEndpoint(address, BinaryPrimitives.ReverseEndianness(name.PortNetwork));
            return true;
        }
        if (family == SocketCall.FamilyIPv6 && room.Length == SocketAddressIPv6.SizeBytes)
        {
            var name = MemoryMarshal.Read<SocketAddressIPv6>(room);
            local = new IpEndpoint(IpAddress.FromBytes(name.Address), BinaryPrimitives.ReverseEndianness(name.PortNetwork));
            scope = name.ScopeId;
            return true;
        }
        return false;
    }

    /// <summary>
    /// The socket's own address and port (getsockname(2)), and the scope of a link-local address (an interface's index, else 0).
    /// </summary>
    internal static Errno Local(SafeFileDescriptor socket, out IpEndpoint local, out uint scope)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        var errno = SocketNameCall.Local(socket, room, out var length);
        return TryRead(room[..length], out local, out scope) || errno != Errno.None ? errno : Errno.EAFNOSUPPORT;
    }
}
