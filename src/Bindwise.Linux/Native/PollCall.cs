using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>poll(2) and ppoll(2) of one descriptor.</summary>
internal static partial class PollCall
{
    private const short Readable = 1;
    private const short Writable = 4;
    private const int WithoutLimit = -1;
    private const int PauseMicroseconds = 1000;

    /// <summary>Waits until the descriptor can be read, has ended or failed.</summary>
    internal static void WaitUntilReadable(int descriptor) => Wait(descriptor, Readable);

    /// <summary>Waits until the descriptor takes bytes, has ended or failed.</summary>
    internal static void WaitUntilWritable(int descriptor) => Wait(descriptor, Writable);

    /// <summary>ppoll(2): waits until the descriptor can be read, has ended or failed, or the time is over.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="microseconds">How long at most, 0 to 999,999.</param>
    /// <returns>False when the time is over, or a signal came.</returns>
    internal static unsafe bool WaitUntilReadable(SafeFileDescriptor descriptor, int microseconds)
    {
        var entry = new PollEntry { Descriptor = descriptor.Number, Events = Readable };
        // struct timespec: two longs on every 64-bit Linux.
        var time = stackalloc long[] { 0, Math.Clamp(microseconds, 0, 999_999) * 1000L };
        return TimedPollCore(ref entry, 1, time, null) > 0;
    }

    // Whatever woke it (EINTR included), the caller's next read or write tells.
    private static void Wait(int descriptor, short events)
    {
        var entry = new PollEntry { Descriptor = descriptor, Events = events };
        // Without a descriptor to spare (RLIMIT_NOFILE of 0) it fails at once, each time.
        if (PollCore(ref entry, 1, WithoutLimit) < 0)
            SleepCall.Wait(PauseMicroseconds);
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int PollCore(ref PollEntry entry, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static unsafe partial int TimedPollCore(ref PollEntry entry, nuint count, long* time, void* signals);

    // struct pollfd of poll(2).
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
