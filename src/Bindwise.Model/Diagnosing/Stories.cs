namespace Bindwise.Model.Diagnosing;

/// <summary>How a cause comes about, in one sentence each: only where the rule does not say it already.</summary>
internal static class Stories
{
    /// <summary>The sentence; null where there is nothing to add.</summary>
    public static string? Of(Findings f) => f.Cause.Value switch
    {
        "surviving-connection" => "The listener that accepted this connection is closed, but the connection lives on and keeps its local port.",
        "outgoing-connection" => "This connection was opened from this host, so the port is its source port: given by the system from the ephemeral range, or chosen by the program's own bind().",
        "self-connection" => "A client that tries a free port of its own ephemeral range may be given that very port as its source, and then meets itself (simultaneous open).",
        "bound-not-listening" => "The socket is bound and does not listen: listen() has not been called, or shutdown() has ended it; ss and lsof do not show it.",
        "fin-wait" => "This side closed, and the peer has not answered with its own FIN: without a process the kernel waits for it at most net.ipv4.tcp_fin_timeout (60 s by default), or retransmits.",
        "last-ack" => "The peer closed first, this side answered with its FIN, and the last acknowledgement has not come: the kernel retransmits for up to some minutes.",
        "stopped-process" when f.Main is { Owners: [{ Process.State: 't' }, ..] } => "A debugger has stopped the process, which keeps its sockets: clients still connect, and nobody answers.",
        "stopped-process" => "A stopped process (Ctrl+Z, SIGSTOP) keeps its sockets: clients still connect, and nobody answers.",
        "zombie-process" => "The process's first thread has ended, so ps shows a zombie; another thread lives on and keeps the descriptors.",
        "socket-activation" or "published-container-port" => Agents.Story(f),
        "same-program-twice" => "The program whose error this is already runs: it is the one that holds the port.",
        "hidden-descriptor" => "The socket is held by other means than a descriptor that /proc/PID/fd shows: a thread's own table, or io_uring's registered files.",
        _ => null,
    };
}
