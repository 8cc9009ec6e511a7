using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Listening;

/// <summary>Whether this host has an address, asked in the way that counts: by bind().</summary>
internal static class LocalAddress
{
    /// <summary>
    /// The kernel says that no interface has it, or that it does not know its family. False also where that cannot be told, as without a free
    /// descriptor: whoever binds then hears why.
    /// </summary>
    internal static bool IsMissing(IpAddress address)
    {
        var family = address.Family == IpFamily.IPv6 ? SocketCall.FamilyIPv6 : SocketCall.FamilyIPv4;
        var errno = SocketCall.Open(family, SocketCall.TypeStream, 0, out var socket);
        using (socket)
        {
            if (errno == Errno.None)
            {
                // Takes no port (IPv6 sockets have the option too); where there is no such option, one for a moment.
                _ = SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.BindAddressNoPort, 1);
                Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
                errno = BindCall.Bind(socket, SocketAddress.Write(room, new IpEndpoint(address, 0), 0));
            }
            return errno is Errno.EADDRNOTAVAIL or Errno.EAFNOSUPPORT;
        }
    }
}
