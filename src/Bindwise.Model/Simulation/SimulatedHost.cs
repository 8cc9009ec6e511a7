using Bindwise.Model.Platforms;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Model.Simulation;

/// <summary>
/// Plays scenarios on the rule model: pure, deterministic, on virtual time. It answers as Linux 6.18 does, step by step; what no rule can
/// decide is listed in docs/divergences.md.
/// </summary>
internal sealed class SimulatedHost : IRecordingHost, ISimulationTrace
{
    private readonly SimulatedSystem _system;
    private readonly Dictionary<string, SimulatedSocket> _sockets = new(StringComparer.Ordinal);
    private readonly Binding _binding;
    private readonly Connecting _connecting;
    private readonly TcpEndings _endings;
    private readonly TcpCalls _tcp;
    private readonly UdpCalls _udp;
    private readonly OptionCalls _options;
    private readonly SimulatedProcesses _processes = new();
    private readonly SegmentCalls _segments;
    private readonly ScenarioNeeds _needs;
    private readonly Action<SimulatedSocket> _resend;
    private readonly Dictionary<string, SimulatedSocket>? _closed;

    /// <summary>An empty host with lo, v0 and v1.</summary>
    public SimulatedHost()
        : this(ScenarioNeeds.Any, KernelRelease.Documented, records: false)
    {
    }

    /// <summary>A host as the live one makes it for this scenario.</summary>
    /// <param name="records">It keeps what happens for <see cref="TakeEvents"/>; else nothing is kept.</param>
    public SimulatedHost(Scenario scenario, bool records = false)
        : this(scenario, KernelRelease.Documented, records)
    {
    }

    /// <summary>A host of a release of Linux, as the live one makes it for this scenario.</summary>
    /// <param name="records">It keeps what happens for <see cref="TakeEvents"/>; else nothing is kept.</param>
    public SimulatedHost(Scenario scenario, KernelRelease kernel, bool records = false)
        : this(ScenarioNeeds.Of(scenario), kernel, records)
    {
    }

    private SimulatedHost(ScenarioNeeds needs, KernelRelease kernel, bool records)
    {
        _needs = needs;
        _system = new SimulatedSystem(kernel, needs.NamesPair) { Avoided = needs.TouchesRange ? [] : needs.Ports };
        if (records)
            _system.Recorder = new SimulatedHostRecorder(_system);
        if (needs.Segments.AsksOfClosed)
            _closed = new Dictionary<string, SimulatedSocket>(StringComparer.Ordinal);
        var choice = new PortChoice(_system);
        _endings = new TcpEndings(_system);
        var transit = new Transit(_system, needs.Segments);
        var wire = new TcpWire(_system, _endings, transit);
        _segments = new SegmentCalls(wire, transit);
        _binding = new Binding(_system, choice);
        _connecting = new Connecting(_system, choice, wire, _endings);
        _tcp = new TcpCalls(_system, wire, _endings);
        _udp = new UdpCalls(_system, _binding);
        _options = new OptionCalls(_system);
        _resend = wire.Resend;
    }

    /// <summary>From now on another system's documented rules decide, with its numbers. Before the first step.</summary>
    internal OtherSystem Follow(PlatformProfile profile)
    {
        var other = new OtherSystem(profile, _system);
        (_system.Other, _system.Time.Timer) = (other, other.TimerOf);
        if (profile.Facts.Ephemeral is { } range)
            _system.Settings.Write("net.ipv4.ip_local_port_range",
                string.Create(CultureInfo.InvariantCulture, $"{range.First} {range.Last}"));
        _system.Settings.Write("net.ipv6.bindv6only", profile.Facts.V6OnlyDefault == true ? "1" : "0");
        _system.SettingsChanged();
        return other;
    }

    /// <summary>The socket of a name, or the closed one that steps still ask about; null for none.</summary>
    internal SimulatedSocket? SocketOf(string name) =>
        _sockets.TryGetValue(name, out var open) ? open : _closed?.GetValueOrDefault(name);

