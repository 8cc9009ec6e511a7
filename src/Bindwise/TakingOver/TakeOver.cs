using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>One take-over: the sockets that were passed, the requests that are left to bind, and the listeners made of both.</summary>
internal sealed class TakeOver
{
    private readonly TakeOverPlan _plan;
    private readonly ImmutableArray<InheritedSocket> _passed;
    private readonly ImmutableArray<ImmutableArray<InheritedSocket>> _found;
    private readonly ImmutableArray<InheritedSocket> _leftOver;
    private readonly List<(int Listener, ListenRequest Request)> _toBind = [];

    private TakeOver(TakeOverPlan plan, ImmutableArray<InheritedSocket> passed)
    {
        _plan = plan;
        _passed = passed;
        var match = new TakeOverMatch(passed);
        // Names are clear, addresses may fit several: the named ones choose first.
        var found = new ImmutableArray<InheritedSocket>[plan.Listeners.Length];
        foreach (var isNamed in (ReadOnlySpan<bool>)[true, false])
        {
            for (var index = 0; index < found.Length; index++)
            {
                if (plan.Listeners[index].Name is not null == isNamed)
                    found[index] = match.Take(plan.Listeners[index]);
            }
        }
        _found = [.. found];
        _leftOver = match.Unused;
        for (var index = 0; index < found.Length; index++)
            _toBind.AddRange(Missing(plan.Listeners[index], found[index]).Select(request => (index, request)));
    }

    /// <summary>What is bound by this process, all or none.</summary>
    internal ImmutableArray<ListenRequest> ToBind => [.. _toBind.Select(static one => one.Request)];

    /// <summary>Takes what was passed.</summary>
    /// <exception cref="InheritanceException">It cannot be taken, or something is left over and the plan refuses that: everything is closed.</exception>
    internal static TakeOver Begin(TakeOverPlan plan)
    {
        Check(plan);
        var passed = InheritedSockets.Take(plan.BehindWrapper);
        try
        {
            var begun = new TakeOver(plan, passed);
            if (plan.LeftOver == LeftOver.Refuse && !begun._leftOver.IsEmpty)
                throw new InheritanceException(SayLeftOver(begun._leftOver));
            foreach (var (found, planned) in begun._found.Zip(plan.Listeners))
                Listen(found, planned.Request.Settings.Backlog);
            return begun;
        }
        catch
        {
            Close(passed);
            throw;
        }
    }

    /// <summary>Closes what was passed: something else failed.</summary>
    internal void Close() => Close(_passed);

    /// <summary>Makes the listeners.</summary>
    /// <param name="bound">What <see cref="ToBind"/> became.</param>
    internal TakeOverResult Complete(ImmutableArray<BoundListener> bound)
    {
        var listeners = ImmutableArray.CreateBuilder<TakenListener>(_plan.Listeners.Length);
        for (var index = 0; index < _plan.Listeners.Length; index++)
        {
            var own = bound.Where((_, place) => _toBind[place].Listener == index).ToList();
            listeners.Add(_found[index].IsEmpty ? new TakenListener(own[0], 0, []) : Join(_plan.Listeners[index].Request, _found[index], own));
        }
        if (_plan.LeftOver == LeftOver.Close)
            Close(_leftOver);
        return new TakeOverResult(listeners.MoveToImmutable(), _leftOver);
    }

