namespace Bindwise.Model.Snapshots;

/// <summary>A descriptor by which a process holds a socket.</summary>
/// <param name="Inode">The socket's inode (<see cref="Sockets.HeldSocket.Inode"/>).</param>
/// <param name="ProcessId">The process.</param>
/// <param name="Descriptor">The descriptor's number.</param>
/// <param name="CloseOnExec">FD_CLOEXEC; null when not read.</param>
/// <param name="ThreadId">The thread whose own table holds it, when the process's does not show it; else null.</param>
/// <param name="IsRegistered">
/// It is registered with an io_uring and /proc/PID/fd does not show it; <paramref name="Descriptor"/> is the ring's.
/// </param>
public sealed record Holder(ulong Inode, int ProcessId, int Descriptor, bool? CloseOnExec = null, int? ThreadId = null, bool IsRegistered = false);
