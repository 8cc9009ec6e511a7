namespace Bindwise.Linux.Native;

/// <summary>
/// pidfd_send_signal(2), by its number, which is the same on every architecture: a signal to the process that
/// a handle is on, never to another of its number.
/// </summary>
internal static class PidFdSignal
{

    /// <summary>SIGCONT, the same number on x86 and Arm.</summary>
    internal const int Continue = 18;

    /// <returns>ESRCH where the process has ended and was waited for, EPERM without the right (kill(2)).</returns>
    internal static Errno Send(SafeFileDescriptor process, int signal) =>
        LastError.Of(LibC.Syscall(SystemCallNumber.PidfdSendSignal, process, signal));
}

/// <summary>poll(2) of several handles on processes, each of which can be read once its process has ended (pidfd_open(2)).</summary>
internal static class ProcessPollCall
{
    private const short Readable = 1;

    /// <summary>Waits until one of the processes has ended, or the time is over; a signal ends it early.</summary>
    /// <param name="processes">The handles, which stay open meanwhile; without any it only waits.</param>
    /// <param name="milliseconds">How long at most; 0 only looks.</param>
    internal static unsafe int WaitForEnd(IReadOnlyList<SafeFileDescriptor> processes, int milliseconds)
    {
        var entries = new PollEntry[Math.Max(1, processes.Count)];
        // poll() passes over a negative descriptor.
        entries[0].Descriptor = -1;
        for (var index = 0; index < processes.Count; index++)
            entries[index] = new PollEntry { Descriptor = processes[index].Number, Events = Readable };
        fixed (PollEntry* start = entries)
            return Math.Max(0, LibC.Poll(start, (nuint)entries.Length, milliseconds));
    }
}
