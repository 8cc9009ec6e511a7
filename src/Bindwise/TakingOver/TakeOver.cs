using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>One take-over: the sockets that were passed, the requests that are left to bind, and the listeners made of both.</summary>
internal sealed class TakeOver
{
    private readonly SocketActivationOptions _options;
    private readonly ImmutableArray<ActivatedSocket> _passed;
    private readonly ImmutableArray<ActivatedSocket>[] _found;
    private readonly ImmutableArray<ActivatedSocket> _leftOver;
    private readonly List<(int Listener, ListenRequest Request)> _toBind = [];

    private TakeOver(SocketActivationOptions options, ImmutableArray<ActivatedSocket> passed)
    {
        _options = options;
        _passed = passed;
        var match = new TakeOverMatch(passed);
        // Names are clear, addresses may fit several: the named ones choose first.
        var found = _found = match.TakeEach(options.Listeners, static one => one.Name is not null);
        _leftOver = match.Unused;
        for (var index = 0; index < found.Length; index++)
        {
            // What was found by its name takes the place of all.
            if (found[index].IsEmpty || options.Listeners[index].Name is null)
                _toBind.AddRange(PartlyPassed.Missing(options.Listeners[index].Request, found[index]).Select(request => (index, request)));
        }
    }

    /// <summary>What is bound by this process, all or none.</summary>
    internal ImmutableArray<ListenRequest> ToBind => [.. _toBind.Select(static one => one.Request)];

    /// <summary>On failure everything is closed.</summary>
    internal static TakeOver Begin(SocketActivationOptions options)
    {
        Check(options);
        var passed = SocketActivation.Take(options.ListenPidMismatch);
        try
        {
            var begun = new TakeOver(options, passed);
            if (options.UnusedSockets == UnusedSockets.Refuse && !begun._leftOver.IsEmpty)
                throw LeftOver(begun._leftOver);
            foreach (var (found, planned) in begun._found.Zip(options.Listeners))
                Listen(found, planned.Request.Settings.Backlog);
            return begun;
        }
        catch
        {
            ActivatedSocket.Close(passed);
            throw;
        }
    }

    /// <summary>Closes what was passed: something else failed.</summary>
    internal void Close() => ActivatedSocket.Close(_passed);

    /// <param name="bound">What <see cref="ToBind"/> became; closed on failure.</param>
    internal SocketActivationResult Complete(ImmutableArray<BoundListener> bound)
    {
        try
        {
            return Joined(bound);
        }
        catch
        {
            PartlyPassed.Close(bound);
            throw;
        }
    }

    private SocketActivationResult Joined(ImmutableArray<BoundListener> bound)
    {
        var listeners = ImmutableArray.CreateBuilder<ActivatedListener>(_options.Listeners.Length);
        for (var index = 0; index < _options.Listeners.Length; index++)
        {
            var own = bound.Where((_, place) => _toBind[place].Listener == index).ToList();
            listeners.Add(_found[index].IsEmpty ? new ActivatedListener(own[0], 0, [])
                : Join(_options.Listeners[index].Request, _found[index], own));
        }
        if (_options.UnusedSockets == UnusedSockets.Close)
            ActivatedSocket.Close(_leftOver);
        return new SocketActivationResult(listeners.MoveToImmutable(), _leftOver);
    }

    private static ActivatedListener Join(ListenRequest request, ImmutableArray<ActivatedSocket> found, List<BoundListener> own)
    {
        var differences = ImmutableArray.CreateBuilder<string>();
        var sockets = PartlyPassed.Join(request, found, own, differences);
        return new ActivatedListener(new BoundListener(own.Count == 0 ? null : request, sockets), found.Length, differences.ToImmutable());
    }

    // A passed socket may be bound without listening: a parent that only keeps the port.
    private static void Listen(ImmutableArray<ActivatedSocket> found, int backlog)
    {
        foreach (var one in found)
        {
            var isStream = TakeOverMatch.TransportOf(one.Socket) == Transports.Tcp;
            if (FaultOf(one, isStream) is { } fault)
                throw new SocketActivationException($"The socket that was passed as '{one.Name}' (descriptor {one.Descriptor}) {fault}");
            if (!one.IsListening && isStream)
                Listen(one, backlog);
        }
    }

