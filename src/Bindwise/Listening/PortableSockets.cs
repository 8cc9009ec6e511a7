namespace Bindwise;

/// <summary>
/// Sockets made by .NET alone, on macOS and Windows. On macOS .NET sets SO_REUSEADDR at every TCP bind(), so a socket without it cannot be
/// had there, and what is in effect says so.
/// </summary>
internal static class PortableSockets
{
    /// <summary>SOL_SOCKET and SO_REUSEPORT of BSD systems; of Linux, where tests play this source.</summary>
    private static (int Level, int Name) ReusePort => OperatingSystem.IsLinux() ? (1, 15) : (0xffff, 0x200);

    public static BindFault? Open(EndPoint endpoint, Transports transport, ListenRequest request, out BoundSocket? opened)
    {
        opened = null;
        var settings = request.Settings;
        var isUnix = endpoint is UnixDomainSocketEndPoint;
        Refuse(isUnix, transport, settings);
        Socket? socket = null;
        var call = "socket()";
        try
        {
            socket = isUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : transport == Transports.Udp ? new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
                : new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            call = "setsockopt()";
            if (!isUnix)
                Set(socket, transport, settings);
            request.ConfigureSocket?.Invoke(socket, endpoint);
            call = "bind()";
            socket.Bind(endpoint);
            opened = new BoundSocket(socket, socket.LocalEndPoint!, transport, InEffect(socket, isUnix, settings));
            return null;
        }
        catch (SocketException exception)
        {
            return new BindFault(exception.SocketErrorCode, SocketErrors.NameOf(exception.SocketErrorCode), call, endpoint, transport);
        }
        finally
        {
            if (opened is null)
                socket?.Dispose();
        }
    }

    /// <summary>Lets the program's own code make the socket and bind it.</summary>
    public static BindFault? Create(Func<EndPoint, Socket> create, EndPoint endpoint, Transports transport, ListenRequest request,
        out BoundSocket? opened)
    {
        opened = null;
        Socket? socket = null;
        try
        {
            socket = create(endpoint)
                ?? throw new InvalidOperationException($"{nameof(ListenRequest.CreateBoundSocket)} gave no socket for {endpoint}.");
            var local = socket.LocalEndPoint ?? throw new InvalidOperationException(
                $"{nameof(ListenRequest.CreateBoundSocket)} did not bind the socket for {endpoint}.");
            if (request.IsShared && OperatingSystem.IsLinux())
                socket = SharedSocket.Of(socket);
            opened = new BoundSocket(socket, local, transport, InEffect(socket, endpoint is UnixDomainSocketEndPoint, request.Settings));
            return null;
        }
        catch (SocketException exception)
        {
            return new BindFault(exception.SocketErrorCode, SocketErrors.NameOf(exception.SocketErrorCode), "bind()", endpoint, transport);
        }
        finally
        {
            if (opened is null)
                socket?.Dispose();
        }
    }

    private static void Refuse(bool isUnix, Transports transport, SocketSettings settings)
    {
        if (settings.Device is not null)
            throw new PlatformNotSupportedException(
                "Binding to an interface (Device, SO_BINDTODEVICE) works only on Linux; bind to an address of that interface instead.");
        if (settings.Freebind)
            throw new PlatformNotSupportedException(
                "Freebind (IP_FREEBIND) works only on Linux; wait for the address instead: BindRetryOptions with "
                    + "BindRetryReasons.Address.");
        if (isUnix)
            return;
        if (settings.ReusePort && OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Windows has no SO_REUSEPORT; leave ReusePort false.");
        if (settings.ReuseAddress == false && transport == Transports.Tcp && !OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException(
                ".NET sets SO_REUSEADDR at every TCP bind() on this system, so ReuseAddress = false is not possible; leave it null.");
    }

    private static void Set(Socket socket, Transports transport, SocketSettings settings)
    {
        if (OperatingSystem.IsWindows())
        {
            if (settings.ReuseAddress == true)
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            else if (settings.ExclusiveAddressUse)
                socket.ExclusiveAddressUse = true;
        }
        else
        {
            // .NET's own ReuseAddress would set SO_REUSEPORT as well; for TCP bind() sets SO_REUSEADDR by itself.
            if (settings.ReuseAddress == true && transport == Transports.Udp)
                socket.SetRawSocketOption(ReusePort.Level, OperatingSystem.IsLinux() ? 2 : 4, BitConverter.GetBytes(1));
            if (settings.ReusePort)
                socket.SetRawSocketOption(ReusePort.Level, ReusePort.Name, BitConverter.GetBytes(1));
        }
        // .NET makes IPv6 sockets v6-only; the system's own default is dual-stack but on Windows.
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            socket.DualMode = !(settings.V6Only ?? OperatingSystem.IsWindows());
    }

    private static SocketSettings InEffect(Socket socket, bool isUnix, SocketSettings settings) => settings with
    {
        ReuseAddress = !isUnix && ReadsTrue(socket, 2, OperatingSystem.IsLinux() ? 2 : 4),
        ReusePort = !isUnix && !OperatingSystem.IsWindows() && ReadsTrue(socket, ReusePort.Name, ReusePort.Name),
        V6Only = socket.AddressFamily == AddressFamily.InterNetworkV6 ? !socket.DualMode : null,
    };

    private static bool ReadsTrue(Socket socket, int linuxName, int name)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        _ = socket.GetRawSocketOption(ReusePort.Level, OperatingSystem.IsLinux() ? linuxName : name, value);
        return BitConverter.ToInt32(value) != 0;
    }
}
