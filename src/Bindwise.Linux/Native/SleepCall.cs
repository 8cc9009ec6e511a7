using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>nanosleep(2).</summary>
internal static partial class SleepCall
{
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }

    /// <summary>Waits; a signal may end it early.</summary>
    /// <param name="microseconds">0 to 999,999.</param>
    internal static unsafe void Wait(int microseconds)
    {
        var time = new TimeSpec { Nanoseconds = Math.Clamp(microseconds, 0, 999_999) * 1000L };
        _ = SleepCore(&time, null);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static unsafe partial int SleepCore(TimeSpec* time, TimeSpec* left);
}
