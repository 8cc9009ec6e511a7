namespace Bindwise.Linux.Native;

/// <summary>kill(2) and signal(2).</summary>
internal static class SignalCall
{
    internal const int HangUp = 1;
    internal const int Interrupt = 2;
    internal const int Kill = 9;
    internal const int BrokenPipe = 13;
    internal const int Terminate = 15;

    /// <summary>SIGXFSZ: a write beyond the limit of a file's size (ulimit -f). Ignored, the write fails with EFBIG.</summary>
    internal const int FileTooLarge = 25;

    private const int Stop = 19;

    /// <param name="group">The group, more than 1: kill(2) takes -1 for every process that there is.</param>
    internal static Errno SendToGroup(int group, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(group, 1);
        return LastError.Of(LibC.Kill(-group, signal));
    }

    /// <summary>Stops this process (SIGSTOP) until somebody lets it go on.</summary>
    internal static void StopSelf() => _ = LibC.Kill(Environment.ProcessId, Stop);

    /// <param name="process">A child that was not yet waited for, whose number is nobody else's; more than 1.</param>
    internal static Errno SendToChild(int process, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(process, 1);
        return LastError.Of(LibC.Kill(process, signal));
    }

    /// <summary>The signal does again what it does by default (SIG_DFL), whatever the runtime or the parent made of it.</summary>
    internal static void Restore(int signal) => _ = LibC.Signal(signal, 0);

    /// <summary>The signal does nothing from now on (SIG_IGN), also in what this process starts.</summary>
    internal static void Ignore(int signal) => _ = LibC.Signal(signal, 1);
}
