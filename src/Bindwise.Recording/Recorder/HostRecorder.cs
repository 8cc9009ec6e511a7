using System.Buffers;
using Bindwise.Linux.Events;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Events;
using Bindwise.Recording.Journal;

namespace Bindwise.Recording.Recorder;

/// <summary>Carries out what <see cref="RecorderMachine"/> wants, on one directory; called from one thread at a time.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HostRecorder(StoreFolder folder, StoreLock held, RecordLimits limits, TimeProvider time, Action<string> report,
    JournalSocket? journal) : IPortEventSink, IDisposable
{
    /// <summary>So often both clocks are read until nothing comes between.</summary>
    private const int MostTries = 10;

    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(10);

    private readonly SegmentWriter _writer = new(folder);
    private readonly long _began = time.GetTimestamp();
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Queue<RecorderEffect> _effects = new();
    private StoreLock _lock = held;
    private RecorderState _state = new(limits);
    private Task _compressing = Task.CompletedTask;

    // The last trouble with the directory, which is not told at each look.
    private string? _trouble;

    /// <summary>Opens a directory, and has it for itself.</summary>
    /// <param name="time">The clocks: their timestamps are to go on while the system sleeps.</param>
    /// <param name="journal">The journal; null where this is no unit.</param>
    /// <param name="fault">What is wrong, one clause; null when it is open.</param>
    public static HostRecorder? Open(string directory, RecordLimits limits, TimeProvider time, Action<string> report,
        JournalSocket? journal, out string? fault)
    {
        var folder = StoreFolder.OpenToWrite(directory, out fault);
        if (folder is null)
            return null;
        if (StoreLock.Take(folder, out fault) is { } held)
            return new HostRecorder(folder, held, limits, time, report, journal);
        folder.Dispose();
        return null;
    }

    /// <summary>Begins: what an earlier recorder left open is closed, and the first line is written.</summary>
    /// <param name="limits">What the source of the events cannot see: the first line tells it too.</param>
    public void Start(params ImmutableArray<string> limits)
    {
        var left = folder.Segments().Where(static segment => !segment.IsCompressed).Select(static segment => segment.Name).ToList();
        foreach (var file in folder.Files().Where(static file => file.Name.EndsWith(SegmentName.Unfinished, StringComparison.Ordinal)
            && SegmentName.TryRead(file.Name[..^SegmentName.Unfinished.Length], out _, out _)))
            _ = folder.Remove(file.Name);
        foreach (var name in left)
            Compress(name);
        Step(new RecorderInput.Started(limits));
    }

    public void Happened(PortEvent happened) => Step(new RecorderInput.Happened(happened));

    public void CensusRead(HostCensus census) => Step(new RecorderInput.CensusRead(census));

    /// <summary>Ends in order: the segment is closed.</summary>
    public void Stop()
    {
        Step(new RecorderInput.Stopping());
        _compressing.Wait();
    }

    public void Dispose()
    {
        try
        {
            _writer.Dispose();
            _compressing.Wait();
        }
        finally
        {
            _lock.Dispose();
            folder.Dispose();
            journal?.Dispose();
        }
    }

    private void Step(RecorderInput input)
    {
        // Before anything else is written, and before a segment may be closed: with that it is forgotten how much stood in it.
        KeepFolder();
        if (_writer.RemovedName is { } removed)
            CarryOutAll(new RecorderInput.Removed(removed, folder.Path));
        CarryOutAll(input);
    }

    private void CarryOutAll(RecorderInput input)
    {
        Take(input);
        while (_effects.TryDequeue(out var effect))
            CarryOut(effect);
    }

    private void Take(RecorderInput input)
    {
        (_state, var effects) = RecorderMachine.Step(_state, input, Moment());
        foreach (var effect in effects)
            _effects.Enqueue(effect);
    }

    /// <summary>Both clocks at once: what a busy machine let pass between the two would be taken for a clock that was set.</summary>
    private RecorderMoment Moment()
    {
        for (var tries = 1; ; tries++)
        {
            var elapsed = time.GetElapsedTime(_began);
            var now = time.GetUtcNow();
            if (tries == MostTries || time.GetElapsedTime(_began) - elapsed < AtOnce)
                return new RecorderMoment(now, elapsed);
        }
    }

    private void CarryOut(RecorderEffect effect)
    {
        switch (effect)
        {
            case RecorderEffect.Append { Event: var happened }:
                Append(happened);
                break;
            case RecorderEffect.AppendCensus { Time: var time, Facts: var facts }:
                Append(time, facts);
                break;
            case RecorderEffect.Open { Time: var time }:
                _writer.Open(time);
                break;
            case RecorderEffect.Sync:
                _writer.Sync();
                break;
            case RecorderEffect.Close:
                if (_writer.Close() is { } closed)
                    Compress(closed);
                break;
            case RecorderEffect.List:
                Take(new RecorderInput.Listed([.. folder.Files()]));
                break;
            case RecorderEffect.Drop { Name: var name }:
                _ = folder.Remove(name);
                break;
            case RecorderEffect.Journal { Event: var happened }:
                journal?.Send(happened);
                break;
            case RecorderEffect.Report { Line: var line }:
                report(line);
                break;
        }
    }

    // Whoever empties or moves the directory, or removes it, takes away the lock as well, which keeps other recorders out.
    private void KeepFolder()
    {
        var trouble = KeepFolderItself() ?? KeepLock();
        if (trouble is not null && trouble != _trouble)
            report(trouble);
        _trouble = trouble;
    }

    private string? KeepFolderItself()
    {
        if (!folder.IsRemoved)
            return null;
        _compressing.Wait();
        return folder.MakeAgain() is { } fault ? $"the directory {folder.Path} was removed or moved, and cannot be made again: {fault}"
            : null;
    }

    private string? KeepLock()
    {
        if (!_lock.IsRemoved)
            return null;
        if (StoreLock.Take(folder, out var fault) is not { } held)
            return $"the lock in {folder.Path} was removed or moved, and cannot be taken again: {fault}";
        _lock.Dispose();
        _lock = held;
        return null;
    }

    private void Append(PortEvent happened)
    {
        EventJson.Write(_line, happened);
        if (!IsReadable() && happened.Diagnosis is not null)
        {
            _line.ResetWrittenCount();
            EventJson.Write(_line, happened with
            {
                Diagnosis = null,
                Limits = happened.Limits.Add("the diagnosis is left out: it is longer than a line may be"),
            });
        }
        _ = TryWrite(happened.Count);
    }

    private void Append(DateTimeOffset time, CensusFacts? facts)
    {
        CensusPart? part = CensusPart.Beginning;
        do
            part = CensusJson.Write(_line, time, facts, part.Value);
        while (TryWrite(events: 0) && part is not null);
    }

    // With the end that it still gets.
    private bool IsReadable() => _line.WrittenCount < SegmentReader.LongestLine;

    private bool TryWrite(long events)
    {
        var isReadable = IsReadable();
        _line.Write("\n"u8);
        var bytes = _line.WrittenCount;
        var fault = isReadable ? _writer.Append(_line.WrittenSpan) : null;
        _line.ResetWrittenCount();
        Take(!isReadable ? new RecorderInput.TooLong(events)
            : fault is null ? new RecorderInput.Written(bytes) : new RecorderInput.Refused(events, folder.Path, fault));
        return isReadable && fault is null;
    }

    // Beside the writing, which must not wait for it; one after the other.
    private void Compress(string name) => _compressing = _compressing.ContinueWith(_ =>
    {
        if (SegmentCompressor.Compress(folder, name, out var left) is { } fault)
        {
            // One that was dropped meanwhile, for its size or its age, is missed by nobody.
            if (!folder.Segments().Any(segment => segment.Name == name))
                return;
            report($"{name} in {folder.Path} stays as it is, since it cannot be compressed: {fault}");
            return;
        }
        if (left.Unfinished > 0)
            report($"{name} in {folder.Path} ended in the middle of a line, as after a kill: its last "
                + Wording.Count(left.Unfinished, "byte is", "bytes are") + " left out");
        if (left.Skipped > 0)
            report($"{name} in {folder.Path}: left out {Wording.Count(left.Skipped, "byte", "bytes")} {SkippedLines.Reason}");
    }, TaskScheduler.Default);
}

/// <summary>The system's clock, with timestamps of CLOCK_BOOTTIME: a computer that slept has not had its clock set.</summary>
[SupportedOSPlatform("linux")]
internal sealed class SleeplessClock : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Bindwise.Linux.Native.ClockCall.SinceBoot()?.Ticks ?? Environment.TickCount64 * 10_000;
}
