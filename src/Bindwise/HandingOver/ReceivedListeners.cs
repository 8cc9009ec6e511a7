using Bindwise.Linux.Listening;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>Listeners of which some sockets came from an old instance or from the service manager; the rest is bound here.</summary>
[SupportedOSPlatform("linux")]
internal sealed record ReceivedListeners(ImmutableArray<BoundListener> Listeners, ImmutableArray<ActivatedSocket> Taken,
    ImmutableArray<string> Differences)
{
    /// <summary>Makes them; closes the received sockets that no request asks for, here.</summary>
    public static async ValueTask<ReceivedListeners> BindAsync(ImmutableArray<ListenRequest> requests, BindFallback? fallback,
        ImmutableArray<ActivatedSocket> received, CancellationToken cancellationToken)
    {
        try
        {
            var found = Match(requests, received);
            var later = fallback is null ? [] : Match(fallback.Requests, received);
            // Before the rest is bound: a copy of what nobody asked for would be named as in the way, beside the old instance that listens.
            ActivatedSocket.Close(received.Except(found.Concat(later).SelectMany(static one => one)));
            ReceivedListeners listeners;
            try
            {
                listeners = await BindAsync(requests, found, cancellationToken).ConfigureAwait(false);
            }
            catch (BindException exception) when (fallback?.Applies(exception) == true)
            {
                ActivatedSocket.Close(received.Except(later.SelectMany(static one => one)));
                listeners = await BindAsync(fallback.Requests, later, cancellationToken).ConfigureAwait(false);
            }
            ActivatedSocket.Close(received.Except(listeners.Taken));
            return listeners;
        }
        catch
        {
            ActivatedSocket.Close(received);
            throw;
        }
    }

    private static async ValueTask<ReceivedListeners> BindAsync(ImmutableArray<ListenRequest> requests,
        ImmutableArray<ActivatedSocket>[] found, CancellationToken cancellationToken)
    {
        var toBind = new List<(int Place, ListenRequest Request)>();
        for (var place = 0; place < requests.Length; place++)
            toBind.AddRange(
                PartlyPassed.Missing(requests[place], found[place]).Select(request => (place, request with { IsShared = true })));
        ImmutableArray<BoundListener> bound = toBind.Count == 0
            ? []
            : await Listener.BindAllAsync([.. toBind.Select(static one => one.Request)], cancellationToken).ConfigureAwait(false);
        try
        {
            return Join(requests, found, [.. toBind.Zip(bound, static (one, listener) => (one.Place, listener))]);
        }
        catch
        {
            PartlyPassed.Close(bound);
            throw;
        }
    }

    private static ImmutableArray<ActivatedSocket>[] Match(ImmutableArray<ListenRequest> requests, ImmutableArray<ActivatedSocket> received)
    {
        // Those that name their port choose first: any port fits the others.
        var found = new TakeOverMatch(received).TakeEach([.. requests.Select(static one => new NamedListenRequest { Request = one })],
            static one => one.Request.Port.Single is > 0);
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
        var all = PartlyPassed.Join(request, found, own, differences);
        foreach (var one in all)
        {
            // listen() once more only sets the length of the queue, for both instances.
            if (one.Transport == Transports.Tcp && BindRound.Listen(one, request.Settings.Backlog) is { } fault)
                throw BindRetry.Refusal(new BindFailure(request, [fault], 1));
        }
        if (request.UnixPath is not { } path || path[0] == '@')
            return new BoundListener(null, all);
        using var file = SocketFileEntry.Of(all[0].Socket.SafeHandle, path);
        if (request.Settings.UnixFileMode is { } mode && !OwnSocketFile.TrySetMode(path, file, mode))
        {
            differences.Add($"{Escaper.Escape(path)} was received with another UnixFileMode than 0{Convert.ToString((int)mode, 8)}, which "
                + "cannot be set: the file is not known to be the socket's own, or is another user's.");
        }
        return new BoundListener(null, all, file is null ? null : new OwnSocketFile(path, file.File));
    }
}

/// <summary>Other requests, for when some cannot be bound.</summary>
internal sealed record BindFallback(ImmutableArray<ListenRequest> Requests, Func<BindException, bool> Applies);

/// <summary>Sockets that another process sent: looked at before they are believed.</summary>
[SupportedOSPlatform("linux")]
internal static class ReceivedSocket
{
    /// <summary>A listening TCP or UNIX socket, or UDP, with an address; null for anything else, which stays the caller's.</summary>
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
