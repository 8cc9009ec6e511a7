using Bindwise.Model.Events;
using Bindwise.Rendering.Freeing;
using Bindwise.Rendering.Listing;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Watching;

/// <summary>What the screen of <c>watch</c> shows, in the order of the number keys.</summary>
internal enum WatchView : byte
{
    Ports,

    /// <summary>The TCP state diagram with the number of sockets in each state.</summary>
    States,

    /// <summary>TIME_WAIT by port, with the time that is left.</summary>
    TimeWait,

    /// <summary>Ephemeral ports by where their connections go.</summary>
    Outgoing,

    /// <summary>What failed, and what will soon make binds fail.</summary>
    Failures,
}

/// <summary>What a view remembers while another is shown.</summary>
/// <param name="Sort">The order, by its place among the view's orders.</param>
internal sealed record ViewMemory(RowKey? Selected, int Index, int Top, int Sort)
{
    public static ViewMemory Fresh { get; } = new(null, 0, 0, 0);
}

/// <summary>What was told by the kernel: while the screen pauses, the newest is kept aside.</summary>
internal sealed record WatchFacts
{
    public HostCensus? Census { get; init; }

    /// <summary>Failures and warnings, the newest last, bounded.</summary>
    public ImmutableArray<SeenFailure> Failures { get; init; } = [];

    /// <summary>How many failed calls were told since the start, those included that are not kept.</summary>
    public long FailureCount { get; init; }
}

/// <summary>The screen of <c>watch</c> at one moment: all that its frame and its next step depend on.</summary>
internal sealed record WatchState
{
    public int Columns { get; init; } = 80;
    public int Lines { get; init; } = 24;
    public bool IsUnicode { get; init; } = true;

    public WatchView View { get; init; }

    public ImmutableArray<ViewMemory> Memories { get; init; } = [.. Enumerable.Repeat(ViewMemory.Fresh, WatchViews.Count)];
    public WatchFacts Shown { get; init; } = new();

    /// <summary>The newest; the same as <see cref="Shown"/> unless the screen pauses.</summary>
    public WatchFacts Live { get; init; } = new();

    public bool IsPaused { get; init; }

    public ImmutableArray<WatchRow> Rows { get; init; } = [];

    /// <summary>The ports of the census that is shown, or of an older one; null before they are seen.</summary>
    public ListedPorts? Ports { get; init; }

    public string Filter { get; init; } = "";

    public bool IsEditing { get; init; }

    public WatchOverlay? Overlay { get; init; }

    /// <summary>One line in place of the keys until the next key; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>The number of the last question; what comes for an older one is of no interest any more.</summary>
    public long Question { get; init; }

    public WatchPlace Place { get; init; } = new();
    public ViewMemory Memory => Memories[(int)View];
    public WatchRow? Selected => Rows.Length == 0 ? null : Rows[Math.Clamp(Memory.Index, 0, Rows.Length - 1)];
}

/// <summary>What the screen knows of the host and of who looks.</summary>
internal sealed record WatchPlace
{
    public ImmutableArray<Target> Targets { get; init; } = [];
    public ImmutableArray<string> Limits { get; init; } = [];

    /// <summary>The ephemeral range, for the warning that a listener stands in it.</summary>
    public HostSettings Settings { get; init; } = new();

    public uint Caller { get; init; }
    public Func<uint, string?> UserName { get; init; } = static _ => null;

    /// <summary>The name of an interface by its index, in digits where it has none; null for 0.</summary>
    public Func<uint, string?> DeviceName { get; init; } = new DeviceNames([]).Of;

    public PortCells Cells => field ??= new PortCells(DeviceName, default);
}

internal static class WatchViews
{
    public const int Count = 5;

    private static readonly string[] Titles = ["Ports", "States", "TIME_WAIT", "Outgoing", "Failures"];

    private static readonly ImmutableArray<string>[] Orders =
    [
        ["port", "owner", "connections", "queue"],
        [],
        ["count", "port", "time left"],
        ["ports", "destination", "TIME_WAIT"],
        ["newest", "program", "count"],
    ];

    public static string Title(WatchView view) => Titles[(int)view];

    /// <summary>The orders of a view's rows, the usual one first; empty where it has no rows.</summary>
    public static ImmutableArray<string> OrdersOf(WatchView view) => Orders[(int)view];
}

internal abstract record WatchOverlay(int Top)
{
    public sealed record Help(int Top = 0) : WatchOverlay(Top);

    /// <summary>What <c>why</c> answers, or answered when a call failed.</summary>
    /// <param name="Diagnosis">The answer; null while it is looked for, and where it failed.</param>
    /// <param name="Event">The event it belongs to; null for an answer of now.</param>
    /// <param name="Asked">What was asked about, which can be freed; null for an event.</param>
    public sealed record Answer(long Question, string Title, int Top = 0, Diagnosis? Diagnosis = null, string? Fault = null,
        PortEvent? Event = null, WatchQuestion? Asked = null) : WatchOverlay(Top);

    public sealed record Free(long Question, string Title, int Top = 0) : WatchOverlay(Top)
    {
        /// <summary>What will be done; null while it is looked for.</summary>
        public FreePlan? Plan { get; init; }

        public string? Fault { get; init; }

        /// <summary>What is still to be asked, the next first.</summary>
        public ImmutableArray<FreeQuestion> Questions { get; init; } = [];

        public ImmutableArray<FreeAction> Excluded { get; init; } = [];
        public bool IsRunning { get; init; }
        public ImmutableArray<FreeStep> Steps { get; init; } = [];

        public FreeResult? Result { get; init; }

        public bool IsDeclined { get; init; }
    }
}

/// <summary>A question to a person before something is freed.</summary>
/// <param name="Optional">The action that is left out by a no; null where a no ends it all.</param>
internal sealed record FreeQuestion(string Text, FreeAction? Optional)
{
    /// <summary>The questions of a plan, as <c>free</c> asks them; none where nothing is to be done.</summary>
    public static ImmutableArray<FreeQuestion> Of(FreePlan plan)
    {
        if (plan.Refusal is not null || plan.Actions.IsEmpty)
            return [];
        var isOnly = plan.Actions.All(static action => action.IsAskedSeparately);
        return
        [
            .. isOnly ? [] : (FreeQuestion[])[new FreeQuestion("Do it? [y/N] ", null)],
            .. plan.Actions.Where(static action => action is { IsAskedSeparately: true, Kind: FreeActionKind.Signal })
                .Select(action => new FreeQuestion(FreeText.Separately(action, isOnly), null)),
            .. plan.Actions.Where(static action => action.IsIfTakenAgain)
                .Select(static action => new FreeQuestion(FreeText.Separately(action, isOnly: false), action)),
        ];
    }
}
