namespace Bindwise.Diagnostics;

/// <summary>
/// How many TCP sockets of one kind stand on the port. Tallies cover all of them, also those that are too many to stand in <see
/// cref="Snapshot.Sockets"/> one by one; of each kind at least the one with the longest time left stands there.
/// </summary>
/// <param name="DeviceIndex">The index of the interface that they are bound to; 0 for none.</param>
/// <param name="MillisecondsLeft">The longest time until the kernel lets go of one by itself; null where there is no such timer.</param>
internal sealed record SocketTally(TcpSocketState State, IpFamily Family, IpAddress Local, uint DeviceIndex, int Count,
    int? MillisecondsLeft);

/// <summary>
/// A socket unit of systemd that listens on the port in question, as its unit file and drop-ins tell it (systemd.socket(5)). Whether it is
/// started no file tells; read only where a service manager holds a socket.
/// </summary>
internal sealed record SocketUnitRecord
{
    private readonly EquatableArray<SocketUnitListen> _listens;

    /// <summary>The unit's name, as <c>cups.socket</c>; of a template its instance, as <c>web@1.socket</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The service that it starts; with Accept=yes the template of one service a connection, as <c>web@.service</c>.</summary>
    public string Service { get; init; } = "";

    public ImmutableArray<SocketUnitListen> Listens { get => _listens; init => _listens = value; }

    /// <summary>BindIPv6Only=: true for ipv6-only, false for both, null for the system's default.</summary>
    public bool? V6Only { get; init; }

    /// <summary>Accept=yes: the manager itself accepts, and starts one service a connection.</summary>
    public bool Accepts { get; init; }

    /// <summary>Another unit wants it (<c>systemctl enable</c>): where two units list one address, this is the likelier one.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>The process id of the service manager whose unit it is.</summary>
    public int ManagerId { get; init; }
}

/// <summary>What a line of a socket unit opens.</summary>
internal enum SocketUnitKind : byte
{
    /// <summary>ListenStream= (systemd.socket(5)): a TCP socket, or a UNIX one of SOCK_STREAM.</summary>
    Stream,

    /// <summary>ListenDatagram= (systemd.socket(5)): a UDP socket, or a UNIX one of SOCK_DGRAM.</summary>
    Datagram,

    /// <summary>ListenSequentialPacket= (systemd.socket(5)): a UNIX socket of SOCK_SEQPACKET.</summary>
    SequentialPacket,
}

/// <param name="Address">Its value: a port, an address and port, a path, or <c>@name</c>.</param>
internal sealed record SocketUnitListen(SocketUnitKind Kind, string Address);

/// <summary>
/// One rule of SocketBindAllow= or SocketBindDeny= (systemd.resource-control(5)): systemd attaches them to the unit's cgroup as programs on
/// bind(), and a bind that is denied there fails with EPERM.
/// </summary>
/// <param name="Allows">SocketBindAllow=; false for SocketBindDeny=.</param>
/// <param name="Family">Only binds of this family; null for both.</param>
/// <param name="Protocol">Only binds of this protocol; null for both.</param>
/// <param name="Ports">Only binds to these ports; null for every port.</param>
/// <param name="Text">The line as it stands in the unit file.</param>
internal sealed record SocketBindRule(bool Allows, IpFamily? Family, Protocol? Protocol, PortRange? Ports, string Text)
{
    /// <summary>Whether a bind falls under the rule. Port 0 is looked at as it is (bpf/socket_bind of systemd).</summary>
    public bool Covers(BindRequest request) =>
        request.Protocol != Diagnostics.Protocol.Unix
            && (Family is not { } family || family == request.Address.Family)
            && (Protocol is not { } protocol || protocol == request.Protocol)
            && (Ports is not { } ports || ports.Contains(request.Port));
}

/// <summary>A socket that the system lists (IPGlobalProperties), as far as .NET tells of it.</summary>
/// <param name="State">The state; <see cref="TcpSocketState.Close"/> for UDP.</param>
/// <param name="Local">This host's end. Whether one on [::] takes IPv4 too is not told.</param>
/// <param name="Remote">The other end; port 0 for none.</param>
internal readonly record struct SeenSocket(Protocol Protocol, TcpSocketState State, IpEndpoint Local, IpEndpoint Remote);
