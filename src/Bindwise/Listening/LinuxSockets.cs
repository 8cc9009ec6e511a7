using NativeAddress = Bindwise.Linux.Native.SocketAddress;

namespace Bindwise;

/// <summary>Sockets made by bare calls and then wrapped: the runtime sets nothing on a socket that it is handed.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxSockets
{
    /// <summary>Opens a socket that does not listen yet; null on a fault.</summary>
    public static BindFault? Open(IPAddress address, int port, Transports transport, ListenRequest request, out BoundSocket? opened)
    {
        var settings = request.Settings;
        opened = null;
        var asked = new ListenSocketOptions(
            settings.ReuseAddress ?? transport == Transports.Tcp, settings.ReusePort, settings.V6Only, settings.Device, settings.Freebind);
        var fault = ListenSocket.Open(transport, address, port, asked, out var descriptor, out var inEffect,
            BeforeBind(request, address, port));
        if (fault.IsFault)
            return Of(fault, new IPEndPoint(address, port), transport);
        var socket = Wrap(descriptor, request.IsShared);
        try
        {
            // What the program's own code sets is no sandbox's doing.
            if (request.ConfigureSocket is null)
                ReadBack.Check(asked, inEffect, address, port);
            opened = new BoundSocket(socket, socket.LocalEndPoint!, transport, ReadBack.InEffect(settings, inEffect));
            return null;
        }
        finally
        {
            if (opened is null)
                socket.Dispose();
        }
    }

    public static BindFault? OpenUnix(string path, ListenRequest request, out BoundSocket? opened)
    {
        opened = null;
        var endpoint = UnixEndPoint.Of(path);
        var configured = request.ConfigureSocket is { } configure ? ConfigureAt(configure, endpoint) : null;
        var fault = ListenSocket.OpenUnix(path, out var descriptor, configured, request.Settings.UnixFileMode);
        if (fault.IsFault)
            return Of(fault, endpoint, Transports.Tcp);
        opened = new BoundSocket(Wrap(descriptor, request.IsShared), endpoint, Transports.Tcp,
            request.Settings with { ReuseAddress = false });
        return null;
    }

    // A method of its own: its closure is then made only where there is something to call.
    private static Action<int>? BeforeBind(ListenRequest request, IPAddress address, int port) =>
        request.ConfigureSocket is { } configure ? ConfigureAt(configure, new IPEndPoint(address, port)) : null;

    // A wrapper that does not own the descriptor, left to the collector: the lasting one is made after bind(), and so knows its address.
    private static Action<int> ConfigureAt(Action<Socket, EndPoint> configure, EndPoint endpoint) =>
        descriptor => configure(new Socket(new SafeSocketHandle(descriptor, ownsHandle: false)), endpoint);

    private static Socket Wrap(int descriptor, bool isShared)
    {
        var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
        try
        {
            return isShared ? new SharedSocket(handle) : new Socket(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static BindFault Of(CallFault fault, EndPoint endpoint, Transports transport) =>
        new(SocketErrors.Of(fault.Errno), fault.Errno.ToString(), fault.Call!, endpoint, transport);
}

/// <summary>What the kernel has against what was asked: a sandbox or a BPF program may answer a setsockopt() and do nothing.</summary>
[SupportedOSPlatform("linux")]
internal static class ReadBack
{
    public static void Check(in ListenSocketOptions asked, in ListenSocketOptions inEffect, IPAddress address, int port)
    {
        var difference =
            asked.ReuseAddress != inEffect.ReuseAddress ? ("SO_REUSEADDR", Number(inEffect.ReuseAddress), Number(asked.ReuseAddress))
            : asked.ReusePort != inEffect.ReusePort ? ("SO_REUSEPORT", Number(inEffect.ReusePort), Number(asked.ReusePort))
            : asked.V6Only is { } only && inEffect.V6Only is { } has && only != has ? ("IPV6_V6ONLY", Number(has), Number(only))
            : asked.Freebind && !inEffect.Freebind ? ("IP_FREEBIND", "0", "1")
            : asked.Device is not null && asked.Device != inEffect.Device ? ("SO_BINDTODEVICE", inEffect.Device ?? "none", asked.Device)
            : default;
        if (difference.Item1 is { } option)
        {
            throw new InvalidOperationException(
                $"The socket for {new IPEndPoint(address, port)} was bound with {option} = {difference.Item2} although {difference.Item3} "
                    + "was asked for: a sandbox or a BPF program on the host changes socket options. The socket was closed.");
        }
    }

    public static SocketSettings InEffect(SocketSettings asked, in ListenSocketOptions inEffect) => asked with
    {
        ReuseAddress = inEffect.ReuseAddress,
        ReusePort = inEffect.ReusePort,
        V6Only = inEffect.V6Only,
        Device = inEffect.Device,
        Freebind = inEffect.Freebind,
    };

    private static string Number(bool value) => value ? "1" : "0";
}

/// <summary>
/// A listening socket that another process may have too. When a plain Socket is closed while it accepts, .NET ends its accept() by
/// connect() with AF_UNSPEC or by shutdown(), and then the socket listens in no process any more: under load one close in six did. This one
/// leaves the others alone.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SharedSocket : Socket
{
    private readonly SafeSocketHandle _handle;
    private bool _isLetGo;

    /// <summary>Is called when it is closed.</summary>
    public Action? Closed { get; set; }

    public SharedSocket(SafeSocketHandle handle)
        : base(handle)
    {
        _handle = handle;
        // From now on O_NONBLOCK is set, and .NET waits itself where the caller wants to: a thread within
        // accept() could not be woken without the others.
        Blocking = false;
        Blocking = true;
    }

    /// <summary>The same socket as one of these; the other is closed.</summary>
    public static SharedSocket Of(Socket socket)
    {
        using (socket)
        {
            var errno = DuplicateDescriptor.Copy(socket.SafeHandle, PassedDescriptor.First, out var copy);
            if (errno != Errno.None)
                throw new SocketException((int)SocketErrors.Of(errno));
            var handle = new SafeSocketHandle(copy.Number, ownsHandle: true);
            copy.SetHandleAsInvalid();
            return new SharedSocket(handle);
        }
    }

    protected override void Dispose(bool disposing)
    {
        // A connection, as a unit with Accept=yes passes it, is nobody else's.
        if (disposing && !Interlocked.Exchange(ref _isLetGo, true) && !_handle.IsClosed && !Connected)
        {
            Closed?.Invoke();
            // Without a free descriptor: a child that is started in this very moment may then get the socket.
            if (SharedDescription.LetGo(_handle, SocketType == SocketType.Stream) != Errno.None)
                _ = CloseOnExecCall.Clear(_handle);
        }
        base.Dispose(disposing);
    }
}

/// <summary>
/// Opens and binds sockets by bare calls: what is asked is set and nothing else. (.NET's Socket.Bind sets SO_REUSEADDR at every TCP bind.)
/// The descriptor is close-on-exec; whoever gets it owns it.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ListenSocket
{
    /// <summary>Opens and binds one; -1 on a fault. <paramref name="inEffect"/> is what the kernel has after bind().</summary>
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

    /// <summary>
    /// The kernel says that no interface has it, or that it does not know its family. False also where that cannot be told, as without a
    /// free descriptor: whoever binds then hears why.
    /// </summary>
    internal static bool IsMissing(IPAddress address)
    {
        var errno = SocketCall.Open(InternetName.FamilyOf(address), SocketCall.TypeStream, 0, out var socket);
        using (socket)
        {
            if (errno == Errno.None)
            {
                // Takes no port (IPv6 sockets have the option too); where there is no such option, one for a moment.
                _ = SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.BindAddressNoPort, 1);
                Span<byte> room = stackalloc byte[NativeAddress.MaximumInternetBytes];
                errno = BindCall.Bind(socket, InternetName.Write(room, address, 0));
            }
            return errno is Errno.EADDRNOTAVAIL or Errno.EAFNOSUPPORT;
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

    /// <summary>Writes an address, with its scope, for bind(2): .NET's own SocketAddress would be an object for each bind.</summary>
    internal static ReadOnlySpan<byte> Write(Span<byte> room, IPAddress address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var length);
        var scope = address.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)address.ScopeId : 0;
        return NativeAddress.Write(room, bytes[..length], port, scope);
    }
}
