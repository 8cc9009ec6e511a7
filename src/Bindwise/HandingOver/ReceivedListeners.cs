using Bindwise.Linux.Listening;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>
/// Listeners of which some, or some of their sockets, came from an old instance or from the service manager; the rest is bound here.
/// </summary>
/// <param name="Listeners">One for each request, in their order.</param>
/// <param name="Taken">Which of the received sockets they have.</param>
/// <param name="Differences">Options of received sockets that differ from the request, one sentence each.</param>
[SupportedOSPlatform("linux")]
internal sealed record ReceivedListeners(ImmutableArray<BoundListener> Listeners, ImmutableArray<ActivatedSocket> Taken,
    ImmutableArray<string> Differences)
{
    /// <summary>Makes them; closes the received sockets that no request asks for, here.</summary>
    /// <param name="requests">What to listen on.</param>
    /// <param name="received">What there is; on failure all of it is closed.</param>
    /// <param name="cancellationToken">Ends the wait between two attempts and the search for the reason.</param>
    /// <exception cref="BindException">The system refused to bind one.</exception>
    public static async ValueTask<ReceivedListeners> BindAsync(ImmutableArray<ListenRequest> requests,
        ImmutableArray<ActivatedSocket> received, CancellationToken cancellationToken)
    {
        try
        {
            var found = Match(requests, received);
            // Before the rest is bound: a copy of what nobody asked for would be named as in the way, beside the old instance that listens.
            foreach (var one in received.Except(found.SelectMany(static one => one)))
                one.Socket.Dispose();
            var toBind = new List<(int Place, ListenRequest Request)>();
            for (var place = 0; place < requests.Length; place++)
                toBind.AddRange(Missing(requests[place], found[place]).Select(request => (place, request with { IsShared = true })));
            ImmutableArray<BoundListener> bound = toBind.Count == 0
                ? []
                : await Listener.BindAllAsync([.. toBind.Select(static one => one.Request)], cancellationToken).ConfigureAwait(false);
            return Join(requests, found, [.. toBind.Zip(bound, static (one, listener) => (one.Place, listener))]);
        }
        catch
        {
            foreach (var one in received)
                one.Socket.Dispose();
            throw;
        }
    }

    private static ImmutableArray<ActivatedSocket>[] Match(ImmutableArray<ListenRequest> requests, ImmutableArray<ActivatedSocket> received)
    {
        var match = new TakeOverMatch(received);
        var found = new ImmutableArray<ActivatedSocket>[requests.Length];
        // Those that name their port choose first: any port fits the others.
        foreach (var isExact in (ReadOnlySpan<bool>)[true, false])
        {
            for (var place = 0; place < found.Length; place++)
            {
                if (requests[place].Port.Single is > 0 == isExact)
                    found[place] = match.Take(new NamedListenRequest { Request = requests[place] });
            }
        }
        for (var place = 0; place < found.Length; place++)
        {
            // A socket whose file is gone cannot be reached: another one is bound.
            if (requests[place].UnixPath is not { } path || path[0] == '@')
                continue;
            using var file = SocketFileEntry.Open(path);
            if (file is null)
                found[place] = [];
        }
        return found;
    }

    private static ReceivedListeners Join(ImmutableArray<ListenRequest> requests, ImmutableArray<ActivatedSocket>[] found,
        ImmutableArray<(int Place, BoundListener Listener)> bound)
    {
        var listeners = ImmutableArray.CreateBuilder<BoundListener>(requests.Length);
        var differences = ImmutableArray.CreateBuilder<string>();
        for (var place = 0; place < requests.Length; place++)
        {
            var own = bound.Where(one => one.Place == place).Select(static one => one.Listener).ToList();
            listeners.Add(found[place].IsEmpty ? own[0] : Join(requests[place], found[place], own, differences));
        }
        return new ReceivedListeners(listeners.MoveToImmutable(), [.. found.SelectMany(static one => one)], differences.ToImmutable());
    }

    private static BoundListener Join(ListenRequest request, ImmutableArray<ActivatedSocket> found, List<BoundListener> own,
        ImmutableArray<string>.Builder differences)
    {
        var sockets = new List<BoundSocket>();
        foreach (var one in found)
        {
            var transport = TakeOverMatch.TransportOf(one.Socket)!.Value;
            var has = PassedOptions.Read(one.Socket, request.Settings);
            if (one.Socket.AddressFamily != AddressFamily.Unix)
                differences.AddRange(
                    PassedOptions.Differences(request.Settings, has, one.LocalEndPoint.ToString()!, transport == Transports.Tcp));
            // listen() once more only sets the length of the queue, for both instances.
            if (transport == Transports.Tcp)
                one.Socket.Listen(request.Settings.Backlog);
            sockets.Add(new BoundSocket(one.Socket, one.LocalEndPoint, transport, has));
        }
        sockets.AddRange(own.SelectMany(static listener => listener.Sockets));
        ImmutableArray<BoundSocket> all = [.. sockets.OrderBy(one =>
            one.LocalEndPoint is IPEndPoint local ? request.Addresses.IndexOf(local.Address) : 0).ThenBy(static one => one.Transport)];
        if (request.UnixPath is not { } path || path[0] == '@')
            return new BoundListener(null, all);
        using var file = SocketFileEntry.Of(all[0].Socket.SafeHandle, path);
        if (request.Settings.UnixFileMode is { } mode && !OwnSocketFile.TrySetMode(path, file, mode))
        {
            differences.Add($"{Escaper.Escape(path)} was received with another UnixFileMode than 0{Convert.ToString((int)mode, 8)}, which "
                + "cannot be set: the file is not known to be the socket's own, or is another user's.");
        }
        return new BoundListener(null, all, file is null ? null : new OwnSocketFile(Path.GetFullPath(path), file.File));
    }

    private static IEnumerable<ListenRequest> Missing(ListenRequest request, ImmutableArray<ActivatedSocket> found)
    {
        if (found.IsEmpty)
            return [request];
        if (request.UnixPath is not null)
            return [];
        var port = ((IPEndPoint)found[0].LocalEndPoint).Port;
        return from transport in (Transports[])[Transports.Tcp, Transports.Udp]
               where request.Transports.HasFlag(transport)
               let addresses = request.Addresses.RemoveAll(address => found.Any(one =>
                   TakeOverMatch.TransportOf(one.Socket) == transport && address.Equals(((IPEndPoint)one.LocalEndPoint).Address)))
               where !addresses.IsEmpty
               select request with { Addresses = addresses, Transports = transport, Port = PortPolicy.Exactly(port) };
    }
}

