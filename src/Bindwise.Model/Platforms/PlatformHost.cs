using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Model.Platforms;

/// <summary>
/// Plays scenarios on the documented rules of another system; nothing was run there. bind(), listen() and connect() are decided by its
/// profile, TCP's states are those of the model (RFC 9293), and whatever the profile cannot tell gives the result
/// <see cref="PlatformRuling.Unknown"/>: after that all that hangs on it is unknown too. Errors have their POSIX names, also on Windows.
/// </summary>
/// <remarks>The addresses of a scenario are taken as the host's own, and both ends of a connection stand on that one host.</remarks>
public sealed class PlatformHost : IHost
{
    /// <summary>How results of such a host are labelled.</summary>
    public const string Label = "documented, not run";

    /// <summary>What TCP itself gives on every system, whatever Linux's own rule is called.</summary>
    private static readonly HashSet<string> OfTcp = new(StringComparer.Ordinal)
    {
        ConnectionRuleBook.ConnectionMade.Id.Value, ConnectionRuleBook.NobodyListens.Id.Value, ConnectionRuleBook.Accepted.Id.Value,
        ConnectionRuleBook.NothingToAccept.Id.Value, ConnectionRuleBook.NotConnected.Id.Value, ConnectionRuleBook.SendingEnded.Id.Value,
        ConnectionRuleBook.PeerReset.Id.Value, ConnectionRuleBook.NothingToReceive.Id.Value, ConnectionRuleBook.FirstCloserWaits.Id.Value,
        ConnectionRuleBook.HalfClosed.Id.Value, ConnectionRuleBook.AbortResets.Id.Value, ConnectionRuleBook.ListenerCloseResets.Id.Value,
        ConnectionRuleBook.TimePassed.Id.Value, ConnectionRuleBook.UdpConnected.Id.Value, RuleBook.ListensAlready.Id.Value,
    };

    private static readonly StepResult Untold = new(PlatformRuling.Unknown) { Because = "No source read tells what this gives here." };

    private readonly SimulatedHost _host;
    private readonly Doubts _doubts = new();
    private readonly HashSet<ushort> _named;

    private PlatformHost(PlatformProfile platform, Scenario scenario)
    {
        Platform = platform;
        _named = [.. ScenarioNeeds.Of(scenario).Ports];
        _host = new SimulatedHost(scenario);
        _host.Follow(platform);
    }

    /// <summary>The system whose rules it follows.</summary>
    public PlatformProfile Platform { get; }

    /// <summary>A host for a scenario: for Linux the rule model, for the others their documented rules.</summary>
    public static IHost For(PlatformProfile platform, Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(scenario);
        return platform is LinuxProfile ? new SimulatedHost(scenario) : new PlatformHost(platform, scenario);
    }

    /// <inheritdoc/>
    public StepResult Play(Step step)
    {
        if (step is SysctlStep)
        {
            // Another system has no such knob; what the scenario wants of it, it does not have.
            _doubts.Everything = true;
            return Untold;
        }
        var before = step is SocketStep on ? _host.SocketOf(on.Socket) : null;
        // Of a connection both ends are in doubt.
        (ushort Own, ushort Peer) port = (before?.NamePort ?? 0, before?.Tuple?.Remote.Port ?? 0);
        if (_doubts.Hold(step, before, PortAskedFor(step)))
        {
            Doubt(step, port);
            return Untold;
        }
        var result = _host.Play(step);
        var other = _host.Other!;
        var isDoubt = other.HasDoubt;
        other.HasDoubt = false;
        if (result.Result == PlatformRuling.Unknown)
        {
            if (isDoubt)
                Doubt(step, port);
            return result;
        }
        if (step is NameStep && before is { NamePort: not 0 } && !_named.Contains(before.NamePort))
            return new StepResult(PlatformRuling.Unknown) { Because = "The system chose the port." };
        if (result.Rule is not { } rule || !rule.StartsWith("BW", StringComparison.Ordinal))
            return result;
        if (OfTcp.Contains(rule))
            return result with { Rule = null, Because = "TCP's states (RFC 9293)." };
        // Linux's own rule decided: what this system does there is not told.
        Doubt(step, port);
        return Untold;
    }

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();

    /// <summary>The port that a step names, or that its target has; 0 for none.</summary>
    private ushort PortAskedFor(Step step) => step switch
    {
        BindStep bind => bind.Port,
        ConnectStep { To: { } name } => _host.SocketOf(name)?.NamePort ?? 0,
        ConnectStep connect => connect.Port,
        SendStep { To: { } to } => to.Port,
        _ => 0,
    };

    private void Doubt(Step step, (ushort Own, ushort Peer) ports)
    {
        if (step is not SocketStep on)
        {
            _doubts.Everything = true;
            return;
        }
        _doubts.Sockets.Add(on.Socket);
        if (step is AcceptStep accept)
            _doubts.Sockets.Add(accept.As);
        foreach (var port in (ReadOnlySpan<ushort>)[ports.Own, ports.Peer])
        {
            if (port != 0)
                _doubts.Ports.Add(port);
        }
        if (step is ConnectStep or BindStep && PortAskedFor(step) is not 0 and var asked)
            _doubts.Ports.Add(asked);
    }

    /// <summary>What is not to be trusted any more.</summary>
    private sealed class Doubts
    {
        public bool Everything { get; set; }

        public HashSet<string> Sockets { get; } = new(StringComparer.Ordinal);

        public HashSet<ushort> Ports { get; } = [];

        public bool Hold(Step step, SimulatedSocket? socket, ushort asked)
        {
            if (step is OpenStep open)
            {
                // A fresh socket under an old name.
                if (!Everything)
                    Sockets.Remove(open.Socket);
                return false;
            }
            if (Everything)
                return true;
            if (step is not SocketStep on)
                return false;
            var isCalled = step is not (CloseStep or SetStep);
            return Sockets.Contains(on.Socket)
                || (isCalled && asked != 0 && Ports.Contains(asked))
                || (isCalled && socket is { NamePort: not 0 } && Ports.Contains(socket.NamePort))
                || (step is ConnectStep { To: { } to } && Sockets.Contains(to));
        }
    }
}
