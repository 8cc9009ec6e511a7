using NativeAddress = Bindwise.Linux.Native.SocketAddress;

namespace Bindwise;

/// <summary>
/// Opens and binds sockets by bare calls: what is asked is set and nothing else. (.NET's Socket.Bind sets SO_REUSEADDR at every TCP bind.)
/// The descriptor is close-on-exec; whoever gets it owns it.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ListenSocket
{
    /// <param name="transport">TCP or UDP.</param>
    /// <param name="address">Where, with the scope of a link-local address.</param>
    /// <param name="port">The port; 0 for the system's choice.</param>
    /// <param name="options">What is set before bind().</param>
    /// <param name="descriptor">The socket, bound; -1 on a fault.</param>
    /// <param name="inEffect">The options as the kernel has them after bind().</param>
    /// <param name="beforeBind">Called with the descriptor once the options are set; null for nothing.</param>
    internal static CallFault Open(
        Transports transport, IPAddress address, int port, in ListenSocketOptions options, out int descriptor,
        out ListenSocketOptions inEffect, Action<int>? beforeBind = null)
    {
        descriptor = -1;
        inEffect = default;
        var family = InternetName.FamilyOf(address);
        var type = transport == Transports.Udp ? SocketCall.TypeDatagram : SocketCall.TypeStream;
        var errno = SocketCall.Open(family, type, 0, out var socket);
        using (socket)
        {
            if (errno != Errno.None)
                return new CallFault(errno, "socket()");
            var fault = Set(socket, family, options);
            if (fault.IsFault)
                return fault;
            beforeBind?.Invoke(socket.Number);
            Span<byte> room = stackalloc byte[NativeAddress.MaximumInternetBytes];
            errno = BindCall.Bind(socket, InternetName.Write(room, address, (ushort)port));
            if (errno != Errno.None)
                return new CallFault(errno, "bind()");
            fault = Read(socket, family, out inEffect);
            if (!fault.IsFault)
                descriptor = GiveAway(socket);
            return fault;
        }
    }

    /// <summary>Opens a UNIX stream socket and binds it to a path, which makes a file there, or to an abstract name.</summary>
    /// <param name="path">The path, or <c>@name</c>.</param>
    /// <param name="descriptor">The socket, bound; -1 on a fault.</param>
    /// <param name="beforeBind">Called with the descriptor; null for nothing.</param>
    /// <param name="mode">The file's mode; null leaves it to the umask.</param>
    internal static CallFault OpenUnix(string path, out int descriptor, Action<int>? beforeBind = null, UnixFileMode? mode = null)
    {
        descriptor = -1;
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream, 0, out var socket);
        using (socket)
        {
            if (errno != Errno.None)
                return new CallFault(errno, "socket()");
            beforeBind?.Invoke(socket.Number);
            Span<byte> room = stackalloc byte[NativeAddress.MaximumUnixBytes];
            var address = UnixName.Write(room, path);
            var call = "bind()";
            var refused = address.IsEmpty ? Errno.EINVAL
                : mode is { } wanted ? BindCall.BindWithMode(socket, address.ToArray(), (uint)wanted, out call)
                : BindCall.Bind(socket, address);
            if (refused != Errno.None)
                return new CallFault(refused, call);
            descriptor = GiveAway(socket);
            return CallFault.None;
        }
    }

    private static int GiveAway(SafeFileDescriptor socket)
    {
        var number = socket.Number;
        socket.SetHandleAsInvalid();
        return number;
    }

    private static CallFault Set(SafeFileDescriptor socket, int family, in ListenSocketOptions options)
    {
        var isIPv6 = family == SocketCall.FamilyIPv6;
        if (options.ReuseAddress && SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, 1)
            is var address and not Errno.None)
            return new CallFault(address, "setsockopt(SO_REUSEADDR)");
        if (options.ReusePort
            && SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort, 1) is var port and not Errno.None)
            return new CallFault(port, "setsockopt(SO_REUSEPORT)");
        if (isIPv6 && options.V6Only is { } only
            && SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only, only ? 1 : 0) is var six
                and not Errno.None)
            return new CallFault(six, "setsockopt(IPV6_V6ONLY)");
        if (options.Freebind && (isIPv6
            ? SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.FreebindIPv6, 1)
            : SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind, 1)) is var free and not Errno.None)
            return new CallFault(free, isIPv6 ? "setsockopt(IPV6_FREEBIND)" : "setsockopt(IP_FREEBIND)");
        if (options.Device is { } device && DeviceOption.Set(socket, device) is var bound and not Errno.None)
            return new CallFault(bound, "setsockopt(SO_BINDTODEVICE)");
        return CallFault.None;
    }

    private static CallFault Read(SafeFileDescriptor socket, int family, out ListenSocketOptions inEffect)
    {
        inEffect = default;
        var isIPv6 = family == SocketCall.FamilyIPv6;
        var errno = SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, out int address);
        if (errno != Errno.None)
            return new CallFault(errno, "getsockopt(SO_REUSEADDR)");
        errno = SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort, out int port);
        if (errno != Errno.None)
            return new CallFault(errno, "getsockopt(SO_REUSEPORT)");
        var only = 0;
        if (isIPv6)
            errno = SocketOptionCall.Get(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only, out only);
        if (errno != Errno.None)
            return new CallFault(errno, "getsockopt(IPV6_V6ONLY)");
        errno = isIPv6
            ? SocketOptionCall.Get(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.FreebindIPv6, out int free)
            : SocketOptionCall.Get(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind, out free);
        if (errno != Errno.None)
            return new CallFault(errno, isIPv6 ? "getsockopt(IPV6_FREEBIND)" : "getsockopt(IP_FREEBIND)");
        errno = DeviceOption.Get(socket, stackalloc byte[DeviceOption.NameBytes], out var device);
        if (errno != Errno.None)
            return new CallFault(errno, "getsockopt(SO_BINDTODEVICE)");
        inEffect = new ListenSocketOptions(address != 0, port != 0, isIPv6 ? only != 0 : null,
            device.IsEmpty ? null : Encoding.UTF8.GetString(device), free != 0);
        return CallFault.None;
    }
}

