using System.Buffers.Binary;
using System.Net;

namespace Bindwise.Linux.Native;

/// <summary>socket(2), always with SOCK_CLOEXEC.</summary>
internal static class SocketCall
{
    internal const int FamilyUnix = 1;
    internal const int FamilyUnspecified = 0;
    internal const int FamilyIPv4 = 2;
    internal const int FamilyIPv6 = 10;
    internal const int FamilyNetlink = 16;
    internal const int TypeStream = 1;
    internal const int ProtocolTcp = 6;
    internal const int ProtocolUdp = 17;
    internal const int TypeDatagram = 2;
    internal const int TypeRaw = 3;
    internal const int TypeSequencedPacket = 5;

    /// <summary>SOCK_NONBLOCK, to be added to a type.</summary>
    internal const int NonBlocking = 0x800;

    private const int CloseOnExec = 0x80000;

    /// <summary>Opens a socket; the handle is invalid when an errno comes back. Everything that needs the kernel begins here.</summary>
    /// <exception cref="PlatformNotSupportedException">The architecture is neither x64 nor arm64.</exception>
    internal static Errno Open(int family, int type, int protocol, out SafeFileDescriptor socket)
    {
        SupportedArchitecture.Demand();
        return LastError.Of(LibC.Socket(family, type | CloseOnExec, protocol), out socket);
    }

    /// <summary>
    /// socket() of a type that does not exist. The kernel answers EINVAL before it asks any policy; any other answer comes from before it:
    /// from a filter of system calls (seccomp(2)).
    /// </summary>
    internal static Errno OpenNothing(int family)
    {
        const int noType = 15;
        var errno = LastError.Of(LibC.Socket(family, noType | CloseOnExec, 0), out SafeFileDescriptor opened);
        opened.Dispose();
        return errno;
    }
}

/// <summary>socketpair(2) of UNIX sockets that keep messages apart (SOCK_SEQPACKET), always with SOCK_CLOEXEC.</summary>
internal static class SocketPairCall
{
    private const int SequencedPackets = 5;
    private const int CloseOnExec = 0x80000;

    /// <summary>Makes the pair; both are invalid when an errno comes back.</summary>
    internal static unsafe Errno Open(out SafeFileDescriptor first, out SafeFileDescriptor second)
    {
        var pair = stackalloc int[] { -1, -1 };
        var errno = LastError.Of(LibC.Socketpair(SocketCall.FamilyUnix, SequencedPackets | CloseOnExec, 0, pair));
        (first, second) = (new SafeFileDescriptor(pair[0]), new SafeFileDescriptor(pair[1]));
        return errno;
    }
}

/// <summary>getsockname(2).</summary>
internal static class SocketNameCall
{
    /// <param name="room">Where to: for an internet address at least <see cref="SocketAddress.MaximumInternetBytes"/>.</param>
    /// <param name="lengthBytes">How much of it was written; 0 on failure.</param>
    internal static unsafe Errno Local(SafeFileDescriptor socket, Span<byte> room, out int lengthBytes)
    {
        var length = room.Length;
        fixed (byte* start = room)
        {
            var errno = LastError.Of(LibC.Getsockname(socket, start, &length));
            lengthBytes = errno == Errno.None ? Math.Min(length, room.Length) : 0;
            return errno;
        }
    }

