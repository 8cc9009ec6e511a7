namespace Bindwise.Diagnostics;

/// <summary>One server's sockets on one port or UNIX address: of both families, and of all processes that share them.</summary>
public sealed record ListedPort
{
    private readonly EquatableArray<HeldSocket> _sockets;
    private readonly EquatableArray<Owner> _owners;
    private readonly EquatableArray<StateCount> _states;
    private readonly EquatableArray<Remark> _warnings;

    /// <summary>TCP, UDP or UNIX.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>The port; null for UNIX.</summary>
    public ushort? Port { get; init; }

    /// <summary>The last port of a line that sums up several, which only connections use; null for a line of one port.</summary>
    public ushort? LastPort { get; init; }

    /// <summary>The ports of a line that sums up several with gaps between: <c>3000,3200-3207,…</c>; null for any other.</summary>
    internal string? PortList { get; init; }

    /// <summary>How many ports a line that sums up several stands for; 1 otherwise.</summary>
    public int PortCount { get; init; } = 1;

    /// <summary>The listening or bound sockets, IPv4 first; empty where only connections use the port.</summary>
    public ImmutableArray<HeldSocket> Sockets { get => _sockets; init => _sockets = value; }

    /// <summary>
    /// What to call the owner: of an interpreter its script, else the program; of a socket that the kernel uses itself its service, as
    /// <c>the VXLAN interface vxlan0</c>. Null where no owner is visible, and for the connections of several ports.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// The processes that hold the sockets, the one that made them first; where only connections use the port, those of one of them. Empty
    /// where none is visible.
    /// </summary>
    public ImmutableArray<Owner> Owners { get => _owners; init => _owners = value; }

    /// <summary>No owner is known because this user may not look into other users' processes.</summary>
    public bool IsOwnerHidden { get; init; }

    /// <summary>How many processes hold the sockets, those included that are too many for <see cref="Owners"/>.</summary>
    public int OwnerCount { get; init; }

    /// <summary>The user of the first owner; without one the user who made the socket. Null where the kernel does not tell.</summary>
    public uint? UserId { get; init; }

    /// <summary>That user's name; null when there is none.</summary>
    public string? UserName { get; init; }

    /// <summary>The folder of the owner's project; null for none.</summary>
    public string? ProjectFolder { get; init; }

    /// <summary>
    /// The container in which the owner runs, or that it serves as a proxy: its name, else the first twelve characters of its id; null for
    /// none.
    /// </summary>
    public string? Container { get; init; }

    /// <summary>The systemd unit to which the owner belongs; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>When the first owner was started: the kernel does not keep when a socket was bound. Null without a visible owner.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>
    /// Connections of these sockets: every state but LISTEN and TIME_WAIT, handshakes included. Null where there are none by nature (a
    /// bound UDP socket), and where they were not counted.
    /// </summary>
    public int? Connections { get; init; }

    /// <summary>The connections by state, TIME_WAIT included; empty unless all connections were asked for.</summary>
    public ImmutableArray<StateCount> States { get => _states; init => _states = value; }

    /// <summary>What deserves attention, each with a stable id.</summary>
    public ImmutableArray<Remark> Warnings { get => _warnings; init => _warnings = value; }

    /// <summary>
    /// Connections that wait for accept(), of the listening socket whose queue is the fullest; null where none listens, and where .NET
    /// alone was asked, which does not know it.
    /// </summary>
    public long? Queue => AreQueuesUnknown ? null : Fullest?.ReceiveQueue;

    /// <summary>
    /// How many may wait there (listen(2), cut by net.core.somaxconn); null where none listens, and where .NET alone was asked.
    /// </summary>
    public long? Backlog => AreQueuesUnknown ? null : Fullest?.SendQueue;

    /// <summary>The system did not tell the queues of the sockets.</summary>
    internal bool AreQueuesUnknown { get; init; }

    /// <summary>Sockets in TIME_WAIT on the port; null unless all connections were asked for.</summary>
    public int? TimeWaits =>
        States.IsDefaultOrEmpty ? null : States.Where(static one => one.State == TcpSocketState.TimeWait).Sum(static one => one.Count);

    private HeldSocket? Fullest => Sockets is [var only] ? only.State == TcpSocketState.Listen ? only : null
        : Sockets.Where(static socket => socket.State == TcpSocketState.Listen)
            .MaxBy(static socket => (double)socket.ReceiveQueue / Math.Max(1, socket.SendQueue));
}