/// <summary>The options of a listening socket that the kernel is told, or that it tells.</summary>
/// <param name="ReuseAddress">SO_REUSEADDR; set only where true, since a new socket has it off.</param>
/// <param name="ReusePort">SO_REUSEPORT; set only where true.</param>
/// <param name="V6Only">IPV6_V6ONLY; null leaves it as the system has it, and stands for IPv4.</param>
/// <param name="Device">The interface of SO_BINDTODEVICE; null for none.</param>
/// <param name="Freebind">IP_FREEBIND, or IPV6_FREEBIND; set only where true.</param>
internal readonly record struct ListenSocketOptions(bool ReuseAddress, bool ReusePort, bool? V6Only, string? Device, bool Freebind);

/// <summary>The system call that failed, or none.</summary>
/// <param name="Errno">What it answered; None when every call worked.</param>
/// <param name="Call">The call as people write it, with the option's name, as
/// <c>setsockopt(SO_REUSEPORT)</c>; null when every call worked.</param>
[SupportedOSPlatform("linux")]
internal readonly record struct CallFault(Errno Errno, string? Call)
{
    internal static CallFault None => default;
    internal bool IsFault => Errno != Errno.None;
}

/// <summary>The socket addresses of IPv4 and IPv6, from .NET's values.</summary>
[SupportedOSPlatform("linux")]
internal static class InternetName
{
    /// <summary>AF_INET or AF_INET6.</summary>
    internal static int FamilyOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? SocketCall.FamilyIPv6 : SocketCall.FamilyIPv4;

    /// <summary>
    /// Writes an address, with its scope, and a port for bind(2). (.NET's own SocketAddress would be an object for each bind.)
    /// </summary>
    /// <param name="room">At least <see cref="NativeAddress.MaximumInternetBytes"/>.</param>
    /// <param name="address">The address.</param>
    /// <param name="port">The port.</param>
    internal static ReadOnlySpan<byte> Write(Span<byte> room, IPAddress address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var length);
        var scope = address.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)address.ScopeId : 0;
        return NativeAddress.Write(room, bytes[..length], port, scope);
    }
}
