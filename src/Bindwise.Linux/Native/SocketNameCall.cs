using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Native;

/// <summary>getsockname(2) of internet sockets.</summary>
internal static partial class SocketNameCall
{
    /// <summary>The socket's own address and port, and the scope of a link-local address (an interface's index, else 0).</summary>
    internal static unsafe Errno Local(SafeFileDescriptor socket, out IpEndpoint local, out uint scope)
    {
        local = default;
        scope = 0;
        Span<byte> room = stackalloc byte[SocketAddressIPv6.SizeBytes];
        var length = room.Length;
        fixed (byte* start = room)
        {
            if (GetNameCore(socket, start, &length) != 0)
                return (Errno)Marshal.GetLastPInvokeError();
        }
        return TryRead(room[..Math.Min(length, room.Length)], out local, out scope) ? Errno.None : Errno.EAFNOSUPPORT;
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
            local = new IpEndpoint(
                new IpAddress(IpFamily.IPv4, BinaryPrimitives.ReverseEndianness(name.AddressNetwork)), BinaryPrimitives.ReverseEndianness(name.PortNetwork));
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

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static unsafe partial int GetNameCore(SafeFileDescriptor socket, byte* address, int* lengthBytes);
}
