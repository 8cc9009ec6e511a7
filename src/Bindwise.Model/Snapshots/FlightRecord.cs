namespace Bindwise.Model.Snapshots;

/// <summary>
/// Descriptors that were sent through a UNIX socket (SCM_RIGHTS) and wait there to be received. Which ones they are the kernel does not tell.
/// </summary>
/// <param name="ProcessId">A process that holds the receiving end.</param>
/// <param name="Descriptor">Its descriptor of that end.</param>
/// <param name="Inode">The inode of that end.</param>
/// <param name="Count">How many descriptors wait (scm_fds of /proc/PID/fdinfo).</param>
public sealed record FlightRecord(int ProcessId, int Descriptor, ulong Inode, int Count);
