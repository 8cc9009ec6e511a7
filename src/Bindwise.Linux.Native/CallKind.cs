namespace Bindwise.Linux.Native;

/// <summary>The system calls that a filter names.</summary>
internal enum CallKind
{
    Other,
    Bind,
    Listen,
    Connect,
    Shutdown,
    SetSocketOption,
    Socket,
    Execute,
    ExecuteAt,

    /// <summary>landlock_restrict_self(2).</summary>
    Restrict,

    /// <summary>io_uring_setup(2): what a ring does passes every filter.</summary>
    SetUpRing,

    /// <summary>
    /// socketcall(2) of i386, which says by its first argument which call it is, and has that call's arguments in memory.
    /// </summary>
    Multiplexed,
}