    private static TakenListener Join(ListenRequest request, ImmutableArray<InheritedSocket> found, List<BoundListener> own)
    {
        var sockets = new List<BoundSocket>();
        var differences = ImmutableArray.CreateBuilder<string>();
        foreach (var one in found)
        {
            var transport = TakeOverMatch.TransportOf(one.Socket)!.Value;
            var has = PassedOptions.Read(one.Socket, request.Settings);
            if (one.Socket.AddressFamily != AddressFamily.Unix)
                differences.AddRange(PassedOptions.Differences(request.Settings, has, Escaper.Escape(one.LocalEndPoint.ToString()), transport == Transports.Tcp));
            sockets.Add(new BoundSocket(one.Socket, one.LocalEndPoint, transport, has));
        }
        sockets.AddRange(own.SelectMany(static listener => listener.Sockets));
        var ordered = sockets.OrderBy(one => one.LocalEndPoint is IPEndPoint local ? request.Addresses.IndexOf(local.Address) : 0).ThenBy(static one => one.Transport);
        return new TakenListener(new BoundListener(own.Count == 0 ? null : request, [.. ordered]), found.Length, differences.ToImmutable());
    }

    private static IEnumerable<ListenRequest> Missing(PlannedListener planned, ImmutableArray<InheritedSocket> found)
    {
        if (found.IsEmpty)
            return [planned.Request];
        if (planned.Name is not null || planned.Request.UnixPath is not null)
            return [];
        var port = ((IPEndPoint)found[0].LocalEndPoint).Port;
        return from transport in (Transports[])[Transports.Tcp, Transports.Udp]
               where planned.Request.Transports.HasFlag(transport)
               let addresses = planned.Request.Addresses.RemoveAll(address => found.Any(one =>
                   TakeOverMatch.TransportOf(one.Socket) == transport && address.Equals(((IPEndPoint)one.LocalEndPoint).Address)))
               where !addresses.IsEmpty
               select planned.Request with { Addresses = addresses, Transports = transport, Port = PortPolicy.Exactly(port) };
    }

    // A passed socket may be bound without listening: a parent that only keeps the port.
    private static void Listen(ImmutableArray<InheritedSocket> found, int backlog)
    {
        foreach (var one in found)
        {
            var isStream = TakeOverMatch.TransportOf(one.Socket) == Transports.Tcp;
            if (FaultOf(one, isStream) is { } fault)
                throw new InheritanceException($"The socket that was passed as '{one.Name}' (descriptor {one.Descriptor}) {fault}");
            if (!one.IsListening && isStream)
                Listen(one, backlog);
        }
    }

    private static string? FaultOf(InheritedSocket passed, bool isStream)
    {
        if (isStream && passed.Socket.Connected)
            return "is a connection, not a listener: a unit with Accept=yes passes each connection; remove Accept=yes, or take the connection with InheritedSockets.Take().";
        // listen() would give it a port that nobody knows, on every address.
        return passed.LocalEndPoint is IPEndPoint { Port: 0 } || passed.LocalEndPoint.ToString() is "" or null
            ? "is not bound: the program that starts this one must bind it."
            : null;
    }

    private static void Listen(InheritedSocket passed, int backlog)
    {
        try
        {
            passed.Socket.Listen(backlog);
        }
        catch (SocketException exception)
        {
            throw new InheritanceException($"The socket that was passed as '{passed.Name}' ({Escaper.Escape(passed.LocalEndPoint.ToString(), 120)}) does not listen, and listen() failed ({SocketErrors.NameOf(exception.SocketErrorCode)}).");
        }
    }

    private static void Check(TakeOverPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Listeners.IsDefaultOrEmpty || plan.Listeners.Any(static one => one?.Request is null))
            throw new ArgumentException("The plan has no listener: give at least one.", nameof(plan));
        if (plan.LeftOver is not (LeftOver.Refuse or LeftOver.Close or LeftOver.Keep))
            throw new ArgumentOutOfRangeException(nameof(plan), plan.LeftOver, "LeftOver must be Refuse, Close or Keep.");
        var names = plan.Listeners.Select(static one => one.Name).OfType<string>().ToList();
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Count)
            throw new ArgumentException("Two listeners of the plan have the same name: a passed socket could be either.", nameof(plan));
    }

    private static string SayLeftOver(ImmutableArray<InheritedSocket> leftOver)
    {
        var sockets = string.Join(", ", leftOver.Select(static one =>
            $"{Escaper.Escape(one.LocalEndPoint.ToString(), 120)} ({TakeOverMatch.TransportOf(one.Socket)?.ToString().ToUpperInvariant() ?? "other"}, '{one.Name}')"));
        return $"Sockets were passed for which this program has no listener, so clients there would wait in vain: {sockets}. Plan a listener for each, remove them from the unit, or use {nameof(LeftOver)}.{nameof(LeftOver.Close)} or {nameof(LeftOver.Keep)}.";
    }

    private static void Close(ImmutableArray<InheritedSocket> sockets)
    {
        foreach (var one in sockets)
            one.Socket.Dispose();
    }
}

