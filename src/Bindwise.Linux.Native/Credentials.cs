namespace Bindwise.Linux.Native;

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
