using Bindwise.Lab.Drawing.Grids;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Drawing.Sequences;
using Bindwise.Lab.Drawing.States;
using Record = Bindwise.Lab.Recording.Record;

namespace Bindwise.Lab.Tests.Drawing;

/// <summary>The pictures that are compared with expectations, and looked at in a browser.</summary>
internal static class KnownPictures
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "close-fins", "restart-over-time-wait", "close-simultaneous", "time-wait-meter", "calls-alone", "states-of-the-closer", "states-of-the-other", "grid",
    ];

    private static Grid Grid { get; } = new(
        "Two sockets on port 21", "first, then second", ["0.0.0.0", "192.0.2.1", "127.0.0.1 SO_REUSEADDR", "[::] dual-stack"],
        [
            new("0.0.0.0", [Taken, Taken, Taken, Taken]),
            new("192.0.2.1 SO_REUSEADDR, listening", [Taken, Taken, Fine, new("unknown", Tone.Unknown)]),
            new("127.0.0.1", [Taken, Fine, Taken, Taken]),
        ])
    {
        Notes = ["drawn from the rule model"],
    };

    private static GridCell Taken => new("EADDRINUSE", Tone.Bad) { Rule = "BW004" };

    private static GridCell Fine => new("ok", Tone.Good);

    public static Picture Of(string name, int columns) => name switch
    {
        "close-fins" => SequenceLayout.Of(KnownRecords.PlainClose, columns),
        "restart-over-time-wait" => SequenceLayout.Of(KnownRecords.Restart, columns),
        "close-simultaneous" => SequenceLayout.Of(KnownRecords.SimultaneousClose, columns),
        "time-wait-meter" => SequenceLayout.Of(KnownRecords.Meter, columns),
        "calls-alone" => SequenceLayout.Of(KnownRecords.CallsAlone, columns),
        "states-of-the-closer" => StateDiagramLayout.Of(KnownRecords.PlainClose, null, columns),
        "states-of-the-other" => StateDiagramLayout.Of(KnownRecords.PlainClose, "peer", columns),
        _ => GridLayout.Of(Grid, columns),
    };

    public static Picture Named(string title, int columns) =>
        SequenceLayout.Of(new Record(KnownRecords.PlainClose.Scenario with { Name = title }, KnownRecords.PlainClose.Host, KnownRecords.PlainClose.Steps), columns);
}