    private static string? FaultOf(ActivatedSocket passed, bool isStream)
    {
        if (isStream && passed.Socket.Connected)
            return "is a connection, not a listener: a unit with Accept=yes passes each connection; remove Accept=yes, or take the "
                + "connection with SocketActivation.Take().";
        // listen() would give it a port that nobody knows, on every address.
        return passed.LocalEndPoint is IPEndPoint { Port: 0 } || passed.LocalEndPoint.ToString() is "" or null
            ? "is not bound: the program that starts this one must bind it."
            : null;
    }

    private static void Listen(ActivatedSocket passed, int backlog)
    {
        try
        {
            passed.Socket.Listen(backlog);
        }
        catch (SocketException exception)
        {
            throw new SocketActivationException(
                $"The socket that was passed as '{passed.Name}' ({Escaper.Escape(passed.LocalEndPoint.ToString(), 120)}) does not listen, "
                    + $"and listen() failed ({SocketErrors.NameOf(exception.SocketErrorCode)}).");
        }
    }

    private static void Check(SocketActivationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Listeners.IsDefaultOrEmpty)
            throw new ArgumentException("The options name no listener: give at least one.", nameof(options));
        if (options.UnusedSockets is not (UnusedSockets.Refuse or UnusedSockets.Close or UnusedSockets.Keep))
            throw new ArgumentOutOfRangeException(nameof(options), options.UnusedSockets, "UnusedSockets must be Refuse, Close or Keep.");
        for (var index = 0; index < options.Listeners.Length; index++)
        {
            var one = options.Listeners[index];
            if (one?.Request is null)
                throw new ArgumentException(
                    $"The request of {(one?.Name is { } name ? $"'{name}'" : $"listener {index + 1}")} is null.", nameof(options));
            RequestCheck.Check(one.Request, nameof(options));
        }
        var names = options.Listeners.Select(static one => one.Name).OfType<string>().ToList();
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Count)
            throw new ArgumentException("Two listeners of the options have the same name: a passed socket could be either.",
                nameof(options));
    }

    private static SocketActivationException LeftOver(ImmutableArray<ActivatedSocket> leftOver)
    {
        var sockets = string.Join(", ", leftOver.Select(static one =>
            $"{Escaper.Escape(one.LocalEndPoint.ToString(), 120)} ("
                + $"{TakeOverMatch.TransportOf(one.Socket)?.ToString().ToUpperInvariant() ?? "other"}, '{one.Name}')"));
        // For whoever has other options than these, such as a host.
        return new SocketActivationException(
            $"Sockets were passed for which this program has no listener, so clients there would wait in vain: {sockets}. Plan a listener "
                + $"for each, remove them from the unit, or use {nameof(UnusedSockets)}.{nameof(UnusedSockets.Close)} or "
                + $"{nameof(UnusedSockets.Keep)}.")
        { Data = { ["Bindwise.LeftOver"] = sockets } };
    }
}

/// <summary>A listener of which some sockets are there already.</summary>
internal static class PartlyPassed
{
    /// <summary>What is left to bind of it, on the port of those that are there.</summary>
    internal static IEnumerable<ListenRequest> Missing(ListenRequest request, ImmutableArray<ActivatedSocket> found)
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

    /// <summary>Those that are there and those that were bound, in the order of a listener's sockets.</summary>
    internal static ImmutableArray<BoundSocket> Join(ListenRequest request, ImmutableArray<ActivatedSocket> found, List<BoundListener> own,
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
            sockets.Add(new BoundSocket(one.Socket, one.LocalEndPoint, transport, has));
        }
        sockets.AddRange(own.SelectMany(static listener => listener.Sockets));
        return [.. sockets.OrderBy(one => one.LocalEndPoint is IPEndPoint local ? request.Addresses.IndexOf(local.Address) : 0)
            .ThenBy(static one => one.Transport)];
    }

    internal static void Close(ImmutableArray<BoundListener> bound)
    {
        foreach (var one in bound)
            one.Dispose();
    }
}

