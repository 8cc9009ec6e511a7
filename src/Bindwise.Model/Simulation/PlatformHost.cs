using Bindwise.Model.Platforms;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Model.Simulation;

/// <summary>
/// Plays scenarios on the documented rules of another system; nothing was run there. bind(), listen() and connect() are decided by its
/// profile, TCP's states are those of the model (RFC 9293), and whatever the profile cannot tell gives the result <see
/// cref="PlatformRuling.Unknown"/>: after that all that hangs on it is unknown too. Errors have their POSIX names, also on Windows.
/// </summary>
/// <remarks>The addresses of a scenario are taken as the host's own, and both ends of a connection stand on that one host.</remarks>
internal sealed class PlatformHost : IRecordingHost
{
    /// <summary>What TCP itself gives on every system, whatever Linux's own rule is called.</summary>
    private static readonly HashSet<string> OfTcp = ((Rule[])
    [
        ConnectionRuleBook.ConnectionMade, ConnectionRuleBook.NobodyListens, ConnectionRuleBook.Accepted,
        ConnectionRuleBook.NothingToAccept, ConnectionRuleBook.NotConnected, ConnectionRuleBook.SendingEnded,
        ConnectionRuleBook.PeerReset, ConnectionRuleBook.NothingToReceive, ConnectionRuleBook.FirstCloserWaits,
        ConnectionRuleBook.HalfClosed, ConnectionRuleBook.AbortResets, ConnectionRuleBook.ListenerCloseResets,
        ConnectionRuleBook.TimePassed, ConnectionRuleBook.UdpConnected, RuleBook.ListensAlready,
    ]).Select(static rule => rule.Id.Value).ToHashSet(StringComparer.Ordinal);

    private static readonly StepResult Undocumented =
        new(PlatformRuling.Unknown) { Because = "No source that we read says what this gives here." };

    private readonly SimulatedHost _host;
    private readonly OtherSystem _other;
    private readonly PlatformUncertainty _doubts = new();
    private readonly HashSet<ushort> _named;

    private PlatformHost(PlatformProfile platform, Scenario scenario, bool records)
    {
        Platform = platform;
        _named = [.. ScenarioNeeds.Of(scenario).Ports];
        _host = new SimulatedHost(scenario, records);
        _other = _host.Follow(platform);
    }

    /// <summary>The system whose rules it follows.</summary>
    public PlatformProfile Platform { get; }

    /// <inheritdoc/>
    public TimeSpan Elapsed => _host.Elapsed;

    /// <summary>A host for a scenario: for Linux the rule model, for the others their documented rules.</summary>
    /// <param name="records">It keeps what happens below the system calls.</param>
    public static IRecordingHost For(PlatformProfile platform, Scenario scenario, bool records = false)
    {
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(scenario);
        return platform is LinuxProfile linux ? new SimulatedHost(scenario, linux.Kernel, records)
            : new PlatformHost(platform, scenario, records);
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostEvent> TakeEvents() => _host.TakeEvents();

    public IReadOnlyList<SocketRow> Sockets() =>
        [.. _host.Sockets().Where(row => !_doubts.Cover(row.Socket, row.Local.Port) && !_other.HasDoubtfulAt(row.Local, row.Remote))];

    /// <inheritdoc/>
    public StepResult Play(Step step)
    {
        if (step is SysctlStep)
        {
            // Another system has no such knob; what the scenario wants of it, it does not have.
            _doubts.Everything = true;
            return Undocumented;
        }
        var socket = step is SocketStep on ? _host.SocketOf(on.Socket) : null;
        var asked = PortAskedFor(step);
        if (_doubts.Reach(step, socket, asked))
        {
            _doubts.Add(step, socket, asked);
            return Undocumented;
        }
        if (_doubts.ReachQueue(step))
            return Undocumented;
        if (step is StateStep && socket?.Remains is { Bucket: not null } rest && _other.IsDoubtful(rest))
            return Undocumented;
        if (step is LoseStep or RepeatStep)
        {
            // When a segment is sent again, and what an old one sets off, differs.
            _doubts.AddConnection(step, socket);
        }
        if (step is SignalStep or ExitStep)
            DoubtUnread(step is SignalStep signal ? signal.Process : ((ExitStep)step).Process);
        // The connection may end with the call, so who its other end is must be known before.
        var peer = socket?.Tuple?.Remote.Port ?? 0;
        return Judge(step, socket, (asked, peer), _host.Play(step));
    }

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();

    private StepResult Judge(Step step, SimulatedSocket? socket, (ushort Asked, ushort Peer) ports, StepResult result)
    {
        var isDoubt = _other.HasDoubt;
        _other.HasDoubt = false;
        if (result.Result == PlatformRuling.Unknown)
        {
            if (isDoubt)
                _doubts.Add(step, socket, ports.Asked, ports.Peer);
            return result;
        }
        if (step is NameStep && socket is { NamePort: not 0 } && !_named.Contains(socket.NamePort))
            return new StepResult(PlatformRuling.Unknown) { Because = "The system chose the port." };
        if (step is ConnectStep && result.Result == StepResult.Ok && socket?.Protocol == Protocol.Tcp)
            _doubts.AddQueues(_other.ListenersOn(ports.Asked));
        if (step is SendStep send && socket?.Protocol == Protocol.Udp)
            _doubts.AddQueues(_other.UdpReceiversOn(send.To?.Port ?? socket.Remote.Port));
        if (result.Rule is not { } rule || !rule.StartsWith("BW", StringComparison.Ordinal))
            return result;
        if (OfTcp.Contains(rule))
            return result with { Rule = null, Because = "TCP's states (RFC 9293)." };
        // Linux's own rule decided: what this system does there is not told.
        _doubts.Add(step, socket, ports.Asked, ports.Peer);
        return Undocumented;
    }

    // A process's end closes its sockets; what a close with data unread sends differs.
    private void DoubtUnread(string process)
    {
        foreach (var socket in _host.NamedSockets)
        {
            if (socket.Process == process && socket.UnreadBytes > 0)
                _doubts.AddClosed(socket);
        }
    }

    /// <summary>The port that a step names, or that its target has; 0 for none.</summary>
    private ushort PortAskedFor(Step step) => step switch
    {
        BindStep bind => bind.Port,
        ConnectStep { To: { } name } => _host.SocketOf(name)?.NamePort ?? 0,
        ConnectStep connect => connect.Port,
        SendStep { To: { } to } => to.Port,
        _ => 0,
    };
}

/// <summary>What is not to be trusted any more on a host of documented rules, since something before it was unknown.</summary>
internal sealed class PlatformUncertainty
{
    private readonly HashSet<string> _sockets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _queues = new(StringComparer.Ordinal);
    private readonly HashSet<ushort> _ports = [];

