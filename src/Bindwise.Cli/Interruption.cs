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

    /// <summary>
    /// The same for what draws nothing that would have to be wiped: the kernel ends it by itself, which ends a shell's loop around it too,
    /// and no thread is started for a handler. Only the first process of a container ignores a signal that it has no handler for.
    /// </summary>
    public static IDisposable? EndsFirstProcess(ErrorLines errors) =>
        OperatingSystem.IsLinux() && Environment.ProcessId != 1 ? null : EndsAtOnce(errors);

    /// <summary>Asks for an end, so that what is known by then can still be told; the second time ends the process at once.</summary>
    public static IDisposable Cancels(CancellationTokenSource cancellation, ErrorLines errors) =>
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
    {
        context.Cancel = true;
        if (cancellation.IsCancellationRequested)
            End(errors);
        cancellation.Cancel();
    });

    /// <summary>Runs what an interruption ends in order; what it had not begun to tell by then is left untold.</summary>
    public static ExitCode Ends(ErrorLines errors, Func<CancellationToken, ExitCode> run)
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = Cancels(cancellation, errors);
        try
        {
            return run(cancellation.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>
    /// Asks for an end in order, with its exit code, of what runs until it is told to end. A terminal that is gone ends it as SIGTERM
    /// does; under nohup the runtime leaves SIGHUP ignored.
    /// </summary>
    public static IDisposable Ends(Action<ExitCode> end)
    {
        ArgumentNullException.ThrowIfNull(end);
        return new Registrations([.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal =>
            PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                end(signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Success);
            }))]);
    }

    private static void End(ErrorLines errors)
    {
        errors.Close();
        Environment.Exit((int)ExitCode.Interrupted);
    }

    private sealed class Registrations(ImmutableArray<PosixSignalRegistration> registered) : IDisposable
    {
        public void Dispose()
        {
            foreach (var one in registered)
                one.Dispose();
        }
    }
}
