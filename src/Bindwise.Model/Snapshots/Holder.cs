namespace Bindwise.Model.Snapshots;

/// <summary>A descriptor by which a process holds a socket.</summary>
/// <param name="Inode">The socket's inode (<see cref="Sockets.HeldSocket.Inode"/>).</param>
/// <param name="ProcessId">The process.</param>
/// <param name="Descriptor">The descriptor's number.</param>
/// <param name="CloseOnExec">FD_CLOEXEC; null when not read.</param>
/// <param name="ThreadId">The thread whose own table holds it, when the process's does not show it; else null.</param>
public sealed record Holder(ulong Inode, int ProcessId, int Descriptor, bool? CloseOnExec = null, int? ThreadId = null);
