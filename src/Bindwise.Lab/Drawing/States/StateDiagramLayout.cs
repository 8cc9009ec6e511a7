using Bindwise.Model.Text;

namespace Bindwise.Lab.Drawing.States;

/// <summary>
/// Lays out the state diagram of TCP with the way of one socket lit and numbered, and that way as a list; where the diagram does not fit,
/// the list alone.
/// </summary>
internal static class StateDiagramLayout
{
    // From here on the list stands beside the figure.
    private const int ColumnsForBoth = StateFigure.Columns + 3 + 28;

    /// <summary>The sockets that can be chosen, the most telling one first.</summary>
    public static IReadOnlyList<string> Sockets(Record record) => StatePath.Sockets(record);

    /// <param name="socket">The socket whose way is lit; null for the most telling one.</param>
    public static Picture Of(Record record, string? socket, int columns)
    {
        var path = (socket ?? (StatePath.Sockets(record) is [var most, ..] ? most : null)) is { } name ? StatePath.Of(record, name)
            : new StatePath("", []);
        var picture = new PictureBuilder(columns);
        Caption.Add(picture, record);
        if (picture.Columns >= StateFigure.Columns)
        {
            var top = picture.Rows;
            Draw(picture, path, top);
            if (picture.Columns >= ColumnsForBoth)
                List(picture, path, StateFigure.Columns + 3, top, true);
            else
            {
                picture.Space();
                List(picture, path, 0, picture.Rows, true);
            }
        }
        else
            List(picture, path, 0, picture.Rows, false);
        return picture.Build($"{Caption.TitleOf(record)}: the states of {path.Socket}", Describe(path));
    }

    private static void Draw(PictureBuilder picture, StatePath path, int top)
    {
        var visited = path.Steps.SelectMany(static step => new[] { step.From, step.To }).ToHashSet();
        foreach (var edge in StateFigure.Edges)
            Draw(picture, edge,
                [.. path.Steps.Where(step => step.From == edge.From && step.To == edge.To).Select(static step => step.Number)], top);
        foreach (var box in StateFigure.Boxes)
        {
            var isLit = visited.Contains(box.Node);
            var name = StateFigure.Name(box.Node);
            if (isLit)
                picture.Add(new Ground(box.Column, top + box.Row + 1, StateFigure.BoxColumns - 1, box.Height - 2,
                    Tone.Lit)
                { IsBetweenLines = true }, top);
            picture.Add(new Frame(box.Column, top + box.Row, StateFigure.BoxColumns, box.Height,
                isLit ? Tone.Lit : Tone.Dim)
            { IsHeavy = isLit }, top + box.Row + box.Height - 1);
            picture.Text(box.Column + ((StateFigure.BoxColumns - name.Length) / 2), top + box.Row + 1, name, isLit ? Tone.Lit : Tone.Dim,
                MarkAnchor.Middle);
        }
    }

    private static void Draw(PictureBuilder picture, StateEdge edge, int[] numbers, int top)
    {
        var isLit = numbers.Length > 0;
        var points = edge.Points.Select(point => new Cell(point.Column, point.Row + top));
        picture.Add(new Stroke([.. points], isLit ? Tone.Lit : Tone.Dim) { IsHeavy = isLit, HasHead = true },
            top + edge.Points.Max(static point => point.Row));
        var mark = isLit ? $"{string.Join(',', numbers.Take(2))}{(numbers.Length > 2 ? ",…" : "")} " : "";
        var text = mark + edge.Text;
        picture.Text(edge.IsBefore ? edge.Place.Column - CellWidth.Of(text) : edge.Place.Column, top + edge.Place.Row, text,
            isLit ? Tone.Lit : Tone.Dim, edge.IsBefore ? MarkAnchor.End : MarkAnchor.Start);
    }

    private static void List(PictureBuilder picture, StatePath path, int column, int row, bool isWithFigure)
    {
        row = picture.Lines(path.Socket.Length > 0 ? $"The way of {Cells.Clean(path.Socket)}" : "No socket of it had a state of TCP",
            Tone.Strong, column, row, 0);
        if (isWithFigure)
            row = picture.Lines("Numbers count its steps; an arrow says what happens, and after the colon what is sent.", Tone.Dim, column,
                row, 0);
        foreach (var step in path.Steps)
        {
            row = picture.Lines(Say(step), Tone.Lit, column, row, 3);
            row = picture.Lines($"{Time(step.At)}, {Cells.Clean(BindText.Write(step.During))}", Tone.Dim, column + 3, row, 2);
        }
    }

    private static string Say(PathStep step) =>
        string.Create(CultureInfo.InvariantCulture, $"{step.Number,2} {StateFigure.Name(step.From)} → {StateFigure.Name(step.To)}")
            + (IsInFigure(step) ? "" : " (no arrow of the figure)");

    private static bool IsInFigure(PathStep step) => StateFigure.Edges.Any(edge => edge.From == step.From && edge.To == step.To);

    private static string Time(TimeSpan at) => string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds:0.###} s");

    private static string Describe(StatePath path)
    {
        var text = new StringBuilder();
        foreach (var step in path.Steps)
            text.Append(Say(step).TrimStart()).Append(", ").Append(Time(step.At)).Append("; ");
        return text.ToString();
    }
}

/// <summary>A step of a socket's way through the states.</summary>
/// <param name="Number">From 1.</param>
internal sealed record PathStep(int Number, TimeSpan At, StateNode From, StateNode To, Step During);

/// <param name="Socket">The socket as it is called in the picture.</param>
internal sealed record StatePath(string Socket, IReadOnlyList<PathStep> Steps)
{
    /// <summary>The sockets of a record that have a way, those that ended in TIME_WAIT first, then by the length of the way.</summary>
    public static IReadOnlyList<string> Sockets(Record record)
    {
        var changes = ChangesOf(record);
        // A stable order: OrderBy keeps those that are alike as they came.
        return [.. changes.Select(static change => change.Change.Socket).OfType<string>().Distinct().OrderByDescending(
            name => changes.Exists(change => change.Change.Socket == name && change.Change.To == TcpSocketState.TimeWait))
            .ThenByDescending(name => Of(record, name).Steps.Count)];
    }

    /// <summary>The way of a socket; without steps where it had no state.</summary>
    public static StatePath Of(Record record, string socket)
    {
        var changes = ChangesOf(record);
        // A connection has no name before it is accepted.
        var own = changes.Where(one => one.Change.Socket == socket).Select(static one => (one.Change.Local, one.Change.Remote)).ToHashSet();
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
