using Bindwise.Linux;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise;

internal readonly record struct WaitProgress(IReadOnlyList<WaitTarget> Targets, TimeSpan Elapsed);

/// <summary>Runs one request: looks at each target, and sleeps until something may have changed.</summary>
internal sealed class PortWaiter(WaitRequest request, Action<WaitProgress>? progress, CancellationToken cancellation)
{
    /// <summary>Between two looks, where they cost next to nothing.</summary>
    private static readonly TimeSpan ShortestPace = TimeSpan.FromMilliseconds(20);

    /// <summary>The same where the kernel sends a message.</summary>
    private static readonly TimeSpan CoarsePace = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two looks, whatever they cost.</summary>
    private static readonly TimeSpan LongestPace = TimeSpan.FromSeconds(2);

    /// <summary>A look is followed by a pause so many times as long: 0.7 % of a core.</summary>
    private const int PauseFactor = 140;

    /// <summary>Of so many looks the cheapest counts: on a busy host others are interrupted.</summary>
    private const int CostsToCompare = 3;

    /// <summary>Within this time a cancellation is seen.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Queue<TimeSpan> _costs = new(CostsToCompare);
    private TimeSpan? _lastMessage;

    public WaitReport Run() => Inquiry.RunQuery(RunToEnd);

    private WaitReport RunToEnd()
    {
        cancellation.ThrowIfCancellationRequested();
        var first = request.Queries[0];
        using var inquiry = Inquiry.Open(first.As, first.Portable);
        var isLinux = OperatingSystem.IsLinux() && !first.Portable;
        using var watch = isLinux && OperatingSystem.IsLinux() ? inquiry.InNetwork(SocketWatch.TryOpen) : null;
        var context = new WaitContext(inquiry, watch, cancellation);
        List<WaitTarget> targets = [.. request.Queries.Select(query => Create(query, context))];
        var isMet = AreMet(targets);
        if (isMet || IsOver)
            return Report(targets, isMet);
        using var ends = isLinux && OperatingSystem.IsLinux() ? OpenEnds(inquiry, targets) : null;
        while (!isMet && !IsOver)
        {
            progress?.Invoke(new WaitProgress(targets, _clock.Elapsed));
            Pause(ends, targets);
            isMet = AreMet(targets);
        }
        if (!isMet && targets.FindAll(static one => one.MetAfter is null && one.Expire()).Count > 0)
            isMet = AreMet(targets);
        return Report(targets, isMet);
    }

    [SupportedOSPlatform("linux")]
    private static SocketEnds? OpenEnds(Inquiry inquiry, List<WaitTarget> targets) =>
        inquiry.InNetwork(() => SocketEnds.TryOpen([.. targets.Select(static one => one.Port).OfType<ushort>()]));

    private bool IsOver => request.Limit is { } timeout && _clock.Elapsed >= timeout;

    private WaitTarget Create(PortQuery query, WaitContext context) =>
        request.Until == WaitCondition.Free ? new FreeTarget(query, context) : new ListenerTarget(query, request, context);

    /// <summary>Whether all are there now: of several, those that were met before are looked at once more.</summary>
    private bool AreMet(List<WaitTarget> targets)
    {
        cancellation.ThrowIfCancellationRequested();
        var began = _clock.Elapsed;
        var before = targets.Where(static one => one.MetAfter is not null).ToList();
        foreach (var target in targets.Where(static one => one.MetAfter is null))
        {
            if (!target.IsMet())
                continue;
            target.MetAfter = _clock.Elapsed;
            if (request.Any)
                return true;
        }
        var isMet = targets.TrueForAll(static one => one.MetAfter is not null);
        if (isMet)
        {
            foreach (var target in before.Where(static one => !one.IsMet()))
                (target.MetAfter, isMet) = (null, false);
        }
        if (_costs.Count == CostsToCompare)
            _costs.Dequeue();
        _costs.Enqueue(_clock.Elapsed - began);
        return isMet;
    }

