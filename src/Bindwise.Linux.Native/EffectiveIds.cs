namespace Bindwise.Linux.Native;

/// <summary>
/// geteuid(2), getegid(2), setresuid(2), setresgid(2), getgroups(2) and setgroups(2) of the calling thread. What sets goes by the bare
/// system call: the C library's functions would change every thread of the process.
/// </summary>
internal static class EffectiveIds
{
    /// <summary>NGROUPS_MAX (linux/limits.h).</summary>
    internal const int MaximumGroups = 65536;

    private const uint Unchanged = uint.MaxValue;

    internal static uint User() => LibC.Geteuid();

    internal static uint Group() => LibC.Getegid();

    internal static unsafe uint[] Groups()
    {
        var count = (int)LibC.Syscall(SystemCallNumber.GetGroups, 0, 0, 0);
        if (count <= 0)
            return [];
        var groups = new uint[Math.Min(count, MaximumGroups)];
        fixed (uint* start = groups)
            count = (int)LibC.Syscall(SystemCallNumber.GetGroups, groups.Length, (nint)start, 0);
        return groups[..Math.Max(count, 0)];
    }

    /// <summary>
    /// Makes the calling thread act as a user. From 0 to another the effective capabilities go, and back to 0 they return, with the
    /// file system's user always the same (capabilities(7), "Effect of user ID changes on capabilities").
    /// </summary>
    /// <returns>None; EINVAL for an id that the user namespace does not map; EPERM without CAP_SETUID.</returns>
    internal static Errno SetUser(uint user) => user == Unchanged ? Errno.EINVAL : Set(SystemCallNumber.SetUsers, user);

    /// <summary>
    /// Makes the calling thread's effective group this one; EPERM without CAP_SETGID, unless it is the real or saved one.
    /// </summary>
    internal static Errno SetGroup(uint group) => Set(SystemCallNumber.SetGroupIds, group);

    /// <summary>Makes this the calling thread's real, effective and saved group.</summary>
    internal static Errno SetEveryGroup(uint group) =>
        group == Unchanged ? Errno.EINVAL : LastError.Of(LibC.Syscall(SystemCallNumber.SetGroupIds, (nint)group, (nint)group, (nint)group));

    internal static unsafe Errno SetGroups(ReadOnlySpan<uint> groups)
    {
        fixed (uint* start = groups)
            return LastError.Of(LibC.Syscall(SystemCallNumber.SetGroups, groups.Length, (nint)start, 0));
    }

    private static Errno Set(nint call, uint effective) =>
        LastError.Of(LibC.Syscall(call, unchecked((nint)Unchanged), (nint)effective, unchecked((nint)Unchanged)));
}
