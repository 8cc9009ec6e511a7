using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>kill(2) and signal(2).</summary>
internal static partial class SignalCall
{
    internal const int Interrupt = 2;
    internal const int Kill = 9;
    internal const int BrokenPipe = 13;
    internal const int Terminate = 15;

    /// <summary>Sends a signal to every process of a group.</summary>
    /// <param name="group">The group, more than 1: kill(2) takes -1 for every process that there is.</param>
    /// <param name="signal">The signal's number.</param>
    internal static Errno SendToGroup(int group, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(group, 1);
        return KillCore(-group, signal) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    /// <summary>Sends a signal to a process.</summary>
    /// <param name="process">A child that was not yet waited for, whose number is nobody else's; more than 1.</param>
    /// <param name="signal">The signal's number.</param>
    internal static Errno SendToChild(int process, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(process, 1);
        return KillCore(process, signal) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    /// <summary>The signal does again what it does by default (SIG_DFL), whatever the runtime or the parent made of it.</summary>
    internal static void Restore(int signal) => _ = SignalCore(signal, 0);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillCore(int process, int signal);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SignalCore(int signal, nint handler);
}
