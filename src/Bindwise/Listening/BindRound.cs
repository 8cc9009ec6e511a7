using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using Bindwise.Linux.Listening;

namespace Bindwise;

/// <summary>
/// One round over the candidates of a request. All sockets of a candidate are bound before the first one listens, so that nobody connects
/// to a listener that is then given up; whoever takes the port between the two calls makes listen() fail, and is answered like a taken
/// port.
/// </summary>
internal static class BindRound
{
    /// <summary>How many ports of the system's choice are tried when several sockets have to share one.</summary>
    internal const int MaximumChoices = 64;

    /// <summary>So often all are tried while one was lost between bind() and listen(): the winner may let go of another.</summary>
    private const int MaximumRounds = 8;

    private const string ListenCall = "listen()";

    /// <summary>Of a checked request; <paramref name="listens"/> is false where the others of its call have to be bound first.</summary>
    public static BindFailure? Try(ListenRequest request, bool listens, out BoundListener? listener)
    {
        if (request.UnixPath is { } path)
            return UnixBinding.Try(path, request, listens, out listener) is { } refused ? new BindFailure(request, [refused], 1) : null;
        var failure = TryCandidates(request, listens, out listener, out var hasLostRace);
        for (var round = 1; failure is not null && hasLostRace && round < MaximumRounds; round++)
            failure = TryCandidates(request, listens, out listener, out hasLostRace);
        return failure;
    }

    private static BindFailure? TryCandidates(ListenRequest request, bool listens, out BoundListener? listener, out bool hasLostRace)
    {
        listener = null;
        hasLostRace = false;
        ImmutableArray<BindFault>.Builder? faults = null;
        var candidates = 0;
        foreach (var port in request.Port.InOrder)
        {
            var fault = port == 0 && CountOf(request) > 1 ? TryChoices(request, listens, out listener)
                : TryPort(request, port, listens, null, out listener);
            if (fault is null)
                return null;
            candidates++;
            hasLostRace |= fault.Call == ListenCall;
            faults ??= ImmutableArray.CreateBuilder<BindFault>();
            if (faults.Count < BindFailure.MaximumFaults)
                faults.Add(fault);
            if (!fault.Error.IsAboutPort())
                return new BindFailure(request, [fault], candidates);
        }
        return new BindFailure(request, faults!.ToImmutable(), candidates);
    }

    /// <summary>
    /// The first socket takes what the system chooses, the others follow. A number that one of them cannot have stays held until the end of
    /// the search, so that the system offers another one; when it has none left, the last one that it offered tells why.
    /// </summary>
    private static BindFault? TryChoices(ListenRequest request, bool listens, out BoundListener? listener)
    {
        listener = null;
        var held = new List<BoundSocket>();
        BindFault? last = null;
        try
        {
            while (held.Count < MaximumChoices)
            {
                var before = held.Count;
                var fault = TryPort(request, 0, listens, held, out listener);
                if (fault is not { Error: SocketError.AddressAlreadyInUse })
                    return fault;
                if (held.Count == before)
                    return last is null ? fault : last with { Offered = before };
                last = fault;
            }
            return last! with { Offered = held.Count };
        }
        finally
        {
            foreach (var one in held)
                one.Socket.Dispose();
        }
    }

    /// <summary>Listens on all sockets of a listener that is bound only; of a listener that fails they stay open.</summary>
    public static BindFault? ListenAll(BoundListener listener) => ListenAll(listener.Request!, listener.Sockets.AsSpan());

    /// <summary>Binds all and listens on all, or leaves nothing open but the first socket, where somebody holds it.</summary>
    private static BindFault? TryPort(ListenRequest request, int port, bool listens, List<BoundSocket>? held, out BoundListener? listener)
    {
        listener = null;
        var sockets = new BoundSocket[CountOf(request)];
        var opened = 0;
        try
        {
            var fault = OpenAll(request, port, sockets, ref opened) ?? (listens ? ListenAll(request, sockets) : null);
            if (fault is null)
                listener = new BoundListener(request, ImmutableCollectionsMarshal.AsImmutableArray(sockets));
            return fault;
        }
        finally
        {
            if (listener is null)
            {
                var first = 0;
                if (held is not null && opened > 0)
                    held.Add(sockets[first++]);
                foreach (var one in sockets.AsSpan(first..opened))
                    one.Socket.Dispose();
            }
        }
    }