    internal IEnumerable<SimulatedSocket> NamedSockets => _sockets.Values;
    public IReadOnlyCollection<TcpSocketState> StatesReached => _system.StatesReached;
    public TimeSpan Elapsed => TimeSpan.FromMilliseconds(_system.Time.Now);

    public IReadOnlyList<HostEvent> TakeEvents() => _system.Recorder?.Take() ?? [];

    public IReadOnlyList<SocketRow> Sockets() => _system.Recorder?.Rows() ?? [];

    public StepResult Play(Step step)
    {
        _system.Note = null;
        if (step is StateStep or NameStep)
            return Ask((SocketStep)step);
        var reply = step switch
        {
            OpenStep open => Open(open),
            AcceptStep accept => Accept(accept),
            ReleaseStep or LoseStep or RepeatStep => OnClosedToo((SocketStep)step),
            SocketStep on => _sockets.TryGetValue(on.Socket, out var socket) ? PlayOn(socket, on) : Reply.Fail(StepResult.NoSocket, null),
            WaitStep wait => Wait(wait),
            SysctlStep sysctl => Write(sysctl),
            SignalStep signal => End(signal.Process),
            ExitStep exit => End(exit.Process),
            _ => throw new ArgumentException($"No host plays {step.GetType().Name}.", nameof(step)),
        };
        return (reply.IsOk && _system.Note is { } note ? reply with { Rule = note } : reply).ToResult();
    }

    public void Dispose()
    {
        // Nothing is held: the tables are the host's own.
    }

    private Reply PlayOn(SimulatedSocket socket, SocketStep step) => step switch
    {
        SetStep set => _options.Set(socket, set.Option, set.Value),
        BindStep bind => _binding.Bind(socket, bind.Address, bind.Port, ScopeOf(bind.Scope)),
        ListenStep => _binding.Listen(socket),
        ConnectStep connect => Connect(socket, connect),
        DisconnectStep => IsTcp(socket) ? _tcp.Disconnect(socket) : _udp.Disconnect(socket),
        SendStep send => IsTcp(socket) ? _tcp.Send(socket, send.Bytes) : _udp.Send(socket, send.To),
        ReceiveStep receive => IsTcp(socket) ? TcpCalls.Receive(socket, receive.Bytes) : UdpCalls.Receive(socket),
        ShutdownStep { How: var how } => Shutdown(socket, how is not ShutdownHow.Write, how is not ShutdownHow.Read),
        CloseStep => Close(socket, step.Socket),
        AbortStep => Abort(socket, step.Socket),
        HoldStep => _segments.Hold(step.Socket, socket),
        StreamStep stream => Stream(socket, stream),
        _ => throw UnplayableException.Of(step, "the model"),
    };

    private Reply Open(OpenStep step)
    {
        CloseOld(step.Socket);
        if (step.Process is { } process)
            _processes.Start(process);
        var isIPv6 = step.Family == IpFamily.IPv6;
        var wildcard = isIPv6 ? IpAddress.AnyIPv6 : IpAddress.AnyIPv4;
        var socket = new SimulatedSocket
        {
            Name = step.Socket,
            Process = step.Process,
            Protocol = step.Protocol,
            Family = step.Family,
            UserId = step.User ?? 0,
            Address = wildcard,
            Source = wildcard,
            V6Only = isIPv6 && _system.Settings.BindV6Only,
        };
        if (step.Device is { } device && _options.BindToDevice(socket, device) is { IsOk: false } refused)
            return refused;
        _sockets[step.Socket] = socket;
        _processes.Give(step.Socket, step.Process);
        return Reply.Ok();
    }

    private Reply Accept(AcceptStep step)
    {
        if (!_sockets.ContainsKey(step.Socket))
            return Reply.Fail(StepResult.NoSocket, null);
        var process = _processes.OwnerOf(step.Socket);
        // Accepting into the listener's own name closes the listener first.
        CloseOld(step.As);
        if (!_sockets.TryGetValue(step.Socket, out var listener))
            return Reply.Fail(StepResult.NoSocket, null);
        var (reply, accepted) = Connecting.Accept(listener);
        if (accepted is null)
            return reply;
        accepted.Name = step.As;
        accepted.Process = process;
        _sockets[step.As] = accepted;
        _processes.Give(step.As, process);
        return reply;
    }

