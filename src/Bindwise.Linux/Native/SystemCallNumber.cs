using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>Numbers of system calls that the C library has no function for, or that are to reach the calling thread alone.</summary>
/// <remarks>Source: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h (arm64).</remarks>
internal static class SystemCallNumber
{
    /// <summary>The same everywhere: newer than the common numbering.</summary>
    internal const nint PidfdGetfd = 438;

    internal static nint StatX => Of(x64: 332, arm64: 291);

    internal static nint KCmp => Of(x64: 312, arm64: 272);

    /// <summary>getdents64(2).</summary>
    internal static nint GetDents => Of(x64: 217, arm64: 61);

    internal static nint Bpf => Of(x64: 321, arm64: 280);

    /// <summary>setresuid(2).</summary>
    internal static nint SetUsers => Of(x64: 117, arm64: 147);

    /// <summary>setresgid(2).</summary>
    internal static nint SetGroupIds => Of(x64: 119, arm64: 149);

    internal static nint SetGroups => Of(x64: 116, arm64: 159);

    internal static nint GetGroups => Of(x64: 115, arm64: 158);

    /// <summary>sched_setaffinity(2).</summary>
    internal static nint SetAffinity => Of(x64: 203, arm64: 122);

    /// <summary>sched_getaffinity(2).</summary>
    internal static nint GetAffinity => Of(x64: 204, arm64: 123);

    private static nint Of(nint x64, nint arm64) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 => arm64,
        var other => throw new PlatformNotSupportedException(SupportedArchitecture.WhyNot(other)),
    };
}