    private static BindFault? OpenAll(ListenRequest request, int port, BoundSocket[] sockets, ref int opened)
    {
        foreach (var address in request.Addresses)
        {
            // HasFlag() of a variable allocates until it is compiled a second time.
            if (request.Transports.HasFlag(Transports.Tcp)
                && Add(request, address, Transports.Tcp, ref port, sockets, ref opened) is { } tcp)
                return tcp;
            if (request.Transports.HasFlag(Transports.Udp)
                && Add(request, address, Transports.Udp, ref port, sockets, ref opened) is { } udp)
                return udp;
        }
        return null;
    }

    private static BindFault? Add(ListenRequest request, IPAddress address, Transports transport, ref int port, BoundSocket[] sockets,
        ref int opened)
    {
        BoundSocket? socket;
        var fault = request.CreateBoundSocket is { } create
            ? PortableSockets.Create(create, new IPEndPoint(address, port), transport, request, out socket)
            : OperatingSystem.IsLinux() && !request.IsPortable ? LinuxSockets.Open(address, port, transport, request, out socket)
            : PortableSockets.Open(new IPEndPoint(address, port), transport, request, out socket);
        if (fault is not null)
            return fault;
        sockets[opened++] = socket!;
        if (port == 0)
            port = ((IPEndPoint)socket!.LocalEndPoint).Port;
        return null;
    }

    private static BindFault? ListenAll(ListenRequest request, ReadOnlySpan<BoundSocket> sockets)
    {
        foreach (var one in sockets)
        {
            if (one.Transport == Transports.Tcp && Listen(one, request.Settings.Backlog) is { } fault)
                return fault;
        }
        return null;
    }

    /// <summary>listen() fails as bind() does where two with SO_REUSEADDR are bound to one port and the other listens first.</summary>
    internal static BindFault? Listen(BoundSocket socket, int backlog)
    {
        try
        {
            socket.Socket.Listen(backlog);
            return null;
        }
        catch (SocketException exception)
        {
            return new BindFault(exception.SocketErrorCode, SocketErrors.NameOf(exception.SocketErrorCode), ListenCall,
                socket.LocalEndPoint, socket.Transport);
        }
    }

    private static int CountOf(ListenRequest request) => request.Addresses.Length * (request.Transports == Transports.TcpAndUdp ? 2 : 1);
}

internal static class LoopbackAddresses
{
    /// <summary>127.0.0.1, and ::1 where IPv6 is there and some interface has it: containers often lack it.</summary>
    public static ImmutableArray<IPAddress> Present => HasIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];

    // On Linux .NET's list of interfaces costs 35 KB, reads /proc/net/route, and throws a
    // FormatException where there is no descriptor for that.
    private static bool HasIPv6 => OperatingSystem.IsLinux()
        ? !ListenSocket.IsMissing(IPAddress.IPv6Loopback)
        : Socket.OSSupportsIPv6 && NetworkInterface.GetAllNetworkInterfaces()
            .Any(static link => link.GetIPProperties().UnicastAddresses.Any(static one => one.Address.Equals(IPAddress.IPv6Loopback)));
}

/// <summary>The activity of a bind, retries and the search for the reason included.</summary>
internal static class BindActivity
{
    /// <summary>Begins one; null if nobody wants it.</summary>
    public static Activity? Start(ListenRequest request)
    {
        var activity = SocketActivities.Start(BindwiseTelemetry.BindActivity, ActivityKind.Internal);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag(BindwiseTelemetry.TransportTag,
            request.UnixPath is not null ? "unix" : request.Transports == Transports.Udp ? "udp" : "tcp");
        if (request.UnixPath is { } path)
            activity.SetTag(BindwiseTelemetry.AddressTag, path);
        else if (request.Addresses is [var only])
            SocketActivities.SetAddress(activity, only);
        if (request.Port.Single is { } port && request.UnixPath is null)
            activity.SetTag(BindwiseTelemetry.PortTag, port);
        return activity;
    }

    public static void Bound(Activity activity, BoundListener listener)
    {
        if (listener.Sockets is [{ LocalEndPoint: IPEndPoint }, ..])
            activity.SetTag(BindwiseTelemetry.PortTag, listener.Port);
        SetAttempts(activity, listener.Attempts);
    }

    public static void Failed(Activity activity, Exception exception)
    {
        var refused = exception as BindException;
        SocketActivities.Failed(activity, exception, refused?.ErrorName, refused?.Diagnosis);
        SetAttempts(activity, refused?.Attempts ?? 1);
    }

    private static void SetAttempts(Activity activity, int attempts)
    {
        if (attempts > 1)
            activity.SetTag(BindwiseTelemetry.AttemptsTag, attempts);
    }
}

