namespace Bindwise.Linux.Native;

/// <summary>
/// pidfd_open(2) and pidfd_getfd(2): a handle on a process, and a copy of what it has open. Their
/// numbers are the same on every architecture.
/// </summary>
internal static class PidFdGetFd
{
    /// <summary>PIDFD_THREAD: the id is a thread's, whose own descriptor table counts (Linux 6.9).</summary>
    internal const uint Thread = 0x80;

    /// <summary>A handle on a process: it stays on that process even when the number is given to another.</summary>
    internal static Errno OpenProcess(int id, uint flags, out SafeFileDescriptor process) =>
        LastError.Of(LibC.Syscall(SystemCallNumber.PidfdOpen, id, (nint)flags), out process);

    /// <summary>A copy of one of its descriptors, with close-on-exec; EPERM without the right to trace it.</summary>
    internal static Errno Copy(SafeFileDescriptor process, int descriptor, out SafeFileDescriptor copy) =>
        LastError.Of(OptionalCall.PidfdGetfd.Make(process.Number, descriptor, 0), out copy);
}

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

/// <summary>
/// A pipe that only its maker can write to: when that process ends, however it ends, the kernel sends a signal to the process that was
/// named for the other end (fcntl(2): F_SETOWN, F_SETSIG, O_ASYNC). Unlike with PR_SET_PDEATHSIG of prctl(2), the other process runs no
/// code for it, and the thread that started it may end before.
/// </summary>
internal static unsafe class LifelineCall
{
    private const int CloseOnExec = 0x80000;
    private const int SetFlags = 4;
    private const int SetOwner = 8;
    private const int SetSignal = 10;

    /// <summary>O_ASYNC, which is all that F_SETFL is to set on this new pipe.</summary>
    private const int Asynchronous = 0x2000;

    /// <summary>Makes the pipe, close-on-exec.</summary>
    /// <param name="watched">The end that the other process is to have open.</param>
    /// <param name="held">The end that this process alone keeps.</param>
    internal static Errno Open(out SafeFileDescriptor watched, out SafeFileDescriptor held)
    {
        var ends = stackalloc int[] { -1, -1 };
        var errno = LastError.Of(LibC.Pipe2(ends, CloseOnExec));
        (watched, held) = (new SafeFileDescriptor(ends[0]), new SafeFileDescriptor(ends[1]));
        return errno;
    }

    /// <summary>From here on the process gets the signal when the held end closes: the kernel means this process, not its number.</summary>
    /// <param name="process">A child that was not yet waited for.</param>
    internal static Errno Arm(SafeFileDescriptor watched, int process, int signal)
    {
        var errno = LastError.Of(LibC.Fcntl(watched, SetOwner, process));
        if (errno == Errno.None)
            errno = LastError.Of(LibC.Fcntl(watched, SetSignal, signal));
        return errno == Errno.None ? LastError.Of(LibC.Fcntl(watched, SetFlags, Asynchronous)) : errno;
    }
}
