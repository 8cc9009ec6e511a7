using System.Runtime.Versioning;
using Bindwise.Linux.Events;
using Bindwise.Recording.Journal;
using Bindwise.Recording.Recorder;

namespace Bindwise.Cli.Verbs.Recording;

internal static class RecordRun
{
    /// <summary>Records until it is told to end, and gives the exit code.</summary>
    public static ExitCode Record(string directory, RecordLimits limits, ErrorLines errors)
    {
        if (OperatingSystem.IsLinux())
            return RecordHost(directory, limits, errors);
        return errors.Fail("record needs Linux");
    }

    [SupportedOSPlatform("linux")]
    private static ExitCode RecordHost(string directory, RecordLimits limits, ErrorLines errors)
    {
        using var ending = new CancellationTokenSource();
        var code = ExitCode.Success;
        using var signals = Interruption.Ends(End);
        using var recorder = HostRecorder.Open(directory, limits, new SleeplessClock(), errors.Write, JournalSocket.OfUnit(),
            out var fault);
        if (recorder is null)
            return errors.Fail($"cannot record in {directory}: {fault}");
        try
        {
            using var source = PortEventSource.Open(new PortEventSourceOptions { IsBindwise = true });
            recorder.Start(source.Limits);
            errors.Write($"recording in {directory}; Ctrl+C stops it");
            foreach (var limit in source.Limits)
                errors.Write(limit);
            source.Run(recorder, ending.Token);
            recorder.Stop();
        }
        catch (TableUnreadException exception)
        {
            return errors.Fail(exception.Message);
        }
        return code;

        void End(ExitCode with)
        {
            code = with;
            ending.Cancel();
        }
    }
}