    /// <summary>Whether it is connected (getpeername(2)).</summary>
    internal static unsafe bool HasPeer(SafeFileDescriptor socket)
    {
        var length = 0;
        return LibC.Getpeername(socket, null, &length) == 0;
    }
}

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
    internal const int MaximumInternetBytes = SocketAddressIPv6.SizeBytes;

    /// <summary>sizeof(sun_path) (unix(7)).</summary>
    internal const int UnixNameBytes = 108;

    /// <summary>Room for a UNIX address: family and name.</summary>
    internal const int MaximumUnixBytes = sizeof(ushort) + UnixNameBytes;

    /// <param name="room">At least <see cref="MaximumInternetBytes"/>.</param>
    /// <param name="address">The address in network order: 4 bytes for IPv4, 16 for IPv6.</param>
    /// <param name="scope">sin6_scope_id: an interface's index, 0 for none; without meaning for IPv4.</param>
    internal static ReadOnlySpan<byte> Write(Span<byte> room, scoped ReadOnlySpan<byte> address, ushort port, uint scope)
    {
        var portNetwork = BinaryPrimitives.ReverseEndianness(port);
        if (address.Length == sizeof(uint))
        {
            MemoryMarshal.Write(room, new SocketAddressIPv4
            {
                Family = SocketCall.FamilyIPv4,
                PortNetwork = portNetwork,
                AddressNetwork = MemoryMarshal.Read<uint>(address),
            });
            return room[..SocketAddressIPv4.SizeBytes];
        }
        var name = new SocketAddressIPv6 { Family = SocketCall.FamilyIPv6, PortNetwork = portNetwork, ScopeId = scope };
        address.CopyTo(name.Address);
        MemoryMarshal.Write(room, name);
        return room[..SocketAddressIPv6.SizeBytes];
    }

    /// <summary>Writes the path of a UNIX socket, with its closing NUL.</summary>
    /// <param name="room">At least <see cref="MaximumUnixBytes"/>.</param>
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
    internal static ReadOnlySpan<byte> WriteAbstract(Span<byte> room, scoped ReadOnlySpan<byte> name)
    {
        var used = Math.Min(name.Length, UnixNameBytes - 1);
        MemoryMarshal.Write(room, (ushort)SocketCall.FamilyUnix);
        room[sizeof(ushort)] = 0;
        name[..used].CopyTo(room[(sizeof(ushort) + 1)..]);
        return room[..(sizeof(ushort) + 1 + used)];
    }
}

/// <summary>One file of a UNIX socket, told apart from another at the same path by its inode.</summary>
internal readonly record struct UnixSocketFile(ulong Device, ulong Inode);

/// <summary>struct addrinfo of a 64-bit Linux (netdb.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AddressInfo
{
    internal int Flags;
    internal int Family;
    internal int SocketType;
    internal int Protocol;
    internal uint AddressBytes;
    internal byte* Address;
    internal byte* CanonicalName;
    internal AddressInfo* Next;

    internal const int SizeBytes = 48;
}

/// <summary>getaddrinfo(3): the system's resolver, which may ask the network and take its time.</summary>
internal static class AddressInfoCall
{
    /// <summary>No name has that many addresses to good purpose.</summary>
    private const int MaximumAddresses = 64;

    /// <summary>The addresses in the resolver's order, each once; empty when the name is unknown.</summary>
    internal static unsafe ImmutableArray<IPAddress> Resolve(string name)
    {
        var hints = new AddressInfo { SocketType = SocketCall.TypeStream };
        AddressInfo* first = null;
        if (LibC.Getaddrinfo(name, null, &hints, (void**)&first) != 0)
            return [];
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        for (var info = first; info != null && addresses.Count < MaximumAddresses; info = info->Next)
        {
            if (Read(info) is { } address && !addresses.Contains(address))
                addresses.Add(address);
        }
        LibC.Freeaddrinfo(first);
        return addresses.ToImmutable();
    }

    private static unsafe IPAddress? Read(AddressInfo* info) => info->Family switch
    {
        SocketCall.FamilyIPv4 when info->AddressBytes >= SocketAddressIPv4.SizeBytes =>
            new IPAddress(new ReadOnlySpan<byte>(info->Address + 4, 4)),
        SocketCall.FamilyIPv6 when info->AddressBytes >= SocketAddressIPv6.SizeBytes =>
            new IPAddress(new ReadOnlySpan<byte>(info->Address + 8, 16)),
        _ => null,
    };
}
