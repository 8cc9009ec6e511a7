using System.Runtime.InteropServices;

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

    /// <summary>Makes these the calling thread's effective capabilities, as far as they are permitted to it; the other sets stay.</summary>
    /// <param name="wanted">Bit n for capability n.</param>
    /// <param name="before">What was effective before.</param>
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

/// <summary>
/// geteuid(2), getegid(2), setresuid(2), setresgid(2), getgroups(2) and setgroups(2) of the calling thread. What sets goes by the bare
/// system call: the C library's functions would change every thread of the process.
/// </summary>
internal static class EffectiveIds
{
    /// <summary>NGROUPS_MAX (linux/limits.h).</summary>
    internal const int MaximumGroups = 65536;

    private const uint Unchanged = uint.MaxValue;

    /// <summary>The calling thread's effective user.</summary>
    internal static uint User() => LibC.Geteuid();

    /// <summary>The calling thread's effective group.</summary>
    internal static uint Group() => LibC.Getegid();

    /// <summary>The calling thread's further groups.</summary>
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

    /// <summary>Sets the calling thread's further groups.</summary>
    internal static unsafe Errno SetGroups(ReadOnlySpan<uint> groups)
    {
        fixed (uint* start = groups)
            return LastError.Of(LibC.Syscall(SystemCallNumber.SetGroups, groups.Length, (nint)start, 0));
    }

    private static Errno Set(nint call, uint effective) =>
        LastError.Of(LibC.Syscall(call, unchecked((nint)Unchanged), (nint)effective, unchecked((nint)Unchanged)));
}

/// <summary>struct ucred (unix(7)), as seen from the caller's PID and user namespaces.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PeerCredentials
{
    /// <summary>0 where the process is in no namespace that the caller sees.</summary>
    internal int ProcessId;
    internal uint UserId;
    internal uint GroupId;

    internal const int SizeBytes = 12;
}

/// <summary>lsm_list_modules(2) and landlock_create_ruleset(2), by number, as far as they tell what is in force.</summary>
internal static class SecurityModuleCall
{
    /// <summary>LANDLOCK_CREATE_RULESET_VERSION: only the version is asked for, nothing is made.</summary>
    private const nint VersionOnly = 1;

    private const int MaximumModules = 64;

    /// <summary>The active security modules, by LSM_ID_… of include/uapi/linux/lsm.h, in their order (Linux 6.8).</summary>
    /// <returns>ENOSYS before Linux 6.8.</returns>
    internal static unsafe Errno List(out ulong[] modules)
    {
        var ids = stackalloc ulong[MaximumModules];
        var size = (uint)(MaximumModules * sizeof(ulong));
        var count = LibC.Syscall(SystemCallNumber.ListModules, (nint)ids, (nint)(&size), 0);
        var errno = LastError.Of(count);
        modules = count < 0 ? [] : new ReadOnlySpan<ulong>(ids, (int)Math.Min(count, MaximumModules)).ToArray();
        return errno;
    }

    /// <summary>The version of Landlock's interface; 4 brought the ports of TCP.</summary>
    /// <returns>ENOSYS where it was not built in, EOPNOTSUPP where it is switched off.</returns>
    internal static Errno LandlockVersion(out int version)
    {
        var result = LibC.Syscall(SystemCallNumber.LandlockCreateRuleset, 0, 0, VersionOnly);
        var errno = LastError.Of(result);
        version = result < 0 ? 0 : (int)result;
        return errno;
    }
}
