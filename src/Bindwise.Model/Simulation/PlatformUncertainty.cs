using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Simulation;

/// <summary>What is not to be trusted any more on a host of documented rules, since something before it was unknown.</summary>
internal sealed class PlatformUncertainty
{
    private readonly HashSet<string> _sockets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _queues = new(StringComparer.Ordinal);
    private readonly HashSet<ushort> _ports = [];

    /// <summary>Nothing is: a knob was asked for that the system does not have.</summary>
    public bool Everything { get; set; }

    /// <summary>Whether the result of a step hangs on it.</summary>
    /// <param name="step">The step.</param>
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

    /// <summary>Whether what a step takes from a queue may have gone to another socket; what it would have made is then in doubt, the socket is not.</summary>
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
    /// <param name="step">The step.</param>
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
