using System.Runtime.Versioning;
using Bindwise.Linux.Events;
using Bindwise.Linux.Terminals;
using Bindwise.Model.Events;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Watching;

namespace Bindwise.Cli.Verbs.Watch;

/// <summary><c>watch --events</c>: a line an event, until a signal comes or nobody reads any more.</summary>
[SupportedOSPlatform("linux")]
internal sealed class WatchEvents(WatchRequest request, ImmutableArray<Target> targets, IPortEventSource source, AnswerStream output,
    ErrorLines errors) : IPortEventSink, IDisposable
{
    private readonly ArrayBufferWriter<byte> _line = new();

    private readonly CancellationTokenSource _ending = new();

    // volatile: a signal's thread sets it.
    private volatile bool _isInterrupted;

    /// <summary>Runs, and gives the exit code.</summary>
    public ExitCode Run()
    {
        using var signals = Interruption.Ends(code =>
        {
            _isInterrupted |= code == ExitCode.Interrupted;
            _ending.Cancel();
        });
        foreach (var limit in source.Limits)
            errors.Write(limit);
        // Who reads the lines alone must learn it too.
        if (request.Json && !source.Limits.IsEmpty)
            Write(new PortEvent { Time = DateTimeOffset.UtcNow, Kind = PortEventKind.RecorderStarted, Limits = source.Limits });
        OutputReader.CancelOnceGone(_ending);
        try
        {
            source.Run(this, _ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // As it was asked to.
        }
        catch (TableUnreadException exception)
        {
            return errors.Fail(exception.Message);
        }
        finally
        {
            _ending.Cancel();
        }
        return _isInterrupted ? ExitCode.Interrupted : ExitCode.Success;
    }

    /// <inheritdoc/>
    public void Happened(PortEvent happened)
    {
        if (WatchTargets.Mean(targets, happened))
            Write(happened);
    }

    /// <inheritdoc/>
    public void Looked(HostCensus census)
    {
        // What changed comes as events.
    }

    /// <inheritdoc/>
    public void Dispose() => _ending.Dispose();

    private void Write(PortEvent happened)
    {
        if (request.Json)
        {
            _line.ResetWrittenCount();
            EventJson.Write(_line, happened);
            _line.Write("\n"u8);
            output.Write(_line.WrittenSpan);
        }
        else
        {
            output.Write(EventText.Line(happened, TimeZoneInfo.Local.GetUtcOffset(happened.Time)) + "\n");
        }
        if (!output.IsOpen)
            _ending.Cancel();
    }
}
