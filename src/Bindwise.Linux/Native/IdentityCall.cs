using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>geteuid(2) and capget(2): who this process is to the kernel.</summary>
internal static partial class IdentityCall
{
    /// <summary>Capabilities 0 to 40 (CAP_LAST_CAP, linux/capability.h).</summary>
    internal const ulong EveryCapability = (1UL << 41) - 1;

    internal const int BindService = 10;
    internal const int NetworkRaw = 13;
    internal const int SystemTrace = 19;
    internal const int SystemAdministration = 21;
    internal const int PerformanceMonitoring = 38;
    internal const int Bpf = 39;

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

    /// <summary>The effective user.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    /// <summary>The calling thread's effective capabilities, bit n for capability n.</summary>
    internal static unsafe Errno EffectiveCapabilities(out ulong capabilities)
    {
        var header = new Header { Version = Version3 };
        var halves = stackalloc Half[2];
        capabilities = 0;
        if (CapGetCore(&header, halves) != 0)
            return (Errno)Marshal.GetLastPInvokeError();
        capabilities = halves[0].Effective | ((ulong)halves[1].Effective << 32);
        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "capget", SetLastError = true)]
    private static unsafe partial int CapGetCore(Header* header, Half* halves);
}
