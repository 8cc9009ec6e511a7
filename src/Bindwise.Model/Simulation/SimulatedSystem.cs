using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <summary>The tables of the simulated network namespace, its settings and its clock: what the calls work on.</summary>
internal sealed class SimulatedSystem
{
    public const uint Loopback = 1;

    private static readonly ImmutableArray<InterfaceRecord> Links =
    [
        Link(Loopback, "lo", ("127.0.0.1", 8), ("::1", 128)),
        Link(2, "v0", ("192.0.2.1", 24), ("2001:db8::1", 64)),
        Link(3, "v1", ("198.51.100.1", 24), ("2001:db8:1::1", 64)),
    ];

    private readonly Dictionary<ushort, TcpPort> _tcp = [];
    private readonly Dictionary<ushort, UdpPortList<SimulatedSocket>> _udp = [];
    private readonly Dictionary<FourTuple, TcpMember> _connections = [];
    private readonly Dictionary<ushort, List<SimulatedSocket>> _listeners = [];
    private uint _statesReached;
    private uint _initialNumbers;

    /// <param name="hasVeth">The pair v0 and v1 exists.</param>
    public SimulatedSystem(KernelRelease kernel, bool hasVeth)
    {
        Kernel = kernel;
        Settings = new SystemSettings(kernel);
        Around = new BindEnvironment { Settings = Settings.ForRules, Interfaces = hasVeth ? Links : Links[..1] };
    }

    public KernelRelease Kernel { get; }

    public SystemSettings Settings { get; }

    /// <summary>What bind() asks of the host; follows the sysctls.</summary>
    public BindEnvironment Around { get; private set; }

    public VirtualTime Time { get; } = new();

    /// <summary>How many TIME_WAIT entries there are (tw_refcount).</summary>
    public int TimeWaits { get; set; }

    /// <summary>Ports that the search for a free one leaves to the scenario.</summary>
    public ImmutableArray<ushort> Avoided { get; init; } = [];

    /// <summary>Who notes down what happens; null where nobody asked.</summary>
    public SimulatedHostRecorder? Recorder { get; set; }

    /// <summary>The system whose documented rules decide in the place of Linux's; null for Linux.</summary>
    public OtherSystem? Other { get; set; }

    /// <summary>The most telling thing that happened in this step beside the call itself; null for nothing.</summary>
    public Rule? Note { get; set; }

    /// <summary>Every state that a socket was in so far.</summary>
    public IReadOnlyCollection<TcpSocketState> StatesReached =>
        [.. Enum.GetValues<TcpSocketState>().Where(s => (_statesReached & 1u << (int)s) != 0)];

    public void Reach(TcpSocketState state) => _statesReached |= 1u << (int)state;

    /// <summary>The address rules see the sysctls of now.</summary>
    public void SettingsChanged() => Around = Around with { Settings = Settings.ForRules };

    public TcpPort? TcpPortOf(ushort port) => _tcp.GetValueOrDefault(port);

    /// <summary>The TCP port, made where nothing stands on it (inet_bind_bucket_create()).</summary>
    public TcpPort TcpPortOrNew(ushort port)
    {
        if (!_tcp.TryGetValue(port, out var found))
            _tcp[port] = found = new TcpPort(port, Kernel);
        return found;
    }

    /// <summary>Takes a member from its port; an empty port is forgotten, with what it remembered.</summary>
    public void LeavePort(TcpMember member)
    {
        if (member.Bucket is not { } port)
            return;
        port.Leave(member);
        if (port.Bucket.Count == 0)
            _tcp.Remove(port.Number);
    }

    public UdpPortList<SimulatedSocket>? UdpPortOf(ushort port) => _udp.GetValueOrDefault(port);

    public void JoinUdp(SimulatedSocket socket, ushort port)
    {
        if (!_udp.TryGetValue(port, out var list))
            _udp[port] = list = new() { WildcardMissesSpecific = Fact.Of(!Kernel.Has(KernelChanges.UdpWildcardSeesAll)) };
        socket.Port = port;
        socket.UdpPort = list;
        socket.IsInReusePortGroup = socket.ReusePort;
        list.Add(socket, socket.TraitsNow);
    }

    public void LeaveUdp(SimulatedSocket socket)
    {
        if (socket.UdpPort is not { } list)
            return;
        list.Remove(socket);
        if (list.Count == 0)
            _udp.Remove(socket.Port);
        socket.UdpPort = null;
        socket.Port = 0;
    }

    /// <summary>Whom a connection counts as that no program has; null for its own user.</summary>
    public uint? UserWithoutProgram => Kernel.Has(KernelChanges.UserStays) ? null : 0;

    /// <summary>An option, the address or the state of a socket changed: its port is told.</summary>
    public static void Retrait(SimulatedSocket socket)
    {
        if (socket.Bucket is { } port)
            port.Change(socket, socket.TraitsNow);
        socket.UdpPort?.Change(socket, socket.TraitsNow);
    }

    /// <summary>Who stands in the connection table under this tuple, the newest where interfaces keep several apart (ehash).</summary>
    public TcpMember? ConnectionOf(in FourTuple tuple) => _connections.GetValueOrDefault(tuple);

