using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live.Processes;

/// <summary>The processes of a scenario that is played on the kernel, and which sockets are theirs.</summary>
/// <param name="enter">Moves the calling thread into the scenario's namespace.</param>
/// <param name="barrier">Waits until what was sent has been received.</param>
internal sealed class LiveProcesses(Action enter, BacklogBarrier barrier, LiveHost player) : IDisposable
{
    private readonly Dictionary<string, ScenarioProcessHandle> _running = [];

    // With the family that they were opened with.
    private readonly Dictionary<string, (ScenarioProcessHandle Process, IpFamily Family)> _owners = [];

    internal bool Owns(string socket) => _owners.ContainsKey(socket);

    internal string? ProcessOf(string socket)
    {
        if (_owners.TryGetValue(socket, out var owner))
        {
            foreach (var (name, process) in _running)
            {
                if (process == owner.Process)
                    return name;
            }
        }
        return null;
    }

    internal StepResult? Play(Step step) => step switch
    {
        OpenStep open => Open(open),
        SignalStep signal => End(signal.Process, process => process.Signal((int)signal.Signal)),
        ExitStep exit => End(exit.Process, process => process.Exit(exit)),
        AcceptStep accept => Accept(accept),
        ConnectStep { To: { } to } connect => Connect(connect, to),
        CloseStep or AbortStep => Close((SocketStep)step),
        SocketStep on => _owners.TryGetValue(on.Socket, out var owner) ? owner.Process.Play(step) : null,
        _ => null,
    };

    /// <summary>A copy of a process's socket, to look at.</summary>
    internal SafeFileDescriptor? Borrow(string socket) => _owners.TryGetValue(socket, out var owner) ? owner.Process.Borrow(socket) : null;

    public void Dispose()
    {
        foreach (var process in _running.Values)
            process.Dispose();
        _running.Clear();
        _owners.Clear();
    }

    private StepResult? Open(OpenStep step)
    {
        if (step.Process is not { } name)
        {
            CloseElsewhere(step.Socket, null);
            return null;
        }
        if (!_running.TryGetValue(name, out var process))
        {
            enter();
            _running[name] = process = ScenarioProcessHandle.Start();
        }
        CloseElsewhere(step.Socket, process);
        var result = process.Play(step with { Process = null });
        Keep(step.Socket, process, step.Family, result);
        return result;
    }

    private StepResult? Accept(AcceptStep step)
    {
        var isOurs = _owners.TryGetValue(step.Socket, out var owner);
        if (!isOurs && !player.Has(step.Socket))
            return null;
        CloseElsewhere(step.As, isOurs ? owner.Process : null);
        if (!isOurs)
            return null;
        var result = owner.Process.Play(step);
        Keep(step.As, owner.Process, owner.Family, result);
        return result;
    }

    private StepResult? Close(SocketStep step)
    {
        if (!_owners.Remove(step.Socket, out var owner))
            return null;
        return owner.Process.Play(step);
    }

    // Where the target is bound, its own process tells; who connects, the connecting socket's.
    private StepResult? Connect(ConnectStep step, string to)
    {
        var isOurs = _owners.TryGetValue(step.Socket, out var owner);
        if (!_owners.TryGetValue(to, out var target))
        {
            if (!isOurs)
                return null;
            return player.EndpointOf(to, owner.Family) is { } known
                ? owner.Process.Play(new ConnectStep(step.Socket, known.Address, known.Port)) : LiveResult.NoSocket;
        }
        if (isOurs && owner.Process == target.Process)
            return owner.Process.Play(step);
        IpFamily? family = isOurs ? owner.Family : player.FamilyOf(step.Socket);
        if (family is not { } connecting)
            return LiveResult.NoSocket;
        IpEndpoint endpoint;
        using (var copy = target.Process.Borrow(to))
        {
            if (copy is null)
                return LiveResult.NoSocket;
            endpoint = LiveHost.EndpointOf(copy, target.Family, connecting);
        }
        var connect = new ConnectStep(step.Socket, endpoint.Address, endpoint.Port);
        return isOurs ? owner.Process.Play(connect) : player.PlayHere(connect);
    }

    // A name stands for one socket, whoever has it. The process that makes the new one closes its own.
    private void CloseElsewhere(string socket, ScenarioProcessHandle? maker)
    {
        if (maker is not null)
            _ = player.PlayHere(new CloseStep(socket));
        if (_owners.TryGetValue(socket, out var owner) && owner.Process != maker)
        {
            _owners.Remove(socket);
            _ = owner.Process.Play(new CloseStep(socket));
        }
    }

    private void Keep(string socket, ScenarioProcessHandle process, IpFamily family, StepResult result)
    {
        if (result.Result == StepResult.Ok)
            _owners[socket] = (process, family);
        else
            _owners.Remove(socket);
    }

    private StepResult End(string name, Action<ScenarioProcessHandle> end)
    {
        if (!_running.Remove(name, out var process))
            return LiveResult.Of(Errno.ESRCH);
        foreach (var (socket, _) in _owners.Where(owner => owner.Value.Process == process).ToList())
            _owners.Remove(socket);
        using (process)
            end(process);
        // Its threads ended wherever they were: each processor has a queue of its own.
        AffinityCall.OnEach(barrier.Pass);
        return LiveResult.Ok;
    }
}