/// <summary>Binds a UNIX stream socket; a file that nobody is bound to gives way, where the request lets it.</summary>
internal static class UnixBinding
{
    public static BindFault? Try(string path, ListenRequest request, bool listens, out BoundListener? listener)
    {
        listener = null;
        var fault = Open(path, request, out var socket);
        if (fault is { Error: SocketError.AddressAlreadyInUse } && request.ReplaceStaleUnixPath && path[0] != '@')
            fault = Replace(path, request, fault, out socket);
        if (fault is not null)
            return fault;
        // Before listen(), so that whatever follows the file goes with the socket.
        using var file = OperatingSystem.IsLinux() && path[0] != '@' ? SocketFileEntry.Of(socket!.Socket.SafeHandle, path) : null;
        var bound = new BoundListener(request, [socket!],
            file is null || !OperatingSystem.IsLinux() ? null : new OwnSocketFile(path, file.File));
        try
        {
            if (request.Settings.UnixFileMode is { } mode && !OperatingSystem.IsWindows())
                SetMode(path, file, mode);
            fault = listens ? BindRound.ListenAll(bound) : null;
            if (fault is null)
                listener = bound;
            return fault;
        }
        finally
        {
            if (listener is null)
                bound.Dispose();
        }
    }

    private static BindFault? Open(string path, ListenRequest request, out BoundSocket? socket) =>
        request.CreateBoundSocket is { } create ? PortableSockets.Create(create, UnixEndPoint.Of(path), Transports.Tcp, request, out socket)
        : OperatingSystem.IsLinux() && !request.IsPortable ? LinuxSockets.OpenUnix(path, request, out socket)
        : PortableSockets.Open(UnixEndPoint.Of(path), Transports.Tcp, request, out socket);

    private static BindFault? Replace(string path, ListenRequest request, BindFault before, out BoundSocket? socket)
    {
        socket = null;
        if (!OperatingSystem.IsLinux() || request.IsPortable)
            return RemoveRefusing(path) ? Open(path, request, out socket) : before;
        using var file = SocketFileEntry.Open(path);
        if (file is null)
            return before;
        using var held = FolderLock.Take(file);
        return file.IsStale() && file.Remove() == Errno.None ? Open(path, request, out socket) : before;
    }

    // Nobody can connect before listen(), so another mode is never in force.
    [UnsupportedOSPlatform("windows")]
    private static void SetMode(string path, SocketFileEntry? file, UnixFileMode mode)
    {
        if (!OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(path, mode);
            return;
        }
        // It was made with the mode, unless a sandbox, a folder's ACL or the program's own socket left it another.
        if (OwnSocketFile.TrySetMode(path, file, mode))
            return;
        throw new InvalidOperationException(
            $"The file of the socket at {path} cannot be given the mode 0{Convert.ToString((int)mode, 8)}: it was replaced, or the system "
                + "refuses. The socket was closed.");
    }

    // Where .NET alone asks: a socket file that refuses connections has no listener.
    private static bool RemoveRefusing(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(UnixEndPoint.Of(path));
            return false;
        }
        catch (SocketException exception)
        {
            // Somebody may be there whom this user may not ask; a file that is no socket refuses too, and one with content is none.
            if (exception.SocketErrorCode != SocketError.ConnectionRefused || new FileInfo(path) is { Exists: true, Length: > 0 })
                return false;
            File.Delete(path);
            return true;
        }
    }
}

/// <summary>The file that a UNIX listener made, to be removed with it: only while it is still that very file.</summary>
internal sealed class OwnSocketFile(string path, UnixSocketFile file)
{
    // The working directory may be another by then; the rest of the path is the kernel's to follow.
    private readonly string _path = Path.Join(path[0] == '/' ? "" : Environment.CurrentDirectory, path);

    /// <summary>The file that a socket made; null for an abstract name, and where no file is known to be its own.</summary>
    [SupportedOSPlatform("linux")]
    public static OwnSocketFile? Of(Socket socket, string path)
    {
        using var file = path[0] == '@' ? null : SocketFileEntry.Of(socket.SafeHandle, path);
        return file is null ? null : new OwnSocketFile(path, file.File);
    }

    /// <summary>Gives a socket's file a mode where it has another; what is not known to be the socket's own is left as it is.</summary>
    [SupportedOSPlatform("linux")]
    public static bool TrySetMode(string path, SocketFileEntry? own, UnixFileMode mode)
    {
        if (own is not null)
            return own.Mode == mode || own.TrySetMode(mode);
        using var file = SocketFileEntry.Open(path);
        return file?.Mode == mode;
    }

    /// <summary>Removes it, unless another one stands there by now.</summary>
    public void Remove()
    {
        // Where the folder's rights have changed, it stays, and the next bind() replaces it.
        if (OperatingSystem.IsLinux())
            _ = SocketFileEntry.Remove(_path, file);
    }
}
