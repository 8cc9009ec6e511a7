using System.Globalization;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>Holds a scenario, step by step, to what only the whole can show: <see cref="ScenarioLimits"/>, and what an expectation covers.</summary>
internal sealed class ScenarioMeter
{
    private readonly HashSet<string> _open = [];
    private readonly HashSet<string> _processes = [];
    private int _steps;
    private int _sinceExpectation;
    private int _bytes;

    /// <summary>Counts the next step; gives null, or what is wrong with it there.</summary>
    public string? Add(Step step)
    {
        if (++_steps > Scenario.MaximumSteps)
            return string.Create(CultureInfo.InvariantCulture, $"a scenario has at most {Scenario.MaximumSteps} steps; split it");
        var fault = step switch
        {
            OpenStep open => Open(open.Socket) ?? (open.Process is { } process ? Start(process) : null),
            AcceptStep accept => Open(accept.As),
            SendStep send => Send(send.Bytes),
            ExpectStep expect => Expect(expect.Steps),
            _ => null,
        };
        if (step is CloseStep or AbortStep)
            _open.Remove(((SocketStep)step).Socket);
        if (step is SignalStep signal)
            _processes.Remove(signal.Process);
        if (step is ExitStep exit)
            _processes.Remove(exit.Process);
        _sinceExpectation = step is ExpectStep ? 0 : _sinceExpectation + 1;
        return fault;
    }

    private string? Open(string name) => _open.Add(name) && _open.Count > ScenarioLimits.OpenSockets
        ? string.Create(CultureInfo.InvariantCulture,
            $"socket {Fault.Quote(name)} is one more than the {ScenarioLimits.OpenSockets} that may be open at once; close some before it")
        : null;

    private string? Start(string process) => _processes.Add(process) && _processes.Count > ScenarioLimits.Processes
        ? string.Create(CultureInfo.InvariantCulture,
            $"process {Fault.Quote(process)} is one more than the {ScenarioLimits.Processes} that may run at once; end some before it")
        : null;

    private string? Send(int bytes)
    {
        _bytes += bytes;
        return _bytes > ScenarioLimits.BytesInAll
            ? string.Create(CultureInfo.InvariantCulture,
                $"the sends of a scenario amount to at most {ScenarioLimits.BytesInAll} bytes, so that none waits for its reader; this one makes {_bytes}; send less")
            : null;
    }

    private string? Expect(int steps)
    {
        if (_steps == 1)
            return "an expectation needs a step before it; put it after the step that it judges";
        if (steps == 1 || steps <= _sinceExpectation)
            return null;
        var are = _sinceExpectation == 1 ? "is" : "are";
        return string.Create(CultureInfo.InvariantCulture,
            $"an expectation over {steps} steps needs that many right before it, without another expectation among them; there {are} {_sinceExpectation}");
    }
}
