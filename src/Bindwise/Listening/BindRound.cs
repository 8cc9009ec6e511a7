using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

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

    /// <summary>
    /// How often all candidates are tried while one of them was lost between bind() and listen(): whoever won may have let go of another by
    /// now, which its socket had only in passing.
    /// </summary>
    private const int MaximumRounds = 8;

    private const string ListenCall = "listen()";

    /// <param name="request">A request that was checked.</param>
    /// <param name="listens">False: it is bound only, and listens when the other requests of its call are bound as well.</param>
    /// <param name="listener">The listener; null when it failed.</param>
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
            if (!fault.IsAboutPort)
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

    /// <summary>
    /// listen(), which fails as bind() does when two sockets with SO_REUSEADDR are bound to one port and the other one listens first.
    /// </summary>
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
        ? !LocalAddress.IsMissing(IPAddress.IPv6Loopback)
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
