namespace Bindwise.Linux.Native;

/// <summary>
/// The listener of a <see cref="SeccompCall"/> filter: takes calls that wait (seccomp_unotify(2)). <see cref="StandingCall"/> answers them.
/// </summary>
internal static unsafe class SeccompListener
{
    private const nuint ReceiveRequest = 0xC050_2100;
    private const nuint SetFlagsRequest = 0x4008_2104;
    private const nint WakeHere = 1;
    private const short Readable = 1;
    private const short HangUp = 0x10;

    /// <summary>
    /// Wakes whoever waits for the listener, and the thread whose call is answered, on the processor where the other one runs: the one goes
    /// on when the other waits, and to wake another processor takes longer than most calls (Linux 6.6; before that it stays as it is).
    /// </summary>
    internal static void WakeOnSameProcessor(SafeFileDescriptor listener) => _ = LibC.Ioctl(listener, SetFlagsRequest, (void*)WakeHere);

    /// <param name="milliseconds">How long at most; -1: without end. A signal ends it early.</param>
    /// <param name="isOver">No thread has the filter any more.</param>
    internal static bool Wait(SafeFileDescriptor listener, int milliseconds, out bool isOver)
    {
        var entry = new PollEntry { Descriptor = listener.Number, Events = Readable };
        var count = LibC.Poll(&entry, 1, milliseconds);
        isOver = count > 0 && (entry.Happened & HangUp) != 0;
        return count > 0 && (entry.Happened & Readable) != 0;
    }

    /// <returns>ENOENT where its thread was killed meanwhile.</returns>
    internal static Errno Receive(SafeFileDescriptor listener, out SystemCallNotice notice)
    {
        Errno errno;
        fixed (SystemCallNotice* start = &notice)
        {
            do
            {
                // The kernel wants zeros (EINVAL).
                *start = default;
                errno = LastError.Of(LibC.Ioctl(listener, ReceiveRequest, start));
            }
            while (errno == Errno.EINTR);
        }
        return errno;
    }

    // struct pollfd of poll(2).
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        internal int Descriptor;
        internal short Events;
        internal short Happened;
    }
}

/// <summary>poll(2) of one descriptor that is to be written.</summary>
internal static unsafe class WritePoll
{
    private const short Writable = 4;

    /// <summary>Whether it takes bytes, or fails at once, within a time.</summary>
    internal static bool CanWrite(SafeFileDescriptor descriptor, int milliseconds)
    {
        // struct pollfd: the descriptor, and two shorts.
        var entry = stackalloc int[] { descriptor.Number, Writable };
        return LibC.Poll(entry, 1, milliseconds) > 0;
    }
}

/// <summary>process_vm_readv(2): another process's memory, copied once.</summary>
internal static unsafe class ForeignMemory
{
    /// <param name="address">Where; whatever the process says.</param>
    /// <returns>EFAULT for what is not mapped; EPERM without the right to trace it.</returns>
    internal static Errno Read(int thread, ulong address, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var here = new IoVector { Start = start, LengthBytes = (nuint)buffer.Length };
            var there = new IoVector { Start = (void*)(nuint)address, LengthBytes = (nuint)buffer.Length };
            var length = LibC.ProcessVmReadv(thread, &here, 1, &there, 1, 0);
            return length < 0 ? LastError.Value : length == buffer.Length ? Errno.None : Errno.EFAULT;
        }
    }
}
