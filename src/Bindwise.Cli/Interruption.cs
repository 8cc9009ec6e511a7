using System.Runtime.InteropServices;

namespace Bindwise.Cli;

internal static class Interruption
{
    /// <summary>Ends the process at once, since the main thread may wait in the kernel: every socket and file goes with it.</summary>
    public static IDisposable EndsAtOnce(ErrorLines errors) => PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
    {
        context.Cancel = true;
        End(errors);
    });

    /// <summary>Asks for an end, so that what is known by then can still be told; the second time ends the process at once.</summary>
    public static IDisposable Cancels(CancellationTokenSource cancellation, ErrorLines errors) =>
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
    {
        context.Cancel = true;
        if (cancellation.IsCancellationRequested)
            End(errors);
        cancellation.Cancel();
    });

    private static void End(ErrorLines errors)
    {
        errors.Close();
        Environment.Exit((int)ExitCode.Interrupted);
    }
}
