using System.Collections.Immutable;
using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Fuzz.Generating.Templates;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating.Emitting;

/// <summary>Makes the steps of a script: gives ordinals their sockets, drops what cannot be decided, and draws nothing itself.</summary>
internal sealed class StepEmitter
{
    /// <summary>The most steps of a random scenario, those of a crowd apart.</summary>
    public const int MaximumSteps = 25;

    /// <summary>The most steps of a random scenario with a crowd.</summary>
    public const int MaximumStepsInCrowd = 64;

    // Where a wait is shared, so many steps are kept for it and what comes after.
    private const int StepsAfterMiddle = 10;

    // A step that finds nothing may wait on the kernel.
    private const int PatiencePerScenario = 4;

    private readonly ScenarioParameters _premise;
    private readonly ushort[] _ports;
    private readonly UndecidableStepFilter _keptOut = new();
    private readonly List<Step> _steps = [];
    private int _patience = PatiencePerScenario;
    private int _limit = MaximumSteps;

    private StepEmitter(ScenarioParameters parameters, ushort firstPort)
    {
        _premise = parameters;
        _ports = [.. Enumerable.Range(firstPort, parameters.Ports).Select(static port => (ushort)port)];
    }

    /// <summary>The sockets that are probably open.</summary>
    public OpenSockets Sockets { get; } = new();

    /// <summary>The steps of a script.</summary>
    /// <param name="draft">What was drawn.</param>
    /// <param name="firstPort">The first of the ports that it names, where it does not choose among few of the ephemeral range.</param>
    public static ImmutableArray<Step> Play(ScenarioDraft draft, ushort firstPort)
    {
        var (parameters, sequence) = draft;
        var isWithin = TemplateKey.Of(parameters).IsNarrow && parameters.Topic != ScenarioTopic.Reuse;
        var emitter = new StepEmitter(parameters, isWithin ? AutomaticPortFilter.NarrowFirst : firstPort);
        foreach (var setting in parameters.Settings)
            emitter.Try(setting);
        var limit = parameters.Topic == ScenarioTopic.Crowd ? MaximumStepsInCrowd : MaximumSteps;
        emitter._limit = sequence.Middle is null ? limit : limit - StepsAfterMiddle;
        foreach (var template in sequence.Before)
            emitter.Play(template);
        emitter._limit = limit;
        if (sequence.Middle is { } middle)
            emitter.Play(middle);
        foreach (var template in sequence.After)
            emitter.Play(template);
        return [.. emitter._steps];
    }

    /// <summary>Adds a step, unless there are enough or it cannot be decided.</summary>
    public bool Try(Step step)
    {
        if (_steps.Count >= _limit || _keptOut.Add(step) is not null)
            return false;
        _steps.Add(step);
        return true;
    }

    /// <summary>Whether a step that finds nothing may be added; few may.</summary>
    public bool TryWaitInVain() => _patience > 0 && _patience-- > 0;

    /// <summary>The port of a bind point.</summary>
    public ushort PortOf(BindPoint point) => point.Port switch
    {
        PortKind.Zero => 0,
        PortKind.Privileged => 80,
        _ => OwnPort(point.PortSlot),
    };

    /// <summary>One of the scenario's ports.</summary>
    public ushort OwnPort(int slot) => _ports[slot % _ports.Length];

    /// <summary>The address of a bind point for a family.</summary>
    public BindAddress PlaceOf(BindPoint point, bool isIPv6) => point.Odd ?? OwnPlace(point.Slot, isIPv6);

    /// <summary>One of the scenario's places.</summary>
    public BindAddress OwnPlace(int slot, bool isIPv6)
    {
        if (_premise.Topic == ScenarioTopic.SpreadUdp)
            return new BindAddress(IsIPv6 ? IpAddress.AnyIPv6 : IpAddress.AnyIPv4);
        var places = isIPv6 ? _premise.IPv6 : _premise.IPv4;
        return places[slot % places.Length];
    }

    /// <summary>The family of sockets of which none is drawn by itself.</summary>
    public bool IsIPv6 => _premise.Families != AddressFamilies.IPv4;

    /// <summary>Makes a socket with its options; null when it is not to be.</summary>
    public OpenSocket? Open(NewSocket draw, bool isIPv6)
    {
        var isLikeTheRest = _premise.Topic == ScenarioTopic.SpreadUdp;
        var name = draw.TakesAnyName ? OpenSockets.AnyName(draw.Name) : Sockets.FreeName(draw.Name);
        var socket = new OpenSocket(name ?? OpenSockets.AnyName(draw.Name), draw.Protocol, isLikeTheRest ? IsIPv6 : isIPv6);
        if (!Try(new OpenStep(socket.Name, socket.Protocol, socket.Family) { User = draw.User, Device = draw.Device }))
            return null;
        Sockets.Enter(socket);
        foreach (var option in draw.Options)
            Try(new SetStep(socket.Name, option.Name, option.Value));
        if (_premise.OwnRange is { } range)
            Try(new SetStep(socket.Name, SocketOption.LocalPortRange, range));
        return socket;
    }