    private void Pause(SocketEnds? ends, List<WaitTarget> targets)
    {
        var isAnnounced = ends is not null && targets.TrueForAll(static one => one.MetAfter is not null || one.IsAnnounced);
        var shortest = isAnnounced ? CoarsePace : ShortestPace;
        var pace = _costs.Count < CostsToCompare ? ShortestPace
            : TimeSpan.FromTicks(Math.Clamp(_costs.Min().Ticks * PauseFactor, shortest.Ticks, LongestPace.Ticks));
        if (OperatingSystem.IsLinux())
            ends?.Watch(targets.Where(static one => one.MetAfter is null).SelectMany(static one => one.Processes));
        var end = _clock.Elapsed + pace;
        while (Left(end) is var left && left > TimeSpan.Zero)
        {
            cancellation.ThrowIfCancellationRequested();
            var time = left < Slice ? left : Slice;
            if (!OperatingSystem.IsLinux() || ends is null)
                cancellation.WaitHandle.WaitOne(time);
            else if (ends.Wait(time))
                end = TimeSpan.Zero;
        }
        if (end != TimeSpan.Zero)
            return;
        // Whoever opens and closes sockets all the time keeps nobody busy.
        if (_lastMessage is { } last && _clock.Elapsed - last < ShortestPace)
            cancellation.WaitHandle.WaitOne(ShortestPace);
        _lastMessage = _clock.Elapsed;
    }

    private TimeSpan Left(TimeSpan end)
    {
        var left = end - _clock.Elapsed;
        return request.Limit is { } timeout && timeout - _clock.Elapsed is var rest && rest < left ? rest : left;
    }

    private WaitReport Report(List<WaitTarget> targets, bool isMet) => new()
    {
        IsMet = isMet,
        Waited = _clock.Elapsed,
        Targets =
        [
            .. targets.Select(static one => new WaitedTarget
            {
                Target = one.Target,
                IsMet = one.MetAfter is not null,
                MetAfter = one.MetAfter,
                Port = one.Port ?? one.Query.Target.Port,
                Diagnosis = one.Diagnosis,
                Listeners = one.Listeners,
                ConnectFault = one.ConnectFault,
            }),
        ],
    };
}

/// <summary>A target on which somebody shall listen, or nobody any more.</summary>
internal sealed class ListenerTarget : WaitTarget
{
    /// <summary>Between two attempts to connect to another host.</summary>
    private static readonly TimeSpan RemotePace = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two looks at every listener of the port, where exact questions find none in between.</summary>
    private static readonly TimeSpan ListPace = TimeSpan.FromMilliseconds(250);

    private readonly WaitRequest _request;
    private readonly WaitContext _context;
    private readonly ImmutableArray<IpAddress> _addresses;
    private readonly string? _scope;
    private readonly uint _device;
    private readonly uint _vrf;
    private readonly bool _isRemote;

    // Null where a connection is tried too: UDP has none.
    private readonly Target? _asUdp;
    private Target _target;
    private ImmutableArray<HeldSocket> _listeners = [];
    private string? _failure;
    private long _tried;
    private long _listed;