    /// <summary>
    /// The same for what comes in by an interface, or a socket that is bound to one: those of other interfaces are passed over
    /// (inet_match(), __inet_lookup_established()).
    /// </summary>
    public TcpMember? ConnectionOf(in FourTuple tuple, uint deviceIndex)
    {
        var member = ConnectionOf(tuple);
        while (member is not null && member.DeviceIndex != 0 && member.DeviceIndex != deviceIndex)
            member = member.Hides;
        return member;
    }

    public void Connect(TcpMember member, in FourTuple tuple)
    {
        if (member is SimulatedSocket socket)
            socket.EverConnected = true;
        member.Tuple = tuple;
        member.Hides = _connections.GetValueOrDefault(tuple);
        _connections[tuple] = member;
    }

    public void Disconnect(TcpMember member)
    {
        if (member.Tuple is not { } tuple)
            return;
        member.Tuple = null;
        var newest = _connections[tuple];
        if (!ReferenceEquals(newest, member))
        {
            while (!ReferenceEquals(newest.Hides, member))
                newest = newest.Hides!;
            newest.Hides = member.Hides;
        }
        else if (member.Hides is { } hidden)
        {
            _connections[tuple] = hidden;
        }
        else
        {
            _connections.Remove(tuple);
        }
        member.Hides = null;
    }

    /// <summary>The initial number of the next connection, at one end (secure_tcp_seq()).</summary>
    public uint NextInitialNumber() => SequenceNumber.InitialAt(Time.Now, _initialNumbers++);

    /// <summary>Who listens on this port, the newest first; where SO_REUSEPORT shares on IPv6, the oldest first (inet_hash()).</summary>
    public List<SimulatedSocket> ListenersOf(ushort port)
    {
        if (!_listeners.TryGetValue(port, out var found))
            _listeners[port] = found = [];
        return found;
    }

    /// <summary>The socket is found by what comes to the port from now on (inet_hash()).</summary>
    public void AddListener(SimulatedSocket socket, ushort port)
    {
        socket.EverListened = true;
        socket.IsInReusePortGroup = socket.ReusePort;
        var listeners = ListenersOf(port);
        listeners.Insert(socket is { Family: IpFamily.IPv6, ReusePort: true } ? listeners.Count : 0, socket);
    }

    /// <summary>Every TCP socket that holds a port, and what is left of closed ones; and every handshake that is half done.</summary>
    public IEnumerable<TcpMember> TcpMembers =>
        _tcp.Values.SelectMany(static port => port.Bucket.Members).Select(static member => member.Member)
            .Concat(_connections.Values.Where(static member => member is HandshakeRequest));

    /// <summary>Every UDP socket that holds a port.</summary>
    public IEnumerable<SimulatedSocket> UdpSockets =>
        _udp.Values.SelectMany(static port => port.Sockets).Select(static socket => socket.Member);

    /// <summary>Whether the host has this address, and may send from it.</summary>
    public bool Owns(IpAddress address)
    {
        var own = address.Unmapped;
        return own is { Family: IpFamily.IPv4, IsLoopback: true }
            ? !IsBroadcast(own)
            : Around.Interfaces.Any(link => link.Addresses.Any(at => at.Address == own));
    }

    /// <summary>
    /// The interface that a packet for one of the host's addresses comes in by: the one that has the address, though it went through lo.
    /// </summary>
    public uint InterfaceOf(IpAddress address)
    {
        var own = address.Unmapped;
        return own.IsLoopback ? Loopback
            : Around.Interfaces.FirstOrDefault(link => link.Addresses.Any(at => at.Address == own))?.Index ?? Loopback;
    }

    public bool IsBroadcast(IpAddress address) => SharedAddresses.IsBroadcast(address, Around.Interfaces);

    private static InterfaceRecord Link(uint index, string name, params (string Address, int Prefix)[] addresses) => new()
    {
        Index = index,
        Name = name,
        IsUp = true,
        Addresses = [.. addresses.Select(static a => new InterfaceAddress(
            IpAddress.TryParse(a.Address, out var address) ? address : default, a.Prefix))],
    };
}

/// <summary>The clock of a simulated host: stands still until a step waits.</summary>
internal sealed class VirtualTime
{
    private const long TickNanoseconds = 4_000_000; // HZ=250

    private readonly PriorityQueue<TcpMember, long> _timers = new();

    /// <summary>Milliseconds since the host was made.</summary>
    public long Now { get; private set; }

    /// <summary>How long another system's timers run, in milliseconds, null for as long as Linux's; null on Linux.</summary>
    public Func<TcpMember, long?>? Timer { get; set; }

    public void Start(TcpMember entry, int milliseconds)
    {
        entry.EndsAt = Now + (Timer?.Invoke(entry) ?? (milliseconds + TimerWheel.SlackMilliseconds(milliseconds, TickNanoseconds)));
        _timers.Enqueue(entry, entry.EndsAt);
    }

    /// <summary>Lets time pass and hands over each entry whose timer ran out, in order. A stopped entry has no bucket any more.</summary>
    public void Pass(long milliseconds, Action<TcpMember> onEnd)
    {
        var until = Now + milliseconds;
        while (_timers.TryPeek(out var entry, out var at) && at <= until)
        {
            _timers.Dequeue();
            // One that was started again stands in the queue once more.
            if (entry.Bucket is null || entry.EndsAt != at)
                continue;
            Now = at;
            onEnd(entry);
        }
        Now = until;
    }
}
