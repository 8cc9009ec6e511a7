namespace Bindwise.Diagnostics;

/// <summary>
/// By what a process holds a socket. All but <see cref="Descriptor"/> and <see cref="Announced"/> are out of sight of <c>ls -l
/// /proc/PID/fd</c>, ss, lsof and fuser.
/// </summary>
internal enum HoldingWay : byte
{
    Descriptor,

    /// <summary>
    /// A descriptor in the table of one thread, which the process's own view does not show (unshare(CLONE_FILES), or a leader that has
    /// ended).
    /// </summary>
    ThreadTable,

    /// <summary>Registered with an io_uring (IORING_REGISTER_FILES).</summary>
    IoUring,

    /// <summary>A memory mapping (tcp_mmap(), packet_mmap()), which outlives close().</summary>
    Mapping,

    /// <summary>Sent through a UNIX socket (SCM_RIGHTS) and not received yet: the process holds the receiving end.</summary>
    InFlight,

    /// <summary>
    /// Its command line names the very address (docker-proxy's -host-ip and -host-port); its descriptors may not be read.
    /// </summary>
    Announced,

    /// <summary>A system call that has not returned; its descriptor was closed meanwhile.</summary>
    SystemCall,

    /// <summary>A request of an io_uring that has not ended; its descriptor was closed meanwhile.</summary>
    IoUringRequest,

    /// <summary>A request of AIO (io_submit()) that has not ended; its descriptor was closed meanwhile.</summary>
    AioRequest,
}