    private void Play(StepTemplate template)
    {
        switch (template)
        {
            case ServerTemplate serve:
                ServerSteps.Play(this, serve);
                break;
            case ManyUdpSocketsTemplate crowd:
                ServerSteps.Play(this, crowd);
                break;
            case ClientTemplate visit:
                ClientSteps.Play(this, visit);
                break;
            case TransferTemplate talk:
                TransferSteps.Play(this, talk);
                break;
            case ConnectionEndTemplate part:
                CloseSteps.Play(this, part);
                break;
            case SocketEndTemplate end:
                CloseSteps.Play(this, end);
                break;
            case OptionChangeTemplate change:
                if (Sockets.Pick(change.Who, static _ => true) is { } who)
                    Try(new SetStep(who.Name, change.Option.Name, change.Option.Value));
                break;
            case ArbitraryCallTemplate poke:
                ArbitraryCallSteps.Play(this, poke);
                break;
            case SysctlTemplate write:
                Try(write.Step);
                break;
            case WaitTemplate pause:
                Try(new WaitStep(pause.Seconds));
                break;
        }
    }
}

/// <summary>The sockets that are open, by their names.</summary>
internal sealed class OpenSockets
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f", "g", "h"];

    private readonly List<OpenSocket> _open = [];

    /// <summary>A name that is not open; null when all are.</summary>
    public string? FreeName(int ordinal)
    {
        for (var tries = 0; tries < Names.Length; tries++)
        {
            // Two of three times the first free one, so that a closed name is soon used again.
            var name = Names[((ordinal % 3 == 0 ? ordinal / 3 : 0) + tries) % Names.Length];
            if (Find(name) is null)
                return name;
        }
        return null;
    }

    /// <summary>Any name, open or not.</summary>
    public static string AnyName(int ordinal) => Names[ordinal % Names.Length];

    /// <summary>The socket of a name; null when none is open.</summary>
    public OpenSocket? Find(string name) => _open.Find(socket => socket.Name == name);

    /// <summary>One of the sockets that are so; null when none is.</summary>
    public OpenSocket? Pick(int ordinal, Func<OpenSocket, bool> isSo)
    {
        var count = 0;
        foreach (var socket in _open)
            count += isSo(socket) ? 1 : 0;
        if (count == 0)
            return null;
        var left = ordinal % count;
        foreach (var socket in _open)
        {
            if (isSo(socket) && left-- == 0)
                return socket;
        }
        return null;
    }

    /// <summary>A new socket, in place of the one that had its name.</summary>
    public void Enter(OpenSocket socket)
    {
        Leave(socket.Name);
        _open.Add(socket);
    }

    /// <summary>A socket is closed.</summary>
    public void Leave(string name)
    {
        if (Find(name) is not { } socket)
            return;
        if (socket.Peer is { } peer && peer.Peer == socket)
            peer.Peer = null;
        _open.Remove(socket);
    }
}

/// <summary>What a socket of the scenario probably is, so that the next steps mostly make sense.</summary>
internal sealed class OpenSocket(string name, Protocol protocol, bool isIPv6)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>TCP or UDP.</summary>
    public Protocol Protocol { get; } = protocol;

    /// <summary>AF_INET6.</summary>
    public bool IsIPv6 { get; } = isIPv6;

    /// <summary>Where it is bound; null for nowhere.</summary>
    public BindAddress? Address { get; set; }

    /// <summary>Its port; 0 for none, or one that the kernel chose.</summary>
    public ushort Port { get; set; }

    /// <summary>The kernel chose its port.</summary>
    public bool HasAutomaticPort { get; set; }

    /// <summary>It listens.</summary>
    public bool IsListening { get; set; }

    /// <summary>It is connected, or half of it.</summary>
    public bool IsConnected { get; set; }

    /// <summary>The other end; null where that is not accepted yet.</summary>
    public OpenSocket? Peer { get; set; }

    /// <summary>Clients that wait to be accepted.</summary>
    public Queue<OpenSocket> Waiting { get; } = new();

    /// <summary>Bytes that it could receive.</summary>
    public int Unread { get; set; }

    /// <summary>Bytes that it sent to a connection which is not accepted yet.</summary>
    public int Underway { get; set; }

    /// <summary>Its family.</summary>
    public IpFamily Family => IsIPv6 ? IpFamily.IPv6 : IpFamily.IPv4;

    /// <summary>It has a name that the kernel knows it by.</summary>
    public bool IsBound => Port != 0 || HasAutomaticPort;
}
