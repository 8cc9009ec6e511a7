using System.Collections.Immutable;
using Bindwise.Lab.Generating.Filtering;
using Bindwise.Lab.Generating.Templates;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Emitting;

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

    private StepEmitter(ScenarioParameters premise, ushort firstPort)
    {
        _premise = premise;
        _ports = [.. Enumerable.Range(firstPort, premise.Ports).Select(static port => (ushort)port)];
    }

    /// <summary>The sockets that are probably open.</summary>
    public OpenSockets Cast { get; } = new();

    /// <summary>The steps of a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="firstPort">The first of the ports that it names, where it does not choose among few of the ephemeral range.</param>
    public static ImmutableArray<Step> Play(ScenarioDraft script, ushort firstPort)
    {
        var (premise, story) = script;
        var isWithin = TemplateKey.Of(premise).IsNarrow && premise.Theme != ScenarioTopic.Reuse;
        var director = new StepEmitter(premise, isWithin ? AutomaticPortFilter.NarrowFirst : firstPort);
        foreach (var setting in premise.Settings)
            director.Try(setting);
        var limit = premise.Theme == ScenarioTopic.Crowd ? MaximumStepsInCrowd : MaximumSteps;
        director._limit = story.Middle is null ? limit : limit - StepsAfterMiddle;
        foreach (var gesture in story.Before)
            director.Play(gesture);
        director._limit = limit;
        if (story.Middle is { } middle)
            director.Play(middle);
        foreach (var gesture in story.After)
            director.Play(gesture);
        return [.. director._steps];
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

    /// <summary>The port of a spot.</summary>
    public ushort PortOf(BindPoint spot) => spot.Port switch
    {
        PortKind.Zero => 0,
        PortKind.Privileged => 80,
        _ => OwnPort(spot.PortSlot),
    };

    /// <summary>One of the scenario's ports.</summary>
    public ushort OwnPort(int slot) => _ports[slot % _ports.Length];

    /// <summary>The place of a spot for a family.</summary>
    public BindAddress PlaceOf(BindPoint spot, bool isIPv6) => spot.Odd ?? OwnPlace(spot.Slot, isIPv6);

    /// <summary>One of the scenario's places.</summary>
    public BindAddress OwnPlace(int slot, bool isIPv6)
    {
        if (_premise.Theme == ScenarioTopic.SpreadUdp)
            return new BindAddress(IsIPv6 ? IpAddress.AnyIPv6 : IpAddress.AnyIPv4);
        var places = isIPv6 ? _premise.IPv6 : _premise.IPv4;
        return places[slot % places.Length];
    }

    /// <summary>The family of sockets of which none is drawn by itself.</summary>
    public bool IsIPv6 => _premise.Families != AddressFamilies.IPv4;

    /// <summary>Makes a socket with its options; null when it is not to be.</summary>
    public OpenSocket? Open(NewSocket draw, bool isIPv6)
    {
        var isLikeTheRest = _premise.Theme == ScenarioTopic.SpreadUdp;
        var name = draw.TakesAnyName ? OpenSockets.AnyName(draw.Name) : Cast.FreeName(draw.Name);
        var actor = new OpenSocket(name ?? OpenSockets.AnyName(draw.Name), draw.Protocol, isLikeTheRest ? IsIPv6 : isIPv6);
        if (!Try(new OpenStep(actor.Name, actor.Protocol, actor.Family) { User = draw.User, Device = draw.Device }))
            return null;
        Cast.Enter(actor);
        foreach (var option in draw.Options)
            Try(new SetStep(actor.Name, option.Name, option.Value));
        if (_premise.OwnRange is { } range)
            Try(new SetStep(actor.Name, SocketOption.LocalPortRange, range));
        return actor;
    }

    private void Play(StepTemplate gesture)
    {
        switch (gesture)
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
                if (Cast.Pick(change.Who, static _ => true) is { } who)
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
