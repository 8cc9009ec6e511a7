using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Model.Sockets;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>What the tracks of both sides show.</summary>
internal sealed class TrackStates(SequenceSides ends)
{
    private readonly SocketStateHistory sockets = new();

    private readonly HashSet<string>[] names = [[], []];

    /// <summary>A side had more than one socket with a state, so each is named.</summary>
    public bool AreSeveral(Side side) => names[(int)side].Count > 1;

    /// <summary>What an event changes on a track; null for nothing.</summary>
    public StateItem? Take(StateEvent happening) => sockets.Take(happening) is { } change ? Item(change) : null;

    /// <summary>What the table after a step tells beyond the events.</summary>
    public IEnumerable<StateItem> Compare(IReadOnlyList<SocketRow> rows, TimeSpan at)
    {
        foreach (var change in sockets.Compare(rows, at))
        {
            if (Item(change) is { } item)
                yield return item;
        }
    }

    // That a socket is bound its call says.
    private StateItem? Item(SocketStateChange change)
    {
        if (SocketStateHistory.IsClosed(change.To) && (change.To is not null || SocketStateHistory.IsClosed(change.From)))
            return null;
        var side = change.Socket is { } socket ? ends.Of(socket) : ends.Of(change.Local);
        if (change.Socket is not null)
            names[(int)side].Add(change.Socket);
        var text = change.To is { } reached ? SocketStateHistory.Name(reached) : "CLOSED";
        return new StateItem(change.At, side, Cells.Clean(change.Socket), text, change.To is { } kind ? StateTones.Of(kind) : Tone.Dim, LifeOf(side));
    }

    private TrackState? LifeOf(Side side)
    {
        TcpState? telling = null;
        foreach (var (local, state, socket) in sockets.Living)
        {
            if ((socket is not null ? ends.Of(socket) : ends.Of(local)) != side)
                continue;
            if (telling is null || Weight(state) > Weight(telling.Value))
                telling = state;
        }
        return telling is { } most ? new TrackState(StateTones.Of(most), most == TcpState.TimeWait) : null;
    }

    // A connection that lives tells more than a listener beside it, and that more than what is left of a closed one.
    private static int Weight(TcpState state) => state switch
    {
        TcpState.Close or TcpState.Bound => 1,
        TcpState.TimeWait => 2,
        TcpState.Listen => 3,
        TcpState.SynSent or TcpState.SynReceived or TcpState.NewSynReceived => 4,
        TcpState.Established => 5,
        _ => 6,
    };
}
