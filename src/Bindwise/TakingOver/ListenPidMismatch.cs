namespace Bindwise;

/// <summary>
/// What to do with passed sockets (LISTEN_FDS) whose LISTEN_PID names another process: a wrapper script stands between the service manager
/// and this program, or the variables were inherited by mistake.
/// </summary>
public enum ListenPidMismatch
{
    /// <summary>An error that says so. (Kestrel alone silently listens elsewhere.)</summary>
    Refuse,

    /// <summary>Takes them, if they are listening sockets.</summary>
    Take,

    /// <summary>Leaves them alone, as sd_listen_fds(3) does.</summary>
    Ignore,
}
