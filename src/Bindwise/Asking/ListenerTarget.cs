using Bindwise.Linux;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise;

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
    private readonly bool _isRemote;
    private ImmutableArray<HeldSocket> _listeners = [];
    private string? _failure;
    private long _tried;
    private long _listed;

    /// <exception cref="PortQueryException">The system cannot answer, or the address is another host's.</exception>
    public ListenerTarget(PortQuery query, WaitRequest request, WaitContext context)
        : base(query)
    {
        (_request, _context) = (request, context);
        var target = query.Target;
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
        Port = isConnect ? plan.Destinations[0].Port : plan.Port;
        if (Port is 0)
            throw new PortQueryException($"{target.Text}: port 0 is any free port, and nobody listens on it: name the port to wait for");
        _isRemote = !_addresses.Any(address => IsOwn(address, snapshot));
        if (_isRemote && !request.Connects)
        {
            throw new PortQueryException(request.Until == WaitCondition.Closed
                ? $"{target.Text} is not an address of this host, whose sockets cannot be seen from here"
                : $"{target.Text} is not an address of this host, whose sockets cannot be seen from here: only a connection tells "
                    + "(--connect)");
        }
    }

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
        _listeners = [.. Find()
            .Where(one => one.Protocol == Protocol.Unix || _addresses.Any(address => ListenerPlan.Serves(one, address)))];
        if (_request.Until == WaitCondition.Closed)
            return _listeners.IsEmpty;
        return _listeners.FirstOrDefault(ListenerPlan.Accepts) is { } accepting
            && (!_request.Connects || TryConnect(EndPointOf(accepting),
                accepting.SocketType == HeldSocket.UnixSequencedPackets ? SocketType.Seqpacket : SocketType.Stream));
    }

    // The kernel's list of listeners is a walk of a table; this is the question of an incoming connection. It sees none of a listener on
    // one address where a port alone is asked about, and none that is bound to an interface.
    private bool IsNobodyThere()
    {
        if (!OperatingSystem.IsLinux() || _context.Watch is not { } watch || Query.Target.Protocol != Protocol.Tcp)
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

    private IEnumerable<HeldSocket> Find()
    {
        if (OperatingSystem.IsLinux() && _context.Watch is { } watch)
        {
            return watch.FindOpen(Query.Target.Protocol, Port ?? 0, Query.Target.Path)
                ?? throw new PortQueryException(Query.Target.Path is { } path && SocketWatch.IsHidden(path)
                    ? $"{path} cannot be seen by this user, who may not enter a folder on the way to it: run this as root"
                    : "the kernel's socket table cannot be read here: --portable asks .NET instead, which reads another one");
        }
        var listing = SocketTable.Read(
            new SocketFilter
            {
                Protocols = [Query.Target.Protocol],
                Ports = Port is { } port ? [new PortRange(port, port)] : [],
                States = [Query.Target.Protocol == Protocol.Tcp ? TcpSocketState.Listen : TcpSocketState.Close],
                Portable = true,
            },
            _context.Cancellation);
        return listing.Sockets;
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
        var asked = _addresses.First(address => ListenerPlan.Serves(listener, address));
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
                return error == 0 ? null : NameOf((SocketError)error);
            }
        }
        catch (SocketException exception)
        {
            return NameOf(exception.SocketErrorCode);
        }
    }

    // The message of an exception that connect() throws has the address in it as well.
    private static string NameOf(SocketError error) => new SocketException((int)error).Message;
}
