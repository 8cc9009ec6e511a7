using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>setresgid(2), setgroups(2) and getgroups(2) of the calling thread, by the bare system calls: the C library's functions would change every thread.</summary>
internal static partial class EffectiveGroupCall
{
    /// <summary>NGROUPS_MAX (linux/limits.h).</summary>
    internal const int MaximumGroups = 65536;

    private const uint Unchanged = uint.MaxValue;

    /// <summary>Makes the calling thread's effective group this one; EPERM without CAP_SETGID, unless it is the real or saved one.</summary>
    internal static Errno Become(uint group) =>
        Result(SystemCall(SystemCallNumber.SetGroupIds, unchecked((nint)Unchanged), (nint)group, unchecked((nint)Unchanged)));

    /// <summary>Sets the calling thread's further groups.</summary>
    internal static unsafe Errno SetOthers(ReadOnlySpan<uint> groups)
    {
        fixed (uint* start = groups)
            return Result(SystemCall(SystemCallNumber.SetGroups, groups.Length, (nint)start, 0));
    }

    /// <summary>The calling thread's further groups.</summary>
    internal static unsafe uint[] Others()
    {
        var count = (int)SystemCall(SystemCallNumber.GetGroups, 0, 0, 0);
        if (count <= 0)
            return [];
        var groups = new uint[Math.Min(count, MaximumGroups)];
        fixed (uint* start = groups)
            count = (int)SystemCall(SystemCallNumber.GetGroups, groups.Length, (nint)start, 0);
        return groups[..Math.Max(count, 0)];
    }

    /// <summary>The calling thread's effective group.</summary>
    [LibraryImport("libc", EntryPoint = "getegid")]
    internal static partial uint Effective();

    private static Errno Result(nint result) => result == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);
}
