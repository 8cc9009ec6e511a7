namespace Bindwise.Linux.Native;

/// <summary>capget(2) and capset(2) of the calling thread: the C library passes both straight on, so no other thread changes.</summary>
internal static class CapabilityCall
{
    /// <summary>Capabilities 0 to 40 (CAP_LAST_CAP, linux/capability.h).</summary>
    internal const ulong Every = (1UL << 41) - 1;

    internal const int BindService = 10;
    internal const int NetworkAdministration = 12;
    internal const int NetworkRaw = 13;
    internal const int SystemTrace = 19;
    internal const int SystemAdministration = 21;
    internal const int PerformanceMonitoring = 38;
    internal const int Bpf = 39;

    /// <summary>_LINUX_CAPABILITY_VERSION_3: sixty-four capabilities in two halves.</summary>
    private const uint Version3 = 0x20080522;

    /// <summary>PR_CAPBSET_READ (linux/prctl.h).</summary>
    private const int ReadBoundingSet = 23;

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

    /// <summary>The calling thread's effective capabilities, bit n for capability n.</summary>
    internal static unsafe Errno Effective(out ulong capabilities)
    {
        var halves = stackalloc Half[2];
        return Read(halves, out _, out capabilities);
    }

    /// <summary>The calling thread's bounding set has a capability (prctl(2)); null where the kernel does not tell.</summary>
    internal static bool? IsBounded(int capability) => LibC.Prctl(ReadBoundingSet, capability) switch
    {
        1 => true,
        0 => false,
        _ => null,
    };

    /// <summary>Makes these the calling thread's effective capabilities, as far as they are permitted to it; the other sets stay.</summary>
    /// <param name="wanted">Bit n for capability n.</param>
    internal static unsafe Errno Become(ulong wanted, out ulong before)
    {
        var halves = stackalloc Half[2];
        var errno = Read(halves, out var header, out before);
        if (errno != Errno.None)
            return errno;
        halves[0].Effective = unchecked((uint)wanted) & halves[0].Permitted;
        halves[1].Effective = (uint)(wanted >> 32) & halves[1].Permitted;
        return LastError.Of(LibC.Capset(&header, halves));
    }

    /// <summary>
    /// Leaves the calling thread these capabilities alone, as far as they are permitted to it; the others do not come back.
    /// </summary>
    /// <param name="wanted">Bit n for capability n.</param>
    internal static unsafe Errno Keep(ulong wanted)
    {
        var halves = stackalloc Half[2];
        var errno = Read(halves, out var header, out _);
        if (errno != Errno.None)
            return errno;
        for (var i = 0; i < 2; i++)
        {
            var kept = unchecked((uint)(wanted >> (32 * i))) & halves[i].Permitted;
            halves[i] = new Half { Effective = kept, Permitted = kept };
        }
        return LastError.Of(LibC.Capset(&header, halves));
    }

    private static unsafe Errno Read(Half* halves, out Header header, out ulong effective)
    {
        var own = new Header { Version = Version3 };
        var errno = LastError.Of(LibC.Capget(&own, halves));
        effective = errno == Errno.None ? halves[0].Effective | ((ulong)halves[1].Effective << 32) : 0;
        header = own;
        return errno;
    }
}