    public ListenerTarget(PortQuery query, WaitRequest request, WaitContext context)
        : base(query)
    {
        (_request, _context) = (request, context);
        var target = _target = query.Target;
        _asUdp = request.Connects ? null : PastedErrors.AsUdp(target);
        if (target.Protocol == Protocol.Unix)
        {
            if (context.Watch is null)
                throw new PortQueryException(
                    $"{target.Text}: .NET alone does not list UNIX sockets, and the kernel's own table is not read here");
            return;
        }
        var snapshot = context.Inquiry.Inspect(query with { MayProbe = false, VerdictOnly = true }, context.Cancellation).Snapshot;
        var plan = RequestPlan.From(target, query.Options, snapshot);
        var isConnect = !plan.Destinations.IsEmpty;
        _addresses = [.. isConnect ? plan.Destinations.Select(static one => one.Address) : plan.Asked.Select(static one => one.Address)];
        _scope = target.Scope;
        if ((_scope ?? query.Options.Device) is { } device)
        {
            _device = AddressRules.DeviceIndexOf(device, snapshot.Interfaces) is var index and not 0 ? index : AddressQuestion.NoInterface;
            _vrf = VrfTable.Of(snapshot).Of(_device);
        }
        Port = isConnect ? plan.Destinations[0].Port : plan.Port;
        if (Port is 0)
            throw new PortQueryException($"{target.Text}: port 0 is any free port, and nobody listens on it: name the port to wait for");
        _isRemote = !_addresses.Any(address => IsOwn(address, snapshot));
        if (_isRemote && !request.Connects)
        {
            var unseen = $"{target.Text} is not an address of this host, whose sockets cannot be seen from here";
            throw request.Until == WaitCondition.Closed ? new PortQueryException(unseen)
                : new PortQueryException(unseen + ": only a connection tells") { OptionHint = " (--connect)" };
        }
    }

    public override Target Target => _target;
    public override ushort? Port { get; }

    public override ImmutableArray<HeldSocket> Listeners => _listeners;
    public override string? ConnectFault => _failure;
    public override bool IsAnnounced => _context.Watch is not null && _request.Until == WaitCondition.Closed && _listeners.All(Announces);

    public override bool IsMet()
    {
        if (_isRemote)
            return IsDue() && _addresses.Any(address => TryConnect(EndPointOf(address)));
        if (_request.Until == WaitCondition.Listening && _listeners.IsEmpty && _listed != 0 && Stopwatch.GetElapsedTime(_listed) < ListPace
            && IsNobodyThere())
            return false;
        _listed = Stopwatch.GetTimestamp();
        _listeners = Find(Query.Target.Protocol);
        _failure = null;
        if (!_listeners.IsEmpty)
            _target = Query.Target;
        else if (_asUdp is not null && Find(Protocol.Udp) is { IsEmpty: false } found)
            (_listeners, _target) = (found, _asUdp);
        if (_request.Until == WaitCondition.Closed)
            return _listeners.IsEmpty;
        return _listeners.FirstOrDefault(ListenerPlan.Accepts) is { } accepting
            && (!_request.Connects || TryConnect(EndPointOf(accepting),
                accepting.SocketType switch
                {
                    HeldSocket.UnixSequencedPackets => SocketType.Seqpacket,
                    HeldSocket.UnixDatagram => SocketType.Dgram,
                    _ => SocketType.Stream,
                }));
    }

    // The kernel's list of listeners is a walk of a table; this is the question of an incoming connection. It sees none of a listener on
    // one address where a port alone is asked about, and none that is bound to an interface.
    private bool IsNobodyThere()
    {
        if (!OperatingSystem.IsLinux() || _context.Watch is not { } watch || Query.Target.Protocol != Protocol.Tcp || _asUdp is not null)
            return false;
        foreach (var address in _addresses)
        {
            if (watch.HasListener(address, Port ?? 0) != false)
                return false;
        }
        return true;
    }

    private bool IsDue()
    {
        if (_tried != 0 && Stopwatch.GetElapsedTime(_tried) < RemotePace)
            return false;
        _tried = Stopwatch.GetTimestamp();
        return true;
    }

    private ImmutableArray<HeldSocket> Find(Protocol protocol) => [.. Read(protocol)
        .Where(one => one.Protocol == Protocol.Unix || _addresses.Any(address => Serves(one, address)))];

    private bool Serves(HeldSocket listener, IpAddress address) => ListenerPlan.Serves(listener, address, _device, _vrf);

