namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>
/// Lays a record out as a sequence diagram: time, the calls of one end, its track with the states, the wire, and the same of the other end
/// mirrored. Where that does not fit it becomes a list that says the same.
/// </summary>
internal static class SequenceLayout
{
    // Below this no segment's words fit between two columns of calls.
    private const int LeastColumns = 68;

    public static Picture Of(Record record, int columns)
    {
        var events = new SequenceEvents(record);
        var clock = new Clock(events.Items);
        var picture = new PictureBuilder(columns);
        Caption.Add(picture, record);
        if (picture.Columns < LeastColumns)
            SequenceList.Add(picture, events, clock);
        else
            new SequenceColumns(picture, events, clock, SequenceHeads.Of(record, events.Ends)).Draw();
        if (events.LeftOut > 0)
            picture.Paragraph(string.Create(CultureInfo.InvariantCulture, $"{events.LeftOut} further steps are not drawn"), Tone.Dim);
        return picture.Build(Caption.TitleOf(record), Describe(record, events, clock));
    }

    private static string Describe(Record record, SequenceEvents events, Clock clock)
    {
        var text = new StringBuilder(Caption.SourceOf(record)).Append(". ");
        foreach (var item in events.Items)
        {
            if (SequenceList.Say(item, events) is { } said)
                text.Append(clock.Of(item.At)).Append(": ").Append(said).Append("; ");
        }
        return text.ToString();
    }
}

/// <param name="Names">The sockets of each side, with the process where they have one.</param>
internal sealed record SequenceHeads(string[] Places, string[] Names)
{
    private const int MostPlaces = 2;

    public static SequenceHeads Of(Record record, SequenceSides sides)
    {
        List<string>[] places = [[], []];
        List<string>[] names = [[], []];
        List<string>[] processes = [[], []];
        foreach (var step in record.Steps)
        {
            foreach (var hostEvent in step.Events)
            {
                if (hostEvent is SegmentEvent segment)
                {
                    Place(segment.From);
                    Place(segment.To);
                }
            }
            foreach (var row in step.Sockets)
            {
                if (row.Remote is not null)
                    Place(row.Local);
                if (row is { Socket: { } socket, Process: { } process })
                    processes[(int)sides.Of(socket)].Add(process);
            }
            if (step.Step is SocketStep { Socket: var name })
                names[(int)sides.Of(name)].Add(name);
            if (step.Step is AcceptStep { As: var accepted } && step.Result.Result == StepResult.Ok)
                names[(int)sides.Of(accepted)].Add(accepted);
        }
        return new SequenceHeads([Join(places[0], MostPlaces), Join(places[1], MostPlaces)], [Names(0), Names(1)]);

        void Place(IpEndpoint endpoint) => places[(int)sides.Of(endpoint)].Add(endpoint.ToString());

        string Names(int side) => (processes[side].Count > 0 ? Join(processes[side], 2) + ": " : "") + Join(names[side], 4);
    }

    private static string Join(List<string> list, int most)
    {
        var once = list.Distinct().ToList();
        return Cells.Clean(string.Join(", ", once.Take(most)) + (once.Count > most ? ", …" : ""));
    }
}

/// <summary>The events in sentences, for narrow terminals and for who has it read out.</summary>
internal static class SequenceList
{
    public static void Add(PictureBuilder picture, SequenceEvents events, Clock clock)
    {
        var last = "";
        foreach (var item in events.Items)
        {
            if (Say(item, events) is not { } said)
                continue;
            var time = clock.Of(item.At);
            if (time != last)
                picture.Paragraph(last = time, Tone.Dim);
            picture.Paragraph(said, ToneOf(item), indent: 2, hang: 2);
        }
    }

    /// <summary>One thing that happened, in words; null where there is nothing to say.</summary>
    public static string? Say(SequenceItem item, SequenceEvents events) => item switch
    {
        CallItem call => call.Result.Length > 0 ? $"{call.Text} {call.Result}" : call.Text,
        StateItem state => StateText(state, named: true),
        SegmentItem segment =>
            $"{SegmentText.Of(segment.Fate)}{(segment.IsAcross && segment.From == Side.Right ? "<- " : segment.IsAcross ? "-> " : "")}"
                + $"{segment.Text}",
        CountItem count => CountText(count),
        NoteItem note => note.Text,
        _ => null,
    };

    public static string StateText(StateItem state, bool named) =>
        named && state.Socket.Length > 0 ? $"{state.Socket} {state.State}" : state.State;

    public static string CountText(CountItem count) => count.SecondsLeft >= 10
        ? string.Create(CultureInfo.InvariantCulture, $"{count.SecondsLeft:0} s left")
        : string.Create(CultureInfo.InvariantCulture, $"{count.SecondsLeft:0.#} s left");

    private static Tone ToneOf(SequenceItem item) => item switch
    {
        CallItem { Result.Length: > 0 } call => call.Tone,
        StateItem state => state.Tone,
        CountItem count => count.Tone,
        SegmentItem { Fate: not SegmentFate.Delivered } => Tone.Disturbed,
        _ => Tone.Plain,
    };
}
