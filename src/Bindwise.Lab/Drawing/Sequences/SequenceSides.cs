namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>
/// Which of two sides each socket of a record stands on. Connections decide: their two ends stand opposite each other, and whoever has the
/// port of one stands with it (a listener, what it accepted, the server that comes next). Where nothing is connected, the first socket
/// stands left and the others right.
/// </summary>
internal sealed class SequenceSides
{
    private readonly SortedDictionary<string, Side> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Side> _sockets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Side> _processes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _placeOf = new(StringComparer.Ordinal);
    private readonly List<(string First, string Second)> _wires = [];
    private readonly bool _isByPort;
    private bool _isMirrored;

    public SequenceSides(Record record)
    {
        var pairs = new List<(IpEndpoint Local, IpEndpoint Remote)>();
        foreach (var step in record.Steps)
        {
            foreach (var hostEvent in step.Events)
            {
                switch (hostEvent)
                {
                    case SegmentEvent segment:
                        pairs.Add((segment.From, segment.To));
                        break;
                    case StateEvent { Remote: { Port: > 0 } remote } state:
                        pairs.Add((state.Local, remote));
                        break;
                }
            }
            foreach (var row in step.Sockets)
            {
                if (row.Remote is { Port: > 0 } remote)
                    pairs.Add((row.Local, remote));
            }
        }
        // Two ends with one port, as in 127.0.0.1:5000 to 127.0.0.2:5000, are told apart by their addresses.
        _isByPort = pairs.TrueForAll(static pair => pair.Local.Port != pair.Remote.Port);
        _wires.AddRange(pairs.Select(pair => (PlaceOf(pair.Local), PlaceOf(pair.Remote))).Distinct());
        HasSeveral = _wires.CountBy(static wire => wire.First).Any(static place => place.Value > 1);
        Colour();
        Name(record);
    }

    /// <summary>More than one connection is in it, so a segment needs to be told from others.</summary>
    public bool HasSeveral { get; }

    public Side Of(IpEndpoint endpoint) => Turn(_places.GetValueOrDefault(PlaceOf(endpoint)));

    public Side Of(string socket) => Turn(_sockets.GetValueOrDefault(socket));

    public Side OfProcess(string process) => Turn(_processes.GetValueOrDefault(process));

    private Side Turn(Side side) => _isMirrored ? Opposite(side) : side;

    private static Side Opposite(Side side) => side == Side.Left ? Side.Right : Side.Left;

    private string PlaceOf(IpEndpoint endpoint) =>
        _isByPort ? endpoint.Port.ToString(CultureInfo.InvariantCulture) : endpoint.Unmapped.ToString();

    // Each connection's ends get different sides, as far as all connections together allow it.
    private void Colour()
    {
        for (var isChanged = true; isChanged;)
        {
            isChanged = false;
            foreach (var (first, second) in _wires)
            {
                var (hasFirst, hasSecond) = (_places.TryGetValue(first, out var side), _places.TryGetValue(second, out var other));
                if (hasFirst == hasSecond)
                    continue;
                isChanged = true;
                if (hasFirst)
                    _places[second] = Opposite(side);
                else
                    _places[first] = Opposite(other);
            }
            if (!isChanged && _wires.Find(wire => !_places.ContainsKey(wire.First)) is { First: { } loose })
            {
                _places[loose] = Side.Left;
                isChanged = true;
            }
        }
    }

    private void Name(Record record)
    {
        foreach (var step in record.Steps)
        {
            foreach (var hostEvent in step.Events)
            {
                if (hostEvent is StateEvent { Socket: { } named } state)
                    Know(named, PlaceOf(state.Local));
            }
            foreach (var row in step.Sockets)
            {
                if (row.Socket is { } named && row.Local.Port > 0)
                    Know(named, PlaceOf(row.Local));
                if (row is { Socket: { } owned, Process: { } process } && _sockets.TryGetValue(owned, out var side))
                    _processes.TryAdd(process, side);
            }
        }
        // What never had an endpoint of a connection: by what it tried. Twice, since one may stand where a later one does.
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var step in record.Steps)
                Guess(step.Step);
        }
        var first = record.Steps.Select(static step => step.Step).OfType<SocketStep>().FirstOrDefault()?.Socket;
        if (first is null)
            return;
        if (_wires.Count == 0)
        {
            foreach (var step in record.Steps)
            {
                if (step.Step is SocketStep { Socket: { } other })
                    _sockets.TryAdd(other, other == first ? Side.Left : Side.Right);
            }
        }
        _isMirrored = _sockets.GetValueOrDefault(first) == Side.Right;
    }

    private void Know(string socket, string place)
    {
        _placeOf.TryAdd(socket, place);
        if (_places.TryGetValue(place, out var side))
            _sockets.TryAdd(socket, side);
    }

    private void Guess(Step step)
    {
        switch (step)
        {
            case OpenStep { Process: { } process } open when _processes.TryGetValue(process, out var side):
                _sockets.TryAdd(open.Socket, side);
                break;
            case OpenStep { Process: { } process } open when _sockets.TryGetValue(open.Socket, out var side):
                _processes.TryAdd(process, side);
                break;
            case BindStep { Port: > 0 } bind:
                Know(bind.Socket, PlaceOf(new IpEndpoint(bind.Address, bind.Port)));
                break;
            case ConnectStep { To: { } to } connect when _sockets.TryGetValue(to, out var side):
                _sockets.TryAdd(connect.Socket, Opposite(side));
                break;
            case ConnectStep { To: null } connect
                when _places.TryGetValue(PlaceOf(new IpEndpoint(connect.Address, connect.Port)), out var side):
                _sockets.TryAdd(connect.Socket, Opposite(side));
                break;
            case AcceptStep accept when _sockets.TryGetValue(accept.Socket, out var side):
                _sockets.TryAdd(accept.As, side);
                break;
        }
    }
}
