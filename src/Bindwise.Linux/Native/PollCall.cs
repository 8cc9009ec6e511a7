using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>poll(2) of one descriptor.</summary>
internal static partial class PollCall
{
    private const short Readable = 1;
    private const short Writable = 4;
    private const int WithoutLimit = -1;

    /// <summary>Waits until the descriptor can be read, has ended or failed.</summary>
    internal static void WaitUntilReadable(int descriptor) => Wait(descriptor, Readable);

    /// <summary>Waits until the descriptor takes bytes, has ended or failed.</summary>
    internal static void WaitUntilWritable(int descriptor) => Wait(descriptor, Writable);

    // Whatever woke it (EINTR included), the caller's next read or write tells.
    private static void Wait(int descriptor, short events)
    {
        var entry = new PollEntry { Descriptor = descriptor, Events = events };
        _ = PollCore(ref entry, 1, WithoutLimit);
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int PollCore(ref PollEntry entry, nuint count, int timeoutMilliseconds);

    // struct pollfd of poll(2).
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