    private IEnumerable<HeldSocket> Read(Protocol protocol)
    {
        if (OperatingSystem.IsLinux() && _context.Watch is { } watch)
        {
            return watch.FindOpen(protocol, Port ?? 0, Query.Target.Path)
                ?? throw (Query.Target.Path is { } path && SocketWatch.IsHidden(path)
                    ? new PortQueryException(
                        $"{path} cannot be seen by this user, who may not enter a folder on the way to it: run this as root")
                    : new PortQueryException("the kernel's socket table cannot be read here")
                    { OptionHint = ": --portable asks .NET instead, which reads another one" });
        }
        var filter = new SocketFilter
        {
            Protocols = [protocol],
            Ports = Port is { } port ? [new PortRange(port, port)] : [],
            States = [protocol == Protocol.Tcp ? TcpSocketState.Listen : TcpSocketState.Close],
            Portable = true,
        };
        return SocketTable.Read(filter, _context.Cancellation).Sockets;
    }

    // .NET alone names no addresses: then all count as this host's.
    private static bool IsOwn(IpAddress address, Snapshot snapshot) =>
        address.IsAny || address.IsLoopback || snapshot.Portable is not null
            || (snapshot.Interfaces.IsEmpty && snapshot.AddressFacts.IsEmpty)
        || snapshot.AddressFacts.Any(fact =>
            fact.Address == address.Unmapped && fact.Kind is AddressKind.Local or AddressKind.Broadcast or AddressKind.Multicast)
        || snapshot.Interfaces.Any(link => link.Addresses.Any(one => one.Address == address || one.Address == address.AsIPv4));

    private EndPoint EndPointOf(HeldSocket listener)
    {
        if (listener.Protocol == Protocol.Unix)
            return UnixEndPoint.Of(Query.Target.Path!);
        var own = listener.Local.Address;
        if (!own.IsAny)
            return EndPointOf(own.Unmapped);
        var asked = _addresses.First(address => Serves(listener, address));
        return EndPointOf(!asked.IsAny ? asked : asked.Family == IpFamily.IPv4 ? IpAddress.LoopbackIPv4 : IpAddress.LoopbackIPv6);
    }

    private IPEndPoint EndPointOf(IpAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = address.WriteTo(bytes);
        var scoped = _scope is not null && address.Family == IpFamily.IPv6 ? $"{address}%{_scope}" : null;
        return new IPEndPoint(scoped is not null && IPAddress.TryParse(scoped, out var known) ? known : new IPAddress(bytes[..length]),
            Port ?? 0);
    }

    private bool TryConnect(EndPoint end, SocketType type = SocketType.Stream) =>
        (_failure = _context.Inquiry.InNetwork(() => ConnectAttempt.Try(end, type))) is null;
}

/// <summary>One connection, closed at once.</summary>
internal static class ConnectAttempt
{
    /// <summary>How long another host may take to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <returns>Why there is no connection, as the system says it; null for one.</returns>
    public static string? Try(EndPoint end, SocketType type)
    {
        try
        {
            using var socket = new Socket(end.AddressFamily, type,
                end is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp)
            { Blocking = false };
            try
            {
                socket.Connect(end);
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                if (end is UnixDomainSocketEndPoint || !socket.Poll(Patience, SelectMode.SelectWrite))
                    return "no answer";
                var error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
                return error == 0 ? null : NameOf((SocketError)error, end);
            }
        }
        // Of a server whose socket is not seen the type is not known.
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ProtocolType
            && end is UnixDomainSocketEndPoint && type == SocketType.Stream)
        {
            return Try(end, SocketType.Seqpacket);
        }
        catch (SocketException exception)
        {
            return NameOf(exception.SocketErrorCode, end);
        }
    }

    // The message of an exception that connect() throws has the address in it as well.
    private static string NameOf(SocketError error, EndPoint end) => new SocketException((int)error).Message
        // This is about what this host has, such as source ports, and not about the server.
        + (error == SocketError.AddressNotAvailable ? $"; see bindwise why \"connect {end}\"" : "");
}
