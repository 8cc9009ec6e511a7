namespace Bindwise.Linux.Native;

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
    /// <param name="watched">The end that it has open too.</param>
    /// <param name="process">A child that was not yet waited for.</param>
    internal static Errno Arm(SafeFileDescriptor watched, int process, int signal)
    {
        var errno = LastError.Of(LibC.Fcntl(watched, SetOwner, process));
        if (errno == Errno.None)
            errno = LastError.Of(LibC.Fcntl(watched, SetSignal, signal));
        return errno == Errno.None ? LastError.Of(LibC.Fcntl(watched, SetFlags, Asynchronous)) : errno;
    }
}
