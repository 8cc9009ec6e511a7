using System.Runtime.InteropServices;

namespace Bindwise.Cli;

/// <summary>What Ctrl+C does.</summary>
internal static class Interruption
{
    /// <summary>Ends the process at once, since the main thread may wait in the kernel: every socket and file goes with it.</summary>
    public static IDisposable EndsAtOnce() => PosixSignalRegistration.Create(PosixSignal.SIGINT, static context =>
    {
        context.Cancel = true;
        Environment.Exit((int)ExitCode.Interrupted);
    });

    /// <summary>Asks for an end, so that what is known by then can still be told; the second time ends the process at once.</summary>
    public static IDisposable Cancels(CancellationTokenSource cancellation) => PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
    {
        context.Cancel = true;
        if (cancellation.IsCancellationRequested)
            Environment.Exit((int)ExitCode.Interrupted);
        cancellation.Cancel();
    });
}