    private Reply Connect(SimulatedSocket socket, ConnectStep step)
    {
        var (address, port) = (step.Address, step.Port);
        if (step.To is { } name)
        {
            if (!_sockets.TryGetValue(name, out var other))
                return Reply.Fail(StepResult.NoSocket, null);
            var target = ConnectTarget.Of(new IpEndpoint(other.Address, other.NamePort), other.V6Only, socket.Family);
            (address, port) = (target.Address, target.Port);
        }
        return IsTcp(socket) ? _connecting.Connect(socket, address, port) : _udp.Connect(socket, address, port);
    }

    private Reply Shutdown(SimulatedSocket socket, bool reading, bool writing) =>
        IsTcp(socket) ? _tcp.Shutdown(socket, reading, writing) : UdpCalls.Shutdown(socket, reading, writing);

    private Reply Abort(SimulatedSocket socket, string name)
    {
        socket.LingerSeconds = 0;
        return Close(socket, name);
    }

    /// <summary>What is told, not called: the result is a text.</summary>
    private StepResult Ask(SocketStep step)
    {
        if (SocketOf(step.Socket) is not { } socket || (step is NameStep && !_sockets.ContainsKey(step.Socket)))
            return new StepResult(StepResult.NoSocket);
        return new StepResult(step is NameStep
            ? _needs.TextOf(new IpEndpoint(socket.Address.IsAny ? socket.Source : socket.Address, socket.NamePort))
            : SocketStates.Of(socket, isOpen: _sockets.ContainsKey(step.Socket), _system.Kernel));
    }

    private Reply OnClosedToo(SocketStep step)
    {
        if (SocketOf(step.Socket) is not { } socket)
            return Reply.Fail(StepResult.NoSocket, null);
        return step switch
        {
            ReleaseStep => _segments.Release(step.Socket),
            LoseStep => _segments.Lose(step.Socket),
            RepeatStep repeat => _segments.Repeat(socket, repeat.Kind),
            _ => throw UnplayableException.Of(step, "the model"),
        };
    }

    private Reply Stream(SimulatedSocket socket, StreamStep step) =>
        _sockets.TryGetValue(step.To, out var to) ? _segments.Stream(socket, to, step.Bytes) : Reply.Fail(StepResult.NoSocket, null);

    private Reply Close(SimulatedSocket socket, string name)
    {
        _sockets.Remove(name);
        _processes.Take(name);
        if (_closed is not null)
            _closed[name] = socket;
        if (IsTcp(socket))
            return _tcp.Close(socket);
        _system.LeaveUdp(socket);
        return Reply.Ok();
    }

    private void CloseOld(string name)
    {
        if (_sockets.TryGetValue(name, out var old))
            Close(old, name);
    }

    /// <summary>A process ends, by a signal that it does not handle or by itself: its sockets are closed.</summary>
    private Reply End(string process)
    {
        if (_processes.End(process) is not { } sockets)
            return Reply.Fail("ESRCH", null);
        foreach (var name in sockets)
            Close(_sockets[name], name);
        return Reply.Ok();
    }

    private Reply Wait(WaitStep step)
    {
        _endings.Wait((long)(step.Seconds * 1000), _resend);
        return Reply.Ok();
    }

    private Reply Write(SysctlStep step)
    {
        if (ScenarioSysctls.Find(step.Name, _system.Kernel) is null)
            return Reply.Fail("ENOENT", ConnectionRuleBook.SysctlRefused);
        if (!_system.Settings.Write(step.Name, step.Value))
            return Reply.Fail("EINVAL", ConnectionRuleBook.SysctlRefused);
        _system.SettingsChanged();
        return Reply.Ok();
    }

    private uint ScopeOf(string? name) => name is null ? 0
        : AddressRules.DeviceIndexOf(name, _system.Around.Interfaces) is var index and not 0 ? index : AddressQuestion.NoInterface;

    private static bool IsTcp(SimulatedSocket socket) => socket.Protocol == Protocol.Tcp;
}
