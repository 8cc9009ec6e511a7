namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// Programs that start another one and end with it, or become it: who would start a server again stands above them.
/// </summary>
internal static class Wrappers
{
    private static readonly HashSet<string> Programs =
    [
        "sudo", "sudo-rs", "su", "doas", "runuser", "pkexec", "setpriv", "chroot", "fakeroot", "timeout", "gtimeout", "time", "nice",
        "ionice", "chrt", "taskset", "numactl", "prlimit", "setarch", "env", "nohup", "setsid", "stdbuf", "flock", "xargs", "find",
        "script", "unbuffer", "rlwrap", "strace", "ltrace", "gdb", "gdbserver", "perf", "valgrind", "unshare", "nsenter", "bwrap",
        "firejail", "dbus-run-session", "systemd-inhibit", "tini", "dumb-init", "catatonit",
    ];

    public static bool Are(ProcessRecord process) =>
        Programs.Contains(ProcessNames.ProgramOf(process)) || Programs.Contains(process.Name);

    /// <summary>Wrappers, and shells that run a command or a script: a server's start was handed on by them.</summary>
    public static bool AreOrScript(ProcessRecord process) => process.Id > 1 && (Are(process) || Shells.IsScript(process));
}
