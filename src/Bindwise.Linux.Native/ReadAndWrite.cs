using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>read(2), write(2) and pread(2); each is begun anew when a signal came between (EINTR).</summary>
internal static class ReadWriteCall
{
    /// <summary>Reads what there is, once.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="lengthBytes">How many came; 0 at the end of the file and on failure.</param>
    internal static unsafe Errno Read(int descriptor, Span<byte> buffer, out int lengthBytes)
    {
        fixed (byte* pointer = buffer)
        {
            nint result;
            do
                result = LibC.Read(descriptor, pointer, (nuint)buffer.Length);
            while (IsInterrupted(result));
            return End(result, out lengthBytes);
        }
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="lengthBytes">How many came; equal to the buffer's size when there may be more.</param>
    internal static Errno ReadToEnd(int descriptor, Span<byte> buffer, out int lengthBytes)
    {
        lengthBytes = 0;
        while (lengthBytes < buffer.Length)
        {
            var errno = Read(descriptor, buffer[lengthBytes..], out var more);
            if (errno != Errno.None || more == 0)
                return errno;
            lengthBytes += more;
        }
        return Errno.None;
    }

    /// <summary>Fills the buffer from a place in the file.</summary>
    /// <param name="descriptor">An open descriptor of a file that can be sought.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offsetBytes">Where in the file.</param>
    /// <returns>Whether all of it came.</returns>
    internal static unsafe bool TryFill(int descriptor, Span<byte> buffer, long offsetBytes)
    {
        fixed (byte* pointer = buffer)
        {
            nint result;
            do
                result = LibC.Pread64(descriptor, pointer, (nuint)buffer.Length, offsetBytes);
            while (IsInterrupted(result));
            return result == buffer.Length;
        }
    }

    /// <summary>Writes what is taken, once.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="bytes">What to write.</param>
    /// <param name="lengthBytes">How many were taken; 0 on failure.</param>
    internal static unsafe Errno Write(int descriptor, ReadOnlySpan<byte> bytes, out int lengthBytes)
    {
        fixed (byte* pointer = bytes)
        {
            nint result;
            do
                result = LibC.Write(descriptor, pointer, (nuint)bytes.Length);
            while (IsInterrupted(result));
            return End(result, out lengthBytes);
        }
    }

    private static bool IsInterrupted(nint result) => result < 0 && LastError.Value == Errno.EINTR;

    private static Errno End(nint result, out int lengthBytes)
    {
        lengthBytes = result >= 0 ? (int)result : 0;
        return LastError.Of(result);
    }
}

/// <summary>poll(2) and ppoll(2).</summary>
internal static class PollCall
{
    private const short Readable = 1;
    private const short Writable = 4;
    private const int WithoutLimit = -1;
    private const int PauseMicroseconds = 1000;

    /// <summary>As many descriptors as one wait takes.</summary>
    internal const int MostAtOnce = 64;

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
        return LibC.Ppoll(&entry, 1, time, null) > 0;
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
        var ticks = Math.Max(0, time.Ticks);
        var timeout = stackalloc long[] { ticks / TimeSpan.TicksPerSecond, ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        var isAny = LibC.Ppoll(entries, (nuint)descriptors.Length, time == Timeout.InfiniteTimeSpan ? null : timeout, null) > 0;
        happened = 0;
        for (var index = 0; isAny && index < descriptors.Length; index++)
            happened |= entries[index].Happened != 0 ? 1UL << index : 0;
        return isAny;
    }

    // Whatever woke it (EINTR included), the caller's next read or write tells.
    private static unsafe void Wait(int descriptor, short events)
    {
        var entry = new PollEntry { Descriptor = descriptor, Events = events };
        // Without a descriptor to spare (RLIMIT_NOFILE of 0) it fails at once, each time.
        if (LibC.Poll(&entry, 1, WithoutLimit) < 0)
            SleepCall.Wait(PauseMicroseconds);
    }

    // struct pollfd of poll(2).
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
