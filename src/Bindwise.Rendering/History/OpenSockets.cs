namespace Bindwise.Rendering.History;

/// <summary>
/// The sockets that are open at one address, as its events tell. There may be several (SO_REUSEPORT, a server that hands over to the next),
/// and which of them an event is about only its process says.
/// </summary>
internal sealed class OpenSockets
{
    private readonly List<PortEvent> _open = [];

    /// <summary>The event with which each of them began, the oldest first.</summary>
    public IReadOnlyList<PortEvent> All => _open;

    /// <summary>A socket was bound or listens; one that was bound and now listens is the same.</summary>
    public void Add(PortEvent begun)
    {
        if (begun.Kind == PortEventKind.Listen && Find(begun.ProcessId, isBound: true) is >= 0 and var bound)
            _open[bound] = _open[bound] with { Kind = PortEventKind.Listen };
        else
            _open.Add(begun);
    }

    /// <summary>A socket has another process; gives how it began with the one before, null where that was not told.</summary>
    public PortEvent? Pass(PortEvent changed)
    {
        var before = Take(changed.PreviousProcessId ?? 0);
        _open.Add(changed with { Kind = before?.Kind ?? PortEventKind.Listen });
        return before;
    }

    /// <summary>A process has closed its socket; gives how that began, null where it was not told.</summary>
    public PortEvent? Take(int processId)
    {
        if (Find(processId, isBound: false) is not (>= 0 and var found))
            return null;
        var begun = _open[found];
        _open.RemoveAt(found);
        return begun;
    }

    // That of the process, else one whose process nobody could see.
    private int Find(int processId, bool isBound)
    {
        var found = _open.FindIndex(one => one.ProcessId == processId && IsMeant(one));
        return found >= 0 ? found : _open.FindIndex(one => (one.ProcessId == 0 || processId == 0) && IsMeant(one));

        bool IsMeant(PortEvent one) => !isBound || one.Kind == PortEventKind.Bind;
    }
}
