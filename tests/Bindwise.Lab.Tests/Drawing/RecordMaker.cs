using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;
using Record = Bindwise.Lab.Recording.Record;

namespace Bindwise.Lab.Tests.Drawing;

/// <summary>Makes records by hand, so that a picture has a known content.</summary>
internal sealed class RecordMaker(string name)
{
    private readonly List<RecordedStep> _steps = [];
    private readonly List<HostEvent> _events = [];
    private readonly Dictionary<(IpEndpoint, IpEndpoint?), SocketRow> _rows = [];
    private TimeSpan _now;

    public static IpEndpoint At(ushort port, uint address = 0x7f000001) => new(new IpAddress(IpFamily.IPv4, address), port);

    public RecordMaker Wait(double seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    public RecordMaker State(string? socket, IpEndpoint local, IpEndpoint? remote, TcpSocketState? to, double? left = null)
    {
        _rows.Remove((local, remote), out var was);
        _events.Add(new StateEvent(_now, local, remote, was?.State, to) { Socket = socket });
        if (to is { } state)
            _rows[(local, remote)] = new SocketRow(Protocol.Tcp, local, remote, state) { Socket = socket, SecondsLeft = left };
        return this;
    }

    public RecordMaker Left(IpEndpoint local, IpEndpoint? remote, double seconds)
    {
        _rows[(local, remote)] = _rows[(local, remote)] with { SecondsLeft = seconds };
        return this;
    }

    public RecordMaker Segment(IpEndpoint from, IpEndpoint to, TcpFlags flags, uint sequence, uint acknowledgement = 0, int bytes = 0, SegmentFate fate = SegmentFate.Delivered)
    {
        _events.Add(new SegmentEvent(_now, from, to, flags, sequence, acknowledgement, bytes, fate));
        return this;
    }

    /// <summary>A step that began when the step before it ended; what was told since happened meanwhile.</summary>
    public RecordMaker Step(string line, string result = StepResult.Ok, string? rule = null, params string[] blockers)
    {
        var scenario = BindText.Parse(line).Scenario ?? throw new ArgumentException(line);
        for (var index = 0; index < scenario.Steps.Length; index++)
        {
            // Only the last step of a line has anything to show for itself.
            var isLast = index == scenario.Steps.Length - 1;
            var given = isLast ? new StepResult(result) { Rule = rule, Blockers = [.. blockers] } : new StepResult(StepResult.Ok);
            var begin = _steps.Count > 0 ? _steps[^1].End : TimeSpan.Zero;
            _steps.Add(new RecordedStep(_steps.Count, scenario.Steps[index], given, begin, isLast ? _now : begin, isLast ? [.. _events] : [], isLast ? [.. _rows.Values] : _steps.Count > 0 ? _steps[^1].Sockets : []));
        }
        _events.Clear();
        return this;
    }

    /// <summary>The same step of the scenario once more, as a retry plays it.</summary>
    public RecordMaker Again(string result)
    {
        _steps.Add(_steps[^1] with { Result = new StepResult(result), Begin = _now, End = _now, Events = [.. _events], Sockets = [.. _rows.Values] });
        _events.Clear();
        return this;
    }

    public Record Make(bool isKernel = false, string means = "") =>
        new(new Scenario(name, [.. _steps.Select(static step => step.Step)]), new RecordedHost(isKernel, "Linux 6.18.44"), [.. _steps]) { Means = means };
}
