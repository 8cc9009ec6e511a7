using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Drawing.States;

/// <summary>A step of a socket's way through the states.</summary>
/// <param name="Number">From 1.</param>
internal sealed record PathStep(int Number, TimeSpan At, StateNode From, StateNode To, Step During);

/// <summary>The way of one socket of a record.</summary>
/// <param name="Socket">The socket as it is called in the picture.</param>
internal sealed record StatePath(string Socket, IReadOnlyList<PathStep> Steps)
{
    /// <summary>The sockets of a record that have a way, those that ended in TIME_WAIT first, then by the length of the way.</summary>
    public static IReadOnlyList<string> Sockets(Record record)
    {
        var changes = ChangesOf(record);
        var names = new List<string>();
        foreach (var (change, _) in changes)
        {
            if (change.Socket is { } name && !names.Contains(name))
                names.Add(name);
        }
        // A stable order: OrderBy keeps those that are alike as they came.
        return [.. names.OrderByDescending(
            name => changes.Exists(change => change.Change.Socket == name && change.Change.To == TcpSocketState.TimeWait))
            .ThenByDescending(name => Of(record, name).Steps.Count)];
    }

    /// <summary>The way of a socket; without steps where it had no state.</summary>
    public static StatePath Of(Record record, string socket)
    {
        var changes = ChangesOf(record);
        // A connection has no name before it is accepted.
        var own = new HashSet<(IpEndpoint, IpEndpoint?)>();
        foreach (var (change, _) in changes)
        {
            if (change.Socket == socket)
                own.Add((change.Local, change.Remote));
        }
        var steps = new List<PathStep>();
        foreach (var (change, during) in changes)
        {
            if (change.Socket != socket && !(change.Socket is null && own.Contains((change.Local, change.Remote))))
                continue;
            var (from, to) = (NodeBefore(change), change.To is { } reached ? StateFigure.Of(reached) : StateNode.ClosedAgain);
            if (to == StateNode.ClosedAgain && from is not (StateNode.LastAck or StateNode.TimeWait))
                to = StateNode.Closed;
            if (from != to)
                steps.Add(new PathStep(steps.Count + 1, change.At, from, to, during));
        }
        return new StatePath(socket, steps);
    }

    private static List<(SocketStateChange Change, Step During)> ChangesOf(Record record)
    {
        var lives = new SocketStateHistory();
        var changes = new List<(SocketStateChange, Step)>();
        foreach (var step in record.Steps)
        {
            foreach (var hostEvent in StepEvents.Of(step))
            {
                if (hostEvent is StateEvent change && lives.Take(change) is { } taken)
                    changes.Add((taken, step.Step));
            }
            foreach (var change in lives.Compare(step.Sockets, step.End))
                changes.Add((change, step.Step));
        }
        return changes;
    }

    // What comes into being by a SYN comes from a listener.
    private static StateNode NodeBefore(SocketStateChange change) =>
        change.From is { } from ? StateFigure.Of(from)
        : change.To is TcpSocketState.SynReceived or TcpSocketState.NewSynReceived ? StateNode.Listen
        : StateNode.Closed;
}
