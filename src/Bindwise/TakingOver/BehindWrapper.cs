namespace Bindwise;

/// <summary>
/// What to do with passed sockets (LISTEN_FDS) whose LISTEN_PID names another process: a wrapper script stands between the service manager and
/// this program, or the variables were inherited by mistake.
/// </summary>
public enum BehindWrapper
{
    /// <summary>It is an error, and says so. (Kestrel alone listens elsewhere, silently.)</summary>
    Refuse,

    /// <summary>They are taken, when they are listening sockets.</summary>
    Take,

    /// <summary>They are left alone, as sd_listen_fds(3) does.</summary>
    Ignore,
}