/// <summary>Which of the passed sockets are the listeners of the options.</summary>
internal sealed class TakeOverMatch(ImmutableArray<ActivatedSocket> passed)
{
    private readonly List<ActivatedSocket> _unused = [.. passed];

    /// <summary>Those that no listener is, until now.</summary>
    internal ImmutableArray<ActivatedSocket> Unused => [.. _unused];

    /// <summary>Takes those of each listener out, in two turns.</summary>
    internal ImmutableArray<ActivatedSocket>[] TakeEach(ImmutableArray<NamedListenRequest> planned, Predicate<NamedListenRequest> isFirst)
    {
        var found = new ImmutableArray<ActivatedSocket>[planned.Length];
        foreach (var turn in (ReadOnlySpan<bool>)[true, false])
        {
            for (var index = 0; index < found.Length; index++)
            {
                if (isFirst(planned[index]) == turn)
                    found[index] = Take(planned[index]);
            }
        }
        return found;
    }

    /// <summary>Takes those of one listener out: by its name, else by addresses, transports and a port of its request.</summary>
    private ImmutableArray<ActivatedSocket> Take(NamedListenRequest planned)
    {
        var found = planned.Name is { } name ? Named(name, planned.Request.Transports)
            : planned.Request.UnixPath is { } path ? AtPath(path) : AtPort(planned.Request);
        _ = _unused.RemoveAll(found.Contains);
        return found;
    }

    /// <summary>TCP (and UNIX) or UDP; null for a socket of another type.</summary>
    internal static Transports? TransportOf(Socket socket) => socket switch
    {
        { SocketType: SocketType.Stream } => Transports.Tcp,
        { SocketType: SocketType.Dgram, AddressFamily: not AddressFamily.Unix } => Transports.Udp,
        _ => null,
    };

    // Of another transport is none of the listener's: nobody would read it.
    private ImmutableArray<ActivatedSocket> Named(string name, Transports transports)
    {
        var found = _unused.Where(one => one.Name == name && TransportOf(one.Socket) is { } transport && transports.HasFlag(transport))
            .ToImmutableArray();
        var ports = found.Select(static one => (one.LocalEndPoint as IPEndPoint)?.Port ?? 0).Distinct().Order().ToList();
        return ports.Count < 2
            ? found
            : throw new SocketActivationException(
                $"The passed sockets named '{name}' have the ports {string.Join(" and ", ports)}, and a listener has one: give them "
                    + "different names (FileDescriptorName=), or one unit each.");
    }

    private ImmutableArray<ActivatedSocket> AtPath(string path)
    {
        var wanted = UnixEndPoint.Of(path).ToString();
        return [.. _unused.Where(one => one.Socket.AddressFamily == AddressFamily.Unix && TransportOf(one.Socket) == Transports.Tcp
            && one.LocalEndPoint.ToString() == wanted).Take(1)];
    }

    private ImmutableArray<ActivatedSocket> AtPort(ListenRequest request)
    {
        var possible = _unused.Where(one => IsWanted(one, request)).ToList();
        // All sockets of a listener have one port: that of the most candidates, the earlier in the policy's order first.
        var port = possible.GroupBy(static one => ((IPEndPoint)one.LocalEndPoint).Port)
            .OrderByDescending(static group => group.Count()).ThenBy(group => request.Port.PlaceOf(group.Key))
            .Select(static group => group.Key).FirstOrDefault();
        return
        [
            .. possible.Where(one => ((IPEndPoint)one.LocalEndPoint).Port == port)
                .DistinctBy(static one => (((IPEndPoint)one.LocalEndPoint).Address, TransportOf(one.Socket))),
        ];
    }

    private static bool IsWanted(ActivatedSocket passed, ListenRequest request) =>
        passed.LocalEndPoint is IPEndPoint { Port: > 0 } local
        && TransportOf(passed.Socket) is { } transport && request.Transports.HasFlag(transport)
        && request.Addresses.Contains(local.Address)
        && request.Port.PlaceOf(local.Port) is not null
        // Another value covers other addresses: it would be another listener.
        && (request.Settings.V6Only is not { } only || local.AddressFamily != AddressFamily.InterNetworkV6
            || PassedOptions.Read(passed.Socket, request.Settings).V6Only == only);
}
