using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Recording;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>What stands above the two tracks.</summary>
/// <param name="Places">The endpoints of each side.</param>
/// <param name="Names">The sockets of each side, with the process where they have one.</param>
internal sealed record SequenceHeads(string[] Places, string[] Names)
{
    private const int MostPlaces = 2;

    /// <summary>The heads of a record.</summary>
    public static SequenceHeads Of(Record record, SequenceSides ends)
    {
        List<string>[] places = [[], []];
        List<string>[] names = [[], []];
        List<string>[] processes = [[], []];
        foreach (var step in record.Steps)
        {
            foreach (var happening in step.Events)
            {
                if (happening is SegmentEvent segment)
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
                    Once(processes[(int)ends.Of(socket)], process);
            }
            if (step.Step is SocketStep { Socket: var name })
                Once(names[(int)ends.Of(name)], name);
            if (step.Step is AcceptStep { As: var accepted } && step.Result.Result == StepResult.Ok)
                Once(names[(int)ends.Of(accepted)], accepted);
        }
        return new SequenceHeads([Join(places[0], MostPlaces), Join(places[1], MostPlaces)], [Names(0), Names(1)]);

        void Place(IpEndpoint endpoint) => Once(places[(int)ends.Of(endpoint)], endpoint.ToString());

        string Names(int side) => (processes[side].Count > 0 ? Join(processes[side], 2) + ": " : "") + Join(names[side], 4);
    }

    private static void Once(List<string> list, string text)
    {
        if (!list.Contains(text))
            list.Add(text);
    }

    private static string Join(List<string> list, int most) => Cells.Clean(string.Join(", ", list.Take(most)) + (list.Count > most ? ", …" : ""));
}
