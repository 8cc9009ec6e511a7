namespace Bindwise.AspNetCore;

/// <summary>Binds every endpoint of the server before Kestrel starts, all or none, and keeps the sockets for it.</summary>
internal sealed class EndpointBinder(EndpointRequests requests, ListeningSockets sockets, ActivatedSocketPool activated,
    ConfiguredLocalhost localhost, KestrelHandOver handOver, BindMeter meter)
{
    private static readonly IPAddress[] Loopback = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    public async Task<IReadOnlyList<ServedEndpoint>> BindAsync(IReadOnlyList<AskedEndpoint> endpoints, CancellationToken cancellation)
    {
        RefuseTwins(endpoints);
        var served = new ServedEndpoint?[endpoints.Count];
        var pending = new List<PendingEndpoint>();
        for (var index = 0; index < endpoints.Count; index++)
        {
            var endpoint = endpoints[index];
            ImmutableArray<ActivatedSocket> passed = activated.Take().IsEmpty ? [] : activated.Fetch(endpoint);
            foreach (var one in passed)
                sockets.Add(endpoint.Name, one.Socket);
            if (passed.IsEmpty && localhost.Fetch(endpoint) is { } before)
                served[index] = Reserve(endpoint, [], before);
            else if (Missing(endpoint, passed) is { } missing)
                pending.Add(new PendingEndpoint(
                    index, endpoint, passed, missing, passed.IsEmpty ? requests.WithFallback(endpoint, missing, endpoints) : null));
            else
                served[index] = Reserve(endpoint, passed, null);
        }
        if (pending.Count > 0)
            await BindPendingAsync(pending, served, cancellation).ConfigureAwait(false);
        return served!;
    }

    private async Task BindPendingAsync(List<PendingEndpoint> pending, ServedEndpoint?[] served, CancellationToken cancellation)
    {
        BindException? taken = null;
        ImmutableArray<BoundListener> listeners;
        try
        {
            var fallback = new BindFallback([.. pending.Select(static one => one.WithFallback ?? one.Exact)], exception =>
            {
                taken = exception;
                if (!CanFallBack(pending, exception))
                    return false;
                meter.Retried(exception.Attempts);
                return true;
            });
            listeners = await handOver.BindAllAsync([.. pending.Select(static one => one.Exact)], fallback, cancellation)
                .ConfigureAwait(false);
        }
        catch (BindException exception)
        {
            meter.Failed(exception);
            throw EndpointFailure.Of(exception, Owner(pending, exception)?.Asked.Name);
        }
        catch (ArgumentException exception)
        {
            throw StartFailure.OfRequests([.. pending.Select(static one => one.Asked.Name)], exception);
        }
        for (var index = 0; index < pending.Count; index++)
            served[pending[index].Index] = Keep(pending[index], listeners[index], taken);
    }

    private ServedEndpoint Keep(PendingEndpoint pending, BoundListener listener, BindException? taken)
    {
        sockets.Add(pending.Asked.Name, listener);
        var served = Reserve(pending.Asked, pending.Passed, listener);
        return served.FellBack ? Explained(served, pending, taken) : served;
    }

    // A method of its own: whoever calls for a diagnosis has the model's assembly loaded.
    private static ServedEndpoint Explained(ServedEndpoint served, PendingEndpoint pending, BindException? taken) =>
        served with { Taken = new TakenPort(WhyTaken(pending, taken)) };

    /// <summary>What is left to bind of an endpoint; null for nothing.</summary>
    private ListenRequest? Missing(AskedEndpoint asked, ImmutableArray<ActivatedSocket> passed)
    {
        var exact = requests.Exactly(asked);
        if (passed.IsEmpty)
            return exact;
        // What is bound elsewhere was found by its name, and takes the place of all.
        if (asked.Kind != EndpointKind.Localhost || passed.Any(one => !exact.Addresses.Contains(AddressOf(one)!)))
            return null;
        var addresses = exact.Addresses.RemoveAll(address => passed.Any(one => address.Equals(AddressOf(one))));
        return addresses.IsEmpty ? null : exact with { Addresses = addresses, Port = PortPolicy.Exactly(PortOf(passed[0])) };
    }

    private ServedEndpoint Reserve(AskedEndpoint asked, ImmutableArray<ActivatedSocket> passed, BoundListener? bound)
    {
        if (bound is not null)
            meter.Bound(bound);
        List<(IPAddress? Address, Socket Socket)> all = [.. passed.Select(static one => (AddressOf(one), one.Socket)),
            .. bound?.Sockets.Select(static one => ((one.LocalEndPoint as IPEndPoint)?.Address, one.Socket)) ?? []];
        var served = new ServedEndpoint(asked, passed.IsEmpty ? bound!.Port : PortOf(passed[0]))
        {
            PassedAs = passed.IsEmpty ? null : passed[0].Name,
        };
        if (asked.Kind != EndpointKind.Localhost)
        {
            sockets.Reserve(asked.EndPoint, all[0].Socket);
            return served;
        }
        // One that is bound elsewhere is the first that Kestrel asks for.
        if (!Loopback.Contains(all[0].Address))
            all[0] = (IPAddress.Loopback, all[0].Socket);
        // A URL is rewritten to the port that was taken; code is not, and Kestrel asks for the one that stands there.
        foreach (var address in Loopback)
            sockets.Reserve(
                new IPEndPoint(address, asked.IsUrl ? served.Port : asked.Port), all.Find(one => address.Equals(one.Address)).Socket);
        return served;
    }

    private static IPAddress? AddressOf(ActivatedSocket passed) => (passed.LocalEndPoint as IPEndPoint)?.Address;

    private static int PortOf(ActivatedSocket passed) => (passed.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    private static bool CanFallBack(List<PendingEndpoint> pending, BindException exception) =>
        exception.SocketErrorCode.IsAboutPort()
        && (Owner(pending, exception) is { } owner ? owner.WithFallback is not null
            : pending.Exists(static one => one.WithFallback is not null));

    private static Diagnosis? WhyTaken(PendingEndpoint pending, BindException? taken)
    {
        if (taken is not null && Owner([pending], taken) is not null)
            return taken.Diagnosis;
        if (!pending.Exact.ExplainFailures)
            return null;
        // Of two addresses the second may be the one that is taken.
        Diagnosis? last = null;
        foreach (var address in pending.Exact.Addresses)
        {
            last = Asked(new IPEndPoint(address, pending.Asked.Port)) ?? last;
            if (last?.Verdict == Verdict.Blocked)
                break;
        }
        return last;
    }

    private static Diagnosis? Asked(IPEndPoint endpoint)
    {
        try
        {
            return PortDiagnostics.Diagnose(PortQuery.Of(endpoint) with { MayProbe = false });
        }
        catch (PortQueryException)
        {
            // Only the holder's name for a line of the log hangs on it.
            return null;
        }
    }

    private static PendingEndpoint? Owner(List<PendingEndpoint> pending, BindException exception) =>
        pending.Find(one => exception.Request is { } request && (request == one.Exact || request == one.WithFallback));

    private static void RefuseTwins(IReadOnlyList<AskedEndpoint> endpoints)
    {
        if (endpoints.Count < 2)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in endpoints)
        {
            if (endpoint is { Port: 0, Kind: not EndpointKind.Unix }
                || seen.Add((endpoint.Kind == EndpointKind.Localhost ? "localhost " : "") + endpoint.EndPoint))
                continue;
            var message = $"Failed to bind to address {endpoint.Name}: two endpoints of this application ask for it; leave one out.";
            throw StartFailure.Of(message, new AddressInUseException(message));
        }
    }

    private sealed record PendingEndpoint(
        int Index, AskedEndpoint Asked, ImmutableArray<ActivatedSocket> Passed, ListenRequest Exact, ListenRequest? WithFallback);
}

/// <param name="Asked">What was asked for.</param>
/// <param name="Port">The port in use; 0 for UNIX.</param>
/// <param name="Taken">Why it is not the port asked for; null where it is.</param>
/// <param name="PassedAs">The name of the passed socket that it took over; null when it was bound here.</param>
internal sealed record ServedEndpoint(AskedEndpoint Asked, int Port, TakenPort? Taken = null, string? PassedAs = null)
{
    public bool FellBack => PassedAs is null && Asked.Port != 0 && Port != Asked.Port;
}

/// <summary>Why a port was not free, apart from the endpoint: its type would load the model's assembly with a field of this one.</summary>
internal sealed record TakenPort(Diagnosis? Diagnosis);
