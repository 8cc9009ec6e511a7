namespace Bindwise.Linux.Native;

/// <summary>
/// System calls that the C library, or an old one, has no function for, that are to reach the calling thread alone, or that a filter names.
/// </summary>
/// <remarks>Source: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h (arm64).</remarks>
internal static class SystemCallNumber
{
    internal static readonly KernelNumber PidfdSendSignal = new("__NR_pidfd_send_signal", 424);
    internal static readonly KernelNumber RingSetUp = new("__NR_io_uring_setup", 425);
    internal static readonly KernelNumber PidfdOpen = new("__NR_pidfd_open", 434);
    internal static readonly KernelNumber CloseRange = new("__NR_close_range", 436);
    internal static readonly KernelNumber OpenAt2 = new("__NR_openat2", 437);
    internal static readonly KernelNumber PidfdGetfd = new("__NR_pidfd_getfd", 438);
    internal static readonly KernelNumber LandlockCreateRuleset = new("__NR_landlock_create_ruleset", 444);
    internal static readonly KernelNumber LandlockRestrictSelf = new("__NR_landlock_restrict_self", 446);
    internal static readonly KernelNumber ListModules = new("__NR_lsm_list_modules", 461);
    internal static readonly KernelNumber StatX = new("__NR_statx", 332, 291);
    internal static readonly KernelNumber KCmp = new("__NR_kcmp", 312, 272);
    internal static readonly KernelNumber GetDents = new("__NR_getdents64", 217, 61);
    internal static readonly KernelNumber Bpf = new("__NR_bpf", 321, 280);
    internal static readonly KernelNumber SetUsers = new("__NR_setresuid", 117, 147);
    internal static readonly KernelNumber SetGroupIds = new("__NR_setresgid", 119, 149);
    internal static readonly KernelNumber SetGroups = new("__NR_setgroups", 116, 159);
    internal static readonly KernelNumber GetGroups = new("__NR_getgroups", 115, 158);
    internal static readonly KernelNumber SetAffinity = new("__NR_sched_setaffinity", 203, 122);
    internal static readonly KernelNumber GetAffinity = new("__NR_sched_getaffinity", 204, 123);
    internal static readonly KernelNumber SignalAction = new("__NR_rt_sigaction", 13, 134);
    internal static readonly KernelNumber Seccomp = new("__NR_seccomp", 317, 277);
    internal static readonly KernelNumber Clone = new("__NR_clone", 56, 220);
    internal static readonly KernelNumber Wait = new("__NR_wait4", 61, 260);
    internal static readonly KernelNumber ExitGroup = new("__NR_exit_group", 231, 94);
    internal static readonly KernelNumber SetSession = new("__NR_setsid", 112, 157);
    internal static readonly KernelNumber ChangeFolder = new("__NR_chdir", 80, 49);
    internal static readonly KernelNumber SignalMask = new("__NR_rt_sigprocmask", 14, 135);
    internal static readonly KernelNumber Restart = new("__NR_restart_syscall", 219, 128);
    internal static readonly KernelNumber Socket = new("__NR_socket", 41, 198);
    internal static readonly KernelNumber Bind = new("__NR_bind", 49, 200);
    internal static readonly KernelNumber Listen = new("__NR_listen", 50, 201);
    internal static readonly KernelNumber Connect = new("__NR_connect", 42, 203);
    internal static readonly KernelNumber Accept = new("__NR_accept", 43, 202);
    internal static readonly KernelNumber Accept4 = new("__NR_accept4", 288, 242);
    internal static readonly KernelNumber Shutdown = new("__NR_shutdown", 48, 210);
    internal static readonly KernelNumber SetSocketOption = new("__NR_setsockopt", 54, 208);
    internal static readonly KernelNumber Execute = new("__NR_execve", 59, 221);
    internal static readonly KernelNumber ExecuteAt = new("__NR_execveat", 322, 281);
}
