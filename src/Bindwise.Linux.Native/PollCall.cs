namespace Bindwise.Linux.Native;

/// <summary>struct pollfd of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    internal int Descriptor;
    internal short Events;
    internal short Happened;
}

/// <summary>poll(2) and ppoll(2).</summary>
internal static class PollCall
{
    private const short Readable = 1;
    private const short Writable = 4;
    private const int WithoutLimit = -1;
    private const int PauseMicroseconds = 1000;
    internal const int MostAtOnce = 64;

    /// <summary>Waits until the descriptor can be read, has ended or failed.</summary>
    internal static void WaitUntilReadable(int descriptor) => Wait(descriptor, Readable);

    /// <summary>Waits until the descriptor takes bytes, has ended or failed.</summary>
    internal static void WaitUntilWritable(int descriptor) => Wait(descriptor, Writable);

    /// <summary>ppoll(2): waits until the descriptor can be read, has ended or failed, or the time is over.</summary>
    /// <param name="microseconds">How long at most, 0 to 999,999.</param>
    /// <returns>False when the time is over, or a signal came.</returns>
    internal static unsafe bool WaitUntilReadable(SafeFileDescriptor descriptor, int microseconds)
    {
        var entry = new PollEntry { Descriptor = descriptor.Number, Events = Readable };
        return Wait(&entry, 1, TimeSpan.FromMicroseconds(Math.Clamp(microseconds, 0, 999_999)));
    }

    /// <summary>ppoll(2): waits until one of some descriptors can be read, has ended or failed, or the time is over.</summary>
    /// <param name="descriptors">Open descriptors, at most <see cref="MostAtOnce"/>.</param>
    /// <param name="time">How long at most; <see cref="Timeout.InfiniteTimeSpan"/>: without end.</param>
    /// <param name="happened">Which of them: bit n for the one at n.</param>
    /// <returns>False when the time is over, or a signal came.</returns>
    internal static unsafe bool WaitUntilAnyReadable(ReadOnlySpan<int> descriptors, TimeSpan time, out ulong happened)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MostAtOnce);
        var entries = stackalloc PollEntry[Math.Max(1, descriptors.Length)];
        for (var index = 0; index < descriptors.Length; index++)
            entries[index] = new PollEntry { Descriptor = descriptors[index], Events = Readable };
        var isAny = Wait(entries, descriptors.Length, time);
        happened = 0;
        for (var index = 0; isAny && index < descriptors.Length; index++)
            happened |= entries[index].Happened != 0 ? 1UL << index : 0;
        return isAny;
    }

    /// <summary>Whether the descriptor takes bytes, or fails at once, within a time.</summary>
    internal static unsafe bool CanWrite(SafeFileDescriptor descriptor, int milliseconds)
    {
        var entry = new PollEntry { Descriptor = descriptor.Number, Events = Writable };
        return LibC.Poll(&entry, 1, milliseconds) > 0;
    }

    /// <summary>ppoll(2): waits until the reader of a pipe or socket is gone (POLLERR or POLLHUP), or the time is over.</summary>
    /// <returns>False when the time is over, or a signal came.</returns>
    internal static unsafe bool WaitUntilReaderLeft(int descriptor, TimeSpan time)
    {
        var entry = new PollEntry { Descriptor = descriptor };
        return Wait(&entry, 1, time);
    }

    // Whatever woke it (EINTR included), the caller's next read or write tells.
    private static unsafe void Wait(int descriptor, short events)
    {
        var entry = new PollEntry { Descriptor = descriptor, Events = events };
        // Without a descriptor to spare (RLIMIT_NOFILE of 0) it fails at once, each time.
        if (LibC.Poll(&entry, 1, WithoutLimit) < 0)
            SleepCall.Wait(PauseMicroseconds);
    }

    private static unsafe bool Wait(PollEntry* entries, int count, TimeSpan time)
    {
        var ticks = Math.Max(0, time.Ticks);
        // struct timespec: two longs on every 64-bit Linux.
        var timeout = stackalloc long[] { ticks / TimeSpan.TicksPerSecond, ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        return LibC.Ppoll(entries, (nuint)count, time == Timeout.InfiniteTimeSpan ? null : timeout, null) > 0;
    }
}

/// <summary>epoll_create1(2), and epoll_ctl(2) with EPOLL_CTL_ADD and EPOLL_CTL_DEL.</summary>
internal static unsafe class EpollCall
{
    private const int AddOne = 1;
    private const int RemoveOne = 2;
    private const int CloseOnExec = 0x80000;

    // Packed on x64 alone.
    private static readonly KernelNumber DataOffset = new("offsetof(struct epoll_event, data)", 4, 8);

    /// <summary>
    /// Registers a descriptor. The registration belongs to the open file and this number, and
    /// stays as long as the file is open, by whomever.
    /// </summary>
    /// <param name="descriptor">The number, in the table of the calling thread.</param>
    /// <param name="data">What epoll_wait(2) gives back with them.</param>
    internal static Errno Add(SafeFileDescriptor epoll, int descriptor, uint events, ulong data)
    {
        var room = stackalloc byte[16];
        *(uint*)room = events;
        MemoryMarshal.Write(new Span<byte>(room + (int)DataOffset, sizeof(ulong)), data);
        return LastError.Of(LibC.EpollCtl(epoll, AddOne, descriptor, room));
    }

    internal static Errno Open(out SafeFileDescriptor epoll) => LastError.Of(LibC.EpollCreate1(CloseOnExec), out epoll);

    internal static Errno Remove(SafeFileDescriptor epoll, int descriptor) =>
        LastError.Of(LibC.EpollCtl(epoll, RemoveOne, descriptor, null));
}

/// <summary>fcntl(2) with F_GETFL and F_SETFL: what everybody who has the open file shares.</summary>
internal static class FileFlagsCall
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;

    // O_ACCMODE; 0 of it: for reading.
    private const int AccessMode = 3;

    /// <summary>O_NONBLOCK.</summary>
    internal const int NonBlocking = 0x800;

    /// <summary>Sets or clears O_NONBLOCK where it is otherwise.</summary>
    internal static Errno SetNonBlocking(SafeFileDescriptor file, bool isNonBlocking)
    {
        var flags = LibC.Fcntl(file, GetFlags, 0);
        if (flags < 0)
            return LastError.Value;
        var next = isNonBlocking ? flags | NonBlocking : flags & ~NonBlocking;
        return next == flags ? Errno.None : LastError.Of(LibC.Fcntl(file, SetFlags, next));
    }

    internal static bool IsWritable(SafeFileDescriptor file) =>
        LibC.Fcntl(file, GetFlags, 0) is >= 0 and var flags && (flags & AccessMode) != 0;
}
