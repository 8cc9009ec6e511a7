using System.Buffers;
using System.Diagnostics;
using Bindwise.Cli.Output;
using Bindwise.Linux;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Sockets;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs;

/// <summary>
/// <c>--follow</c>: stays with an answer until the target is free. It looks at the one socket without whose end nothing changes, and asks the
/// whole question again, with its probes, only once that is gone. On a terminal the last line counts down; elsewhere only the end is told.
/// </summary>
internal sealed class FollowRun : IDisposable
{
    /// <summary>Between two looks at a socket that one exact question finds.</summary>
    private static readonly TimeSpan CheapPace = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two looks that walk a table, or ask again without a probe.</summary>
    private static readonly TimeSpan SlowPace = TimeSpan.FromSeconds(1);

    /// <summary>Where only a probe tells, it is made so seldom.</summary>
    private static readonly TimeSpan ProbePace = TimeSpan.FromSeconds(5);

    private readonly WhyRequest request;
    private readonly ProgramOptions options;
    private readonly AnswerStream output;
    private readonly bool isDrawing;
    private readonly CancellationToken cancellation;
    private readonly SocketWatch? watch;
    private readonly DateTimeOffset since = DateTimeOffset.Now;
    private ulong distrusted;
    private string drawn = "";

    /// <summary>Begins to follow.</summary>
    public FollowRun(WhyRequest request, ProgramOptions options, AnswerStream output, Terminal terminal, CancellationToken cancellation)
    {
        this.request = request;
        this.options = options;
        this.output = output;
        this.cancellation = cancellation;
        isDrawing = terminal.CanRedraw && !request.Json;
        watch = OperatingSystem.IsLinux() ? SocketWatch.TryOpen() : null;
    }

    /// <summary>Follows an answer that has been told; gives the one that it ended with, or what went wrong.</summary>
    /// <param name="again">Asks again, with or without probes.</param>
    /// <param name="first">The answer so far.</param>
    /// <exception cref="OperationCanceledException">Ctrl+C.</exception>
    public ParseResult<Diagnosis> Follow(Func<bool, WhySource> again, Diagnosis first)
    {
        var current = first;
        while (current.Verdict != Verdict.Free && output.IsOpen)
        {
            WaitForChange(again, current);
            var next = Ask(again, request.Probe, out var error);
            if (next is null)
            {
                Wipe();
                return new ParseResult<Diagnosis>(null, error);
            }
            // What is told to be gone and yet is found again cannot be watched one by one.
            if (Following.SocketToWatch(next) is { } socket && socket.Cookie == Following.SocketToWatch(current)?.Cookie)
                distrusted = socket.Cookie;
            if (Following.IsChange(current, next))
                Show(next);
            current = next;
        }
        return new ParseResult<Diagnosis>(current);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Wipe();
        if (OperatingSystem.IsLinux())
            watch?.Dispose();
    }

    private void WaitForChange(Func<bool, WhySource> again, Diagnosis current)
    {
        var socket = Following.SocketToWatch(current);
        if (socket is not null && socket.Cookie != distrusted && IsThere(socket) is not null)
            WaitForEnd(socket, current);
        else
            WaitForAnotherAnswer(again, current);
    }

    private void WaitForEnd(HeldSocket socket, Diagnosis current)
    {
        var pace = OperatingSystem.IsLinux() && SocketWatch.IsCheap(socket) ? CheapPace : SlowPace;
        do
            Pause(current, pace);
        while (IsThere(socket) == true && output.IsOpen);
    }

    // Null where it cannot be told: .NET alone knows no socket by itself.
    private bool? IsThere(HeldSocket socket) => OperatingSystem.IsLinux() ? watch?.IsThere(socket) : null;

    private void WaitForAnotherAnswer(Func<bool, WhySource> again, Diagnosis current)
    {
        var started = Stopwatch.GetTimestamp();
        var before = Ask(again, false, out _);
        Diagnosis? now;
        do
        {
            Pause(current, SlowPace);
            now = Ask(again, false, out _);
            if (request.Probe && before?.Verdict != Verdict.Blocked && Stopwatch.GetElapsedTime(started) >= ProbePace)
                return;
        }
        while (before is not null && now is not null && !Following.IsChange(before, now) && output.IsOpen);
    }

    private void Pause(Diagnosis current, TimeSpan time)
    {
        Draw(current);
        cancellation.WaitHandle.WaitOne(time);
        cancellation.ThrowIfCancellationRequested();
    }

    private Diagnosis? Ask(Func<bool, WhySource> again, bool probe, out string? error)
    {
        var source = again(probe);
        error = source.Error;
        return source.Entry is { } entry ? Diagnoser.Diagnose(entry.Target, options, entry.Snapshot) : null;
    }

    /// <summary>A change: a line of JSON; on a terminal the answer's first line; elsewhere only the last of them.</summary>
    private void Show(Diagnosis diagnosis)
    {
        if (request.Json)
        {
            var buffer = new ArrayBufferWriter<byte>();
            DiagnosisJson.Write(buffer, diagnosis);
            buffer.Write("\n"u8);
            output.Write(buffer.WrittenSpan);
            return;
        }
        if (!isDrawing && diagnosis.Verdict != Verdict.Free)
            return;
        Wipe();
        var headline = DiagnosisText.Render(diagnosis, new TextOptions(Detail: Detail.Quiet))[0];
        var line = new TextLine([.. headline.Spans, new TextSpan(TextRole.Dim, $"  ({FollowText.After(DateTimeOffset.Now - since)})")]);
        output.Write(TextOutput.Format([line], Terminal.Detect().IsColoured));
    }

    private void Draw(Diagnosis current)
    {
        if (!isDrawing)
            return;
        // One column stays free, in which some terminals would wrap already.
        var line = FollowText.Fit("  " + FollowText.Waiting(current, DateTimeOffset.Now, since), (Terminal.Detect().Width ?? 80) - 1);
        if (line == drawn)
            return;
        output.Write($"\r\u001b[K{line}");
        drawn = line;
    }

    private void Wipe()
    {
        if (drawn.Length > 0)
            output.Write("\r\u001b[K");
        drawn = "";
    }
}
