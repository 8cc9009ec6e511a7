using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Native;

/// <summary>struct sockaddr_in (ip(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SocketAddressIPv4
{
    internal ushort Family;
    internal ushort PortNetwork;
    internal uint AddressNetwork;
    internal ulong Zero;

    internal const int SizeBytes = 16;
}

/// <summary>struct sockaddr_in6 (ipv6(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SocketAddressIPv6
{
    internal ushort Family;
    internal ushort PortNetwork;
    internal uint FlowInfo;
    internal AddressBytes Address;
    internal uint ScopeId;

    internal const int SizeBytes = 28;
}

/// <summary>Writes socket addresses for bind(2).</summary>
internal static class SocketAddress
{
    /// <summary>Room for an internet address.</summary>
    internal const int MaximumInternetBytes = SocketAddressIPv6.SizeBytes;

    /// <summary>sizeof(sun_path) (unix(7)).</summary>
    internal const int UnixNameBytes = 108;

    /// <summary>Room for a UNIX address: family and name.</summary>
    internal const int MaximumUnixBytes = sizeof(ushort) + UnixNameBytes;

    /// <summary>Writes an address and port.</summary>
    /// <param name="room">At least <see cref="MaximumInternetBytes"/>.</param>
    /// <param name="endpoint">Address and port.</param>
    /// <param name="scope">sin6_scope_id: an interface's index, 0 for none; without meaning for IPv4.</param>
    /// <returns>The part that was written.</returns>
    internal static ReadOnlySpan<byte> Write(Span<byte> room, IpEndpoint endpoint, uint scope)
    {
        var port = BinaryPrimitives.ReverseEndianness(endpoint.Port);
        if (endpoint.Address.Family == IpFamily.IPv4)
        {
            MemoryMarshal.Write(room, new SocketAddressIPv4
            {
                Family = SocketCall.FamilyIPv4,
                PortNetwork = port,
                AddressNetwork = BinaryPrimitives.ReverseEndianness((uint)endpoint.Address.Bits),
            });
            return room[..SocketAddressIPv4.SizeBytes];
        }
        var address = new SocketAddressIPv6 { Family = SocketCall.FamilyIPv6, PortNetwork = port, ScopeId = scope };
        endpoint.Address.WriteTo(address.Address);
        MemoryMarshal.Write(room, address);
        return room[..SocketAddressIPv6.SizeBytes];
    }

    /// <summary>Writes the path of a UNIX socket, with its closing NUL.</summary>
    /// <param name="room">At least <see cref="MaximumUnixBytes"/>.</param>
    /// <param name="path">The path, without NULs.</param>
    /// <returns>The part that was written; empty for a path that is too long or has a NUL in it.</returns>
    internal static ReadOnlySpan<byte> WritePath(Span<byte> room, scoped ReadOnlySpan<byte> path)
    {
        if (path.Length is 0 or >= UnixNameBytes || path.Contains((byte)0))
            return [];
        MemoryMarshal.Write(room, (ushort)SocketCall.FamilyUnix);
        path.CopyTo(room[sizeof(ushort)..]);
        room[sizeof(ushort) + path.Length] = 0;
        return room[..(sizeof(ushort) + path.Length + 1)];
    }

    /// <summary>Writes an abstract UNIX name; longer ones are cut.</summary>
    /// <param name="room">At least <see cref="MaximumUnixBytes"/>.</param>
    /// <param name="name">The name without its leading NUL.</param>
    /// <returns>The part that was written.</returns>
    internal static ReadOnlySpan<byte> WriteAbstract(Span<byte> room, scoped ReadOnlySpan<byte> name)
    {
        var used = Math.Min(name.Length, UnixNameBytes - 1);
        MemoryMarshal.Write(room, (ushort)SocketCall.FamilyUnix);
        room[sizeof(ushort)] = 0;
        name[..used].CopyTo(room[(sizeof(ushort) + 1)..]);
        return room[..(sizeof(ushort) + 1 + used)];
    }
}
