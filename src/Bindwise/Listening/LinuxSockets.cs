namespace Bindwise;

/// <summary>Sockets made by bare calls and then wrapped: the runtime sets nothing on a socket that it is handed.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxSockets
{
    /// <param name="address">The address, with its scope.</param>
    /// <param name="port">The port; 0 lets the system pick.</param>
    /// <param name="transport">TCP or UDP.</param>
    /// <param name="request">What is set, and what the program itself sets.</param>
    /// <param name="opened">The socket, not listening yet; null on a fault.</param>
    /// <exception cref="InvalidOperationException">The kernel has another option than was asked for.</exception>
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

    /// <param name="path">The path, or <c>@name</c>.</param>
    /// <param name="request">What was asked; of its options only the file's mode is set on a UNIX socket.</param>
    /// <param name="opened">The socket, not listening yet; null on a fault.</param>
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

    private static Action<int> ConfigureAt(Action<Socket, EndPoint> configure, EndPoint endpoint) =>
        descriptor => Configure(configure, descriptor, endpoint);

    // A wrapper that does not own the descriptor and is left to the collector: the lasting one is
    // made after bind(), and so knows its address.
    private static void Configure(Action<Socket, EndPoint> configure, int descriptor, EndPoint endpoint) =>
        configure(new Socket(new SafeSocketHandle(descriptor, ownsHandle: false)), endpoint);

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

/// <summary>
/// Holds what the kernel has against what was asked: a sandbox or a BPF program may answer a setsockopt() and do nothing.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ReadBack
{
    /// <exception cref="InvalidOperationException">They differ.</exception>
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
    /// <exception cref="SocketException">No descriptor is free.</exception>
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
