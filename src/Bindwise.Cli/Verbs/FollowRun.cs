using Bindwise.Linux.Terminals;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Listing;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs;

/// <summary>
/// <c>--follow</c>: stays with an answer until the target is free, as the library's <see cref="Follower"/> has it. On a terminal the last
/// line counts down; elsewhere only the end is told.
/// </summary>
internal sealed class FollowRun : IDisposable
{
    private readonly WhyRequest _request;
    private readonly AnswerStream _output;
    private readonly bool _isDrawing;
    private readonly CancellationToken _cancellation;

    // Who asked no longer wants to know, or nobody reads the output any more.
    private readonly CancellationTokenSource _ending;
    private readonly DateTimeOffset _since = DateTimeOffset.Now;
    private string _drawn = "";

    public FollowRun(WhyRequest request, AnswerStream output, Terminal terminal, CancellationToken cancellation)
    {
        (_request, _output, _cancellation) = (request, output, cancellation);
        _isDrawing = terminal.CanRedraw && !request.Json;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    /// <summary>Follows an answer that has been told; gives the one that it ended with, or what went wrong.</summary>
    /// <exception cref="OperationCanceledException">Ctrl+C.</exception>
    public ParseResult<Diagnosis> Follow(Inquiry inquiry, PortQuery question, Diagnosis first)
    {
        using var follower = new Follower(again => ValueTask.FromResult(inquiry.Ask(again, _cancellation)), question,
            (current, time) => ValueTask.FromResult(Pause(current, time)));
        if (OperatingSystem.IsLinux())
            OutputReader.CancelOnceReaderLeft(_ending);
        var current = first;
        while (current.Verdict != Verdict.Free && IsRead)
        {
            Diagnosis next;
            try
            {
                // Neither its pause nor its question leaves this thread.
                next = follower.NextAsync(current).AsTask().GetAwaiter().GetResult();
            }
            catch (PortQueryException exception)
            {
                Wipe();
                return new ParseResult<Diagnosis>(null, exception.Message);
            }
            if (FollowPlan.IsChange(current, next))
                Show(next);
            current = next;
        }
        // Ctrl+C may have come before the first pause, or during a question.
        if (current.Verdict != Verdict.Free)
            _cancellation.ThrowIfCancellationRequested();
        return new ParseResult<Diagnosis>(current);
    }

    public void Dispose()
    {
        Wipe();
        // Its thread looks at it once more; what it holds goes with the process.
        _ending.Cancel();
    }

    private bool IsRead => _output.IsOpen && !_ending.IsCancellationRequested;

    private bool Pause(Diagnosis current, TimeSpan time)
    {
        Draw(current);
        _ending.Token.WaitHandle.WaitOne(time);
        _cancellation.ThrowIfCancellationRequested();
        return IsRead;
    }

    /// <summary>A change: a line of JSON; on a terminal the answer's first line; elsewhere only the last of them.</summary>
    private void Show(Diagnosis diagnosis)
    {
        if (_request.Json)
        {
            _output.WriteLine(line => DiagnosisJson.Write(line, diagnosis));
            return;
        }
        if (!_isDrawing && diagnosis.Verdict != Verdict.Free)
            return;
        Wipe();
        var headline = DiagnosisText.Render(diagnosis, new TextOptions(Detail: Detail.Quiet))[0];
        var line = new TextLine([.. headline.Spans, new TextSpan(TextRole.Dim, $"  ({FollowText.After(DateTimeOffset.Now - _since)})")]);
        _output.Write([line], Terminal.Detect());
    }

    private void Draw(Diagnosis current)
    {
        if (!_isDrawing)
            return;
        var line = FollowText.Fit("  " + FollowText.Waiting(current, DateTimeOffset.Now, _since),
            (Terminal.Detect().Width ?? 80) - ProgressLine.Spare);
        if (line == _drawn)
            return;
        _output.Write($"\r\u001b[K{line}");
        _drawn = line;
    }

    private void Wipe()
    {
        if (_drawn.Length > 0)
            _output.Write("\r\u001b[K");
        _drawn = "";
    }
}

/// <summary>
/// For an error that names no port: what this user started last and listens, as the port is
/// mostly that of an older run of the same program.
/// </summary>
internal static class LatestListeners
{
    private const int Maximum = 5;

    /// <summary>One line; null where there is no such listener, or the socket table cannot be read.</summary>
    public static string? Read()
    {
        PortListing listing;
        try
        {
            listing = PortDiagnostics.List(new PortListRequest { Filter = new PortFilter { IsMine = true } });
        }
        catch (PortQueryException)
        {
            return null;
        }
        var all = listing.Ports.Where(static port =>
            port is { Since: not null, Owners.IsEmpty: false } && (port.Protocol == Protocol.Udp || port.Backlog is not null))
            .OrderByDescending(static port => port.Since).ToList();
        // One of each process: one with many ports would leave out the others.
        var shown = all.DistinctBy(static port => port.Owners[0].Process.Id).Take(Maximum).ToList();
        var more = all.Count == shown.Count ? ""
            : string.Create(CultureInfo.InvariantCulture, $" and {all.Count - shown.Count} more: bindwise ls mine");
        return all.Count == 0 ? null
            : $"your own listeners, newest first: {string.Join(", ", shown.Select(Describe))}{more}";
    }

    private static string Describe(ListedPort port) => string.Create(CultureInfo.InvariantCulture,
        $"{PortColumns.Target(port)} of {port.Name} (pid {port.Owners[0].Process.Id}, since {port.Since:HH:mm:ss})");
}
