namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>Calls in the words of the scenario language, several as one line where a line says exactly them.</summary>
internal static class CallText
{
    private const int MostTogether = 12;

    /// <summary>
    /// How many steps from an index on are one call for the reader: those of one line, up to the first that fails or that something follows
    /// from.
    /// </summary>
    public static int Together(ImmutableArray<RecordedStep> steps, int first)
    {
        if (steps[first].Step is not (OpenStep or SetStep))
            return 1;
        var count = 1;
        while (first + count < steps.Length && count < MostTogether && CanGoOn(steps[first + count - 1])
            && IsOfOne(steps[first], steps[first + count]))
            count++;
        while (count > 1 && Line(steps, first, count) is null)
            count--;
        return count;
    }

    public static string Of(ImmutableArray<RecordedStep> steps, int first, int count) =>
        Cells.Clean((count > 1 ? Line(steps, first, count) : null) ?? BindText.Write(steps[first].Step));

    /// <summary>What it gave: <c>-> EADDRINUSE BW004 by old (TIME_WAIT)</c>; empty for an ok that goes without saying.</summary>
    public static string ResultOf(Step step, StepResult result)
    {
        if (result.Result == StepResult.Ok && step is not (BindStep or ListenStep or ConnectStep))
            return "";
        var text = "-> " + result.Result;
        if (result.Result != StepResult.Ok && result.Rule is { } rule)
            text += " " + rule;
        if (result.Result != StepResult.Ok && !result.Blockers.IsDefaultOrEmpty)
            text += " by " + string.Join(", ", result.Blockers.Take(3).Select(Spell)) + (result.Blockers.Length > 3 ? ", …" : "");
        return Cells.Clean(text);
    }

    public static Tone ToneOf(Step step, StepResult result) =>
        result.Result == StepResult.Ok ? Tone.Good
        : result.Result == StepResult.NoSocket ? Tone.Dim
        : step is StateStep or NameStep ? Tone.Plain
        : Tone.Bad;

    private static bool CanGoOn(RecordedStep step) => step.Result.Result == StepResult.Ok && !step.Events.Any(StepEvents.IsSeen);

    private static bool IsOfOne(RecordedStep first, RecordedStep next) =>
        next.Step is SetStep or BindStep or ListenStep or ConnectStep
        && next.Index != first.Index
        && ((SocketStep)next.Step).Socket == ((SocketStep)first.Step).Socket;

    private static string? Line(ImmutableArray<RecordedStep> steps, int first, int count)
    {
        var scenario = new Scenario("", [.. steps.AsSpan().Slice(first, count).ToArray().Select(static step => step.Step)]);
        if (ScenarioRules.FaultOf(scenario) is not null)
            return null;
        var text = BindText.Write(scenario).TrimEnd('\n');
        return text.Contains('\n', StringComparison.Ordinal) ? null : text;
    }

    // "old by TIME_WAIT", as hosts name what is left of a closed socket, reads badly after "by".
    private static string Spell(string blocker)
    {
        const string Separator = " by ";
        var at = blocker.IndexOf(Separator, StringComparison.Ordinal);
        return at < 0 ? blocker : $"{blocker[..at]} ({blocker[(at + Separator.Length)..]})";
    }
}

/// <summary>A segment in a few words: <c>FIN ACK seq 6 ack 1</c>.</summary>
internal static class SegmentText
{
    private static readonly (TcpFlags Flag, string Text)[] Words =
        [(TcpFlags.Syn, "SYN"), (TcpFlags.Fin, "FIN"), (TcpFlags.Reset, "RST"), (TcpFlags.Push, "PSH"), (TcpFlags.Ack, "ACK")];

    public static string Of(SegmentEvent segment)
    {
        var text = new StringBuilder(Of(segment.Flags));
        text.Append(CultureInfo.InvariantCulture, $" seq {segment.Sequence}");
        if (segment.Flags.HasFlag(TcpFlags.Ack))
            text.Append(CultureInfo.InvariantCulture, $" ack {segment.Acknowledgement}");
        if (segment.Bytes > 0)
            text.Append(CultureInfo.InvariantCulture, $" len {segment.Bytes}");
        return text.ToString().TrimStart();
    }

    /// <summary>Its control bits: <c>FIN ACK</c>; empty for none.</summary>
    public static string Of(TcpFlags flags) =>
        string.Join(' ', Words.Where(word => flags.HasFlag(word.Flag)).Select(static word => word.Text));

    /// <summary>What became of it; empty where it simply arrives.</summary>
    public static string Of(SegmentFate fate) => fate switch
    {
        SegmentFate.Held => "held ",
        SegmentFate.Released => "released ",
        SegmentFate.Lost => "lost ",
        SegmentFate.Repeated => "again ",
        _ => "",
    };
}

/// <summary>Times at the side of a diagram: whole seconds where all are whole, else milliseconds.</summary>
internal sealed class Clock
{
    private readonly bool _isWhole;

    public Clock(IReadOnlyList<SequenceItem> items)
    {
        _isWhole = items.All(static item => item.At.Ticks % TimeSpan.TicksPerSecond == 0);
        if (items.Count > 0)
            Columns = Of(items[^1].At).Length + 3;
    }

    /// <summary>How many columns times take, with the space before and after them.</summary>
    public int Columns { get; } = 6;

    public string Of(TimeSpan at) => _isWhole
        ? string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds:0.000} s");

    /// <summary>How long something takes: no more digits than say something.</summary>
    public static string Length(TimeSpan length) => length.TotalSeconds >= 10
        ? string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.#} s")
        : string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.##} s");
}