/// <summary>Sockets that another process sent: looked at before they are believed.</summary>
[SupportedOSPlatform("linux")]
internal static class ReceivedSocket
{
    /// <summary>
    /// Makes a socket of what was sent: TCP or UNIX that listens, or UDP, with an address. Null for anything else, which stays the
    /// caller's.
    /// </summary>
    /// <param name="descriptor">The descriptor; it is taken over unless null comes back.</param>
    public static ActivatedSocket? Open(SafeFileDescriptor descriptor)
    {
        var number = descriptor.Number;
        if (PassedDescriptor.Claim(number).Kind != PassedKind.Socket)
            return null;
        descriptor.SetHandleAsInvalid();
        var socket = new SharedSocket(new SafeSocketHandle(number, ownsHandle: true));
        var isListening = PassedDescriptor.IsListening(number);
        var isKnown = (socket.AddressFamily, socket.SocketType) switch
        {
            (AddressFamily.Unix, SocketType.Stream) => isListening,
            (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6, SocketType.Stream) =>
                isListening && socket.ProtocolType == ProtocolType.Tcp,
            (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6, SocketType.Dgram) => socket.ProtocolType == ProtocolType.Udp,
            _ => false,
        };
        if (isKnown && socket.LocalEndPoint is { } local && local is not IPEndPoint { Port: 0 })
            return new ActivatedSocket("", number, socket, local, isListening);
        socket.Dispose();
        return null;
    }
}
