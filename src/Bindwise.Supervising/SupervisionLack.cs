using System.Runtime.Versioning;
using Bindwise.Linux.Native;

namespace Bindwise.Supervising;

/// <summary>What a supervisor cannot do, each as half a sentence for people.</summary>
[SupportedOSPlatform("linux")]
internal static class SupervisionLack
{
    /// <summary>no_new_privs had to be set (prctl(2)).</summary>
    internal static string Rights =>
        $"without {(Environment.IsPrivilegedProcess ? "CAP_SYS_ADMIN" : "root")}, programs such as sudo and ping gain no rights under this "
            + "one (no_new_privs)";

    /// <summary>No filter could be installed.</summary>
    /// <param name="errno">What seccomp(2) said, by its name.</param>
    internal static string OfFilter(string errno) => errno == nameof(Errno.EBUSY)
        ? "another supervisor, such as another bindwise run, already watches this process, and keeps doing so (EBUSY, seccomp)"
        : $"this system does not allow seccomp's user notification ({errno}), as in some containers";

    /// <summary>The program's sockets cannot be copied, or its memory not be read.</summary>
    internal static string OfTracing(string errno) =>
        $"another process may not copy its sockets and addresses here ({errno}, pidfd_getfd and process_vm_readv: "
            + "kernel.yama.ptrace_scope, or a container without CAP_SYS_PTRACE)";
}
