using Bindwise.Linux.Native;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Callers;

/// <summary>In which PID namespace this program runs (pid_namespaces(7)): processes outside of it are not to be seen.</summary>
internal static class PidNamespace
{
    /// <summary>PROC_PID_INIT_INO (include/uapi/linux/nsfs.h): the inode of the system's first PID namespace.</summary>
    private const ulong InitialInode = 0xEFFFFFFC;

    /// <summary>Whether it is the system's first; Unknown without a /proc of its own.</summary>
    internal static Fact IsInitial() => FileStatusCall.Follow("/proc/self/ns/pid\0"u8, out var status) != Errno.None ? Fact.Unknown
        : status.Inode == InitialInode ? Fact.Yes
        : Fact.No;
}