/// <summary>Which of the passed sockets are the listeners of a plan.</summary>
internal sealed class TakeOverMatch
{
    private readonly List<InheritedSocket> _unused;

    internal TakeOverMatch(ImmutableArray<InheritedSocket> passed) => _unused = [.. passed];

    /// <summary>Those that no listener is, until now.</summary>
    internal ImmutableArray<InheritedSocket> Unused => [.. _unused];

    /// <summary>Takes those of one listener out: by its name, else by addresses, transports and a port of its request.</summary>
    /// <exception cref="InheritanceException">Sockets of one name have different ports.</exception>
    internal ImmutableArray<InheritedSocket> Take(PlannedListener planned)
    {
        var found = planned.Name is { } name ? Named(name, planned.Request.Transports) : planned.Request.UnixPath is { } path ? AtPath(path) : AtPort(planned.Request);
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
    private ImmutableArray<InheritedSocket> Named(string name, Transports transports)
    {
        var found = _unused.Where(one => one.Name == name && TransportOf(one.Socket) is { } transport && transports.HasFlag(transport)).ToImmutableArray();
        var ports = found.Select(static one => (one.LocalEndPoint as IPEndPoint)?.Port ?? 0).Distinct().Order().ToList();
        return ports.Count < 2
            ? found
            : throw new InheritanceException($"The passed sockets named '{name}' have the ports {string.Join(" and ", ports)}, and a listener has one: give them different names (FileDescriptorName=), or one unit each.");
    }

    private ImmutableArray<InheritedSocket> AtPath(string path)
    {
        var wanted = UnixEndPoint.Of(path).ToString();
        return [.. _unused.Where(one => one.Socket.AddressFamily == AddressFamily.Unix && TransportOf(one.Socket) == Transports.Tcp && one.LocalEndPoint.ToString() == wanted).Take(1)];
    }

    private ImmutableArray<InheritedSocket> AtPort(ListenRequest request)
    {
        var possible = _unused.Where(one => IsWanted(one, request)).ToList();
        // All sockets of a listener have one port: that of the most candidates, the earlier in the policy's order first.
        var port = possible.GroupBy(static one => ((IPEndPoint)one.LocalEndPoint).Port)
            .OrderByDescending(static group => group.Count()).ThenBy(group => request.Port.IsSystemChoice ? 0 : request.Port.Candidates.TakeWhile(one => one != group.Key).Count())
            .Select(static group => group.Key).FirstOrDefault();
        return
        [
            .. possible.Where(one => ((IPEndPoint)one.LocalEndPoint).Port == port)
                .DistinctBy(static one => (((IPEndPoint)one.LocalEndPoint).Address, TransportOf(one.Socket))),
        ];
    }

    private static bool IsWanted(InheritedSocket passed, ListenRequest request) =>
        passed.LocalEndPoint is IPEndPoint { Port: > 0 } local
        && TransportOf(passed.Socket) is { } transport && request.Transports.HasFlag(transport)
        && request.Addresses.Contains(local.Address)
        && request.Port.Candidates.Any(port => port == 0 || port == local.Port)
        // Another value covers other addresses: it would be another listener.
        && (request.Settings.V6Only is not { } only || local.AddressFamily != AddressFamily.InterNetworkV6 || PassedOptions.Read(passed.Socket, request.Settings).V6Only == only);
}
