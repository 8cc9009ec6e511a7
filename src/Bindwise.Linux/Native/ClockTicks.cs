using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>sysconf(3) of _SC_CLK_TCK: the ticks in which /proc counts time.</summary>
internal static partial class ClockTicks
{
    private const int ClockTicksName = 2;

    /// <summary>Ticks a second; 100 when sysconf does not tell, as on every architecture that .NET runs on.</summary>
    internal static int PerSecond { get; } = SysConfCore(ClockTicksName) is var ticks and > 0 and <= 1_000_000 ? (int)ticks : 100;

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint SysConfCore(int name);
}