    /// <summary>Nothing is: a knob was asked for that the system does not have.</summary>
    public bool Everything { get; set; }

    /// <summary>Whether the result of a step hangs on it.</summary>
    /// <param name="socket">The socket that it is on; null for none.</param>
    /// <param name="asked">The port that it names, or that its target has; 0 for none.</param>
    public bool Reach(Step step, SimulatedSocket? socket, ushort asked)
    {
        if (step is OpenStep open)
        {
            // A fresh socket under an old name.
            if (!Everything)
            {
                _sockets.Remove(open.Socket);
                _queues.Remove(open.Socket);
            }
            return false;
        }
        if (Everything)
            return true;
        if (step is not SocketStep on)
            return false;
        var isCalled = step is not (CloseStep or SetStep);
        return _sockets.Contains(on.Socket)
            || (isCalled && asked != 0 && _ports.Contains(asked))
            || (isCalled && socket is { NamePort: not 0 } && _ports.Contains(socket.NamePort))
            || (step is ConnectStep { To: { } to } && _sockets.Contains(to));
    }

    /// <summary>
    /// Whether what a step takes from a queue may have gone to another socket; what it would have made is then in doubt, the socket is not.
    /// </summary>
    public bool ReachQueue(Step step)
    {
        if (step is not (ReceiveStep or AcceptStep) || !_queues.Contains(((SocketStep)step).Socket))
            return false;
        if (step is AcceptStep accept)
            _sockets.Add(accept.As);
        return true;
    }

    /// <summary>Whether a socket of the table stands where it was last seen.</summary>
    public bool Cover(string? name, ushort port) => Everything || _ports.Contains(port) || (name is not null && _sockets.Contains(name));

    /// <summary>A step left something open: its socket, that socket's port and the other end's, and the port that it asked for.</summary>
    /// <param name="socket">Its socket; null for none.</param>
    /// <param name="asked">The port that it names, or that its target has; 0 for none.</param>
    /// <param name="peer">The port of the other end that the socket had before the step; 0 for none.</param>
    public void Add(Step step, SimulatedSocket? socket, ushort asked, ushort peer = 0)
    {
        if (step is not SocketStep on)
        {
            Everything = true;
            return;
        }
        _sockets.Add(on.Socket);
        if (step is AcceptStep accept)
            _sockets.Add(accept.As);
        if (socket is not null)
            AddPorts(socket.NamePort, (socket.Tuple ?? socket.Remains?.Tuple)?.Remote.Port ?? peer);
        if (step is ConnectStep or BindStep)
            AddPorts(asked, 0);
    }

    /// <summary>A socket is closed in a way of which nothing tells what comes of it.</summary>
    public void AddClosed(SimulatedSocket socket)
    {
        _sockets.Add(socket.Name);
        AddPorts(socket.NamePort, socket.Tuple?.Remote.Port ?? 0);
    }

    /// <summary>The other end of a connection that has no tuple any more cannot be told.</summary>
    public void AddConnection(Step step, SimulatedSocket? socket)
    {
        Add(step, socket, 0);
        Everything |= socket is null || (socket.Tuple ?? socket.Remains?.Tuple) is null;
    }

    /// <summary>Which of these gets what comes is open; that they stand there is not.</summary>
    public void AddQueues(IEnumerable<string> names) => _queues.UnionWith(names);

    private void AddPorts(ushort own, ushort peer)
    {
        if (own != 0)
            _ports.Add(own);
        if (peer != 0)
            _ports.Add(peer);
    }
}
