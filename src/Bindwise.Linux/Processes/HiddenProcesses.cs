using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Linux.Processes;

/// <summary>Whether /proc hides other users' processes (mount option hidepid, proc(5)).</summary>
internal static class HiddenProcesses
{
    /// <summary>
    /// Process 1 always exists: where it is not to be seen, others are hidden too. Where it belongs to the caller, the mount's options decide.
    /// </summary>
    /// <param name="procDirectory">An open /proc.</param>
    internal static bool Detect(int procDirectory)
    {
        if (StatX.Follow(procDirectory, "1\0"u8, out var first) != Errno.None)
            return true;
        if (StatX.Follow(procDirectory, "self\0"u8, out var self) != Errno.None || self.UserId == 0 || self.UserId != first.UserId)
            return false;

        return ProcFile.ReadAll(procDirectory, "self/mountinfo\0"u8, MountInfo.LimitBytes, out var bytes) == Errno.None && HidesOthers(bytes);
    }

    /// <summary>Whether the last mount at /proc, which covers those before it, hides other users' processes.</summary>
    internal static bool HidesOthers(ReadOnlySpan<byte> mountInfo) =>
        MountInfo.Parse(mountInfo, "proc")
            .LastOrDefault(mount => mount.Point.AsSpan().SequenceEqual("/proc"u8))
            ?.Option("hidepid") is "2" or "4" or "invisible" or "ptraceable";
}
