using Bindwise.Cli.Input;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Terminals;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs.Wait;

/// <summary>
/// One run of <c>wait</c>. All that is told of the waiting goes to standard error: standard output is for JSON and for the command.
/// </summary>
internal sealed class WaitRun(WaitLine line, AnswerStream output, ErrorLines errors)
{
    /// <summary>Between two looks at what the line says.</summary>
    private static readonly TimeSpan DrawPace = TimeSpan.FromMilliseconds(200);

    private const int DefaultColumns = 80;

    private readonly DateTimeOffset _since = DateTimeOffset.Now;
    private readonly bool _isDrawing = !line.Quiet && !line.Json && Terminal.CanRedrawErrors;
    private TimeSpan _drawnAt = -DrawPace;
    private string _drawn = "";
    private bool _isTold = line.Quiet || line.Json;
    private string? _toldSummary;

    /// <exception cref="OperationCanceledException">Ctrl+C.</exception>
    public ExitCode Wait(CancellationToken cancellation)
    {
        if (ReadQueries() is not { } queries)
            return ExitCode.Error;
        var request = new WaitRequest
        {
            Queries = queries,
            Until = line.Until,
            Connects = line.Connects,
            Any = line.Any,
            Timeout = line.Timeout
        };
        WaitReport report;
        try
        {
            report = new PortWaiter(request, Show, cancellation).Run();
        }
        catch (PortQueryException exception)
        {
            Wipe();
            return errors.Fail(exception.Message);
        }
        Wipe();
        return Print(report);
    }

    /// <summary>Becomes the command; returns only where that does not work.</summary>
    public ExitCode Become()
    {
        if (!OperatingSystem.IsLinux())
            return ExitCode.Error;
        var typed = line.Program!;
        // As bytes: what was typed need not be UTF-8.
        var why = ProcessReplacement.Become(RawArguments.Read(typed.Count) ?? [.. typed.Select(Encoding.UTF8.GetBytes)], out var exitCode);
        errors.Write($"{typed[0]}: {why}");
        return (ExitCode)exitCode;
    }

    private ImmutableArray<PortQuery>? ReadQueries()
    {
        var queries = ImmutableArray.CreateBuilder<PortQuery>();
        foreach (var typed in TypedTargets.Read(line.Targets, isFollowing: false))
        {
            if (typed.Target is not { } target)
            {
                errors.Write(typed.Error!);
                return null;
            }
            queries.Add(line.Query with { Target = target });
            if (typed.Note is { } note)
                errors.Write(note);
        }
        if (WhyNot(queries) is not { } wrong)
            return queries.ToImmutable();
        errors.Write(wrong);
        return null;
    }

    // What only the targets tell, in the words of the command line.
    private string? WhyNot(ImmutableArray<PortQuery>.Builder queries) =>
        queries.Count > WaitRequest.MostTargets
            ? $"{queries.Count} targets are too many: {WaitRequest.MostTargets} at most, run it again for the others"
        : line.Connects && queries.Any(static one => one.Target.Protocol == Protocol.Udp)
            ? "UDP has no connections to try: leave out --connect, or ask for a TCP port"
        : null;

    private void Show(WaitProgress progress)
    {
        if (_isDrawing ? progress.Elapsed - _drawnAt < DrawPace : _isTold)
            return;
        _drawnAt = progress.Elapsed;
        var open = progress.Targets.Where(static one => one.MetAfter is null).ToList();
        var first = WaitOutcomes.Of(open[0], line.Until, progress.Elapsed);
        if (!_isDrawing)
        {
            _isTold = true;
            _toldSummary = first.Diagnosis?.Summary;
            errors.Write(WaitText.Sentence(first, open.Count - 1));
            return;
        }
        var columns = (OperatingSystem.IsLinux() ? TerminalWidth.OfStandardError() : null) ?? Terminal.Detect().Width ?? DefaultColumns;
        var text = FollowText.Fit(WaitText.Line(first, open.Count - 1, DateTimeOffset.Now, _since), columns - ProgressLine.Spare);
        if (text == _drawn)
            return;
        errors.Overwrite(text);
        _drawn = text;
    }

    private void Wipe()
    {
        if (_drawn.Length > 0)
            errors.Overwrite("");
        _drawn = "";
    }

    private ExitCode Print(WaitReport report)
    {
        var outcomes = report.Targets.Select(target => WaitOutcomes.Of(target, line.Until, report.Waited)).ToList();
        if (line.Json)
            WriteJson(outcomes);
        else if (report.IsMet && !line.Quiet && line.Program is null)
            outcomes.Where(static one => one.IsMet).ToList().ForEach(one => errors.Write(WaitText.Met(one)));
        else if (!report.IsMet && !line.Quiet)
            errors.Write(WaitText.TimedOut(outcomes.Find(static one => !one.IsMet)!, outcomes.Count(static one => !one.IsMet) - 1,
                _toldSummary));
        return report.IsMet ? ExitCode.Success : ExitCode.Negative;
    }

    private void WriteJson(List<WaitOutcome> outcomes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var outcome in outcomes)
        {
            WaitJson.Write(buffer, outcome);
            buffer.Write("\n"u8);
        }
        output.Write(buffer.WrittenSpan);
    }
}

internal static class WaitOutcomes
{
    /// <summary>The states that can be waited for, by the names that people give them.</summary>
    public static (string Name, WaitCondition Condition)[] Conditions { get; } =
        [("free", WaitCondition.Free), ("listening", WaitCondition.Listening), ("closed", WaitCondition.Closed)];

    public static WaitOutcome Of(WaitTarget target, WaitCondition until, TimeSpan elapsed) =>
        new(target.Query.Target, target.Port, NameOf(until), IsMet: false, elapsed)
        {
            Diagnosis = target.Diagnosis,
            Listeners = target.Listeners,
            ConnectFault = target.ConnectFault,
        };

    public static WaitOutcome Of(WaitedTarget target, WaitCondition until, TimeSpan elapsed) =>
        new(target.Target, target.Port, NameOf(until), target.IsMet, target.MetAfter ?? elapsed)
        {
            Diagnosis = target.Diagnosis,
            Listeners = target.Listeners,
            ConnectFault = target.ConnectFault,
        };

    private static string NameOf(WaitCondition condition) => Array.Find(Conditions, one => one.Condition == condition).Name;
}
