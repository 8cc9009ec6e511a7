using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>capget(2) and capset(2) of the calling thread: the C library passes both straight on, so no other thread changes.</summary>
internal static partial class CapabilitySetCall
{
    /// <summary>_LINUX_CAPABILITY_VERSION_3: sixty-four capabilities in two halves.</summary>
    private const uint Version3 = 0x20080522;

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        internal uint Version;
        internal int ProcessId;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Half
    {
        internal uint Effective;
        internal uint Permitted;
        internal uint Inheritable;
    }

    /// <summary>Makes these the calling thread's effective capabilities, as far as they are permitted to it; the other sets stay.</summary>
    /// <param name="wanted">Bit n for capability n.</param>
    /// <param name="before">What was effective before.</param>
    internal static unsafe Errno Become(ulong wanted, out ulong before)
    {
        var header = new Header { Version = Version3 };
        var halves = stackalloc Half[2];
        before = 0;
        if (CapGetCore(&header, halves) != 0)
            return (Errno)Marshal.GetLastPInvokeError();
        before = halves[0].Effective | ((ulong)halves[1].Effective << 32);
        halves[0].Effective = unchecked((uint)wanted) & halves[0].Permitted;
        halves[1].Effective = (uint)(wanted >> 32) & halves[1].Permitted;
        return CapSetCore(&header, halves) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "capget", SetLastError = true)]
    private static unsafe partial int CapGetCore(Header* header, Half* halves);

    [LibraryImport("libc", EntryPoint = "capset", SetLastError = true)]
    private static unsafe partial int CapSetCore(Header* header, Half* halves);
}
