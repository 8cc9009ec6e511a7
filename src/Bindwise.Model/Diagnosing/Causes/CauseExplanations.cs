using Bindwise.Model.Diagnosing.Owners;

namespace Bindwise.Model.Diagnosing.Causes;

/// <summary>How a cause comes about, in one sentence each: only where the rule does not say it already.</summary>
internal static class CauseExplanations
{
    /// <summary>The sentence; null where there is nothing to add.</summary>
    public static string? Of(DiagnosisContext f) => f.Cause.Value switch
    {
        "surviving-connection" or "outgoing-connection" or "self-connection" or "fin-wait" or "last-ack" when f.DependsOnReuseAddress => null,
        "surviving-connection" => "The listener that accepted this connection is closed, but the connection is still open and keeps its local port.",
        "outgoing-connection" => "This host opened the connection, so the port is its source port, which the system picked from the ephemeral range or the program chose with bind().",
        "self-connection" => "A client that connects to a free port of the ephemeral range can get that very port as its source port and connect to itself (simultaneous open).",
        "fin-wait" when f.Main is { Socket.SubflowState: not null } main => main.Socket.IsWithoutProcess
            ? "This side closed the MPTCP connection (DATA_FIN) and the peer has not; the kernel keeps its TCP subflow open, and resets it 60 s after close()."
            : "This side shut the MPTCP connection down (DATA_FIN) and the peer has not closed; the TCP subflow stays open until both have.",
        "fin-wait" => "This side closed the connection and the peer has not; the kernel waits for its FIN, up to net.ipv4.tcp_fin_timeout (60 s by default).",
        "last-ack" => "The peer closed first, this side sent its FIN, and the last acknowledgement has not arrived; the kernel keeps retransmitting for up to a few minutes.",
        "frozen-process" => "A frozen process (docker pause, systemctl freeze) keeps its sockets: clients connect and get no answer, and it handles signals only once it is thawed.",
        "stopped-process" when f.Main is { Owners: [{ Process.State: 't' }, ..] } => "A debugger has stopped the process; it keeps its sockets, so clients still connect and get no answer.",
        "stopped-process" => "A suspended process (Ctrl+Z, SIGSTOP) keeps its sockets, so clients still connect and get no answer.",
        "zombie-process" => "The main thread has ended, so ps shows a zombie, but another thread still runs and keeps the descriptors.",
        "socket-activation" or "published-container-port" => Agents.Story(f),
        "same-program-twice" => "The program that printed this error is already running, and holds the port.",
        "hidden-descriptor" when f.Main is { } main => HoldingReport.Hidden(main),
        "descriptor-in-flight" when f.Main is { Flights.Length: > 0 } main => HoldingReport.InFlight(f, main),
        "unix-socket-listener" when f.Main is null => "A UNIX path works across network namespaces: connect() reaches its server, though this namespace's table does not show it.",
        "kernel-socket" => "The kernel opened this socket itself, so there is no process to stop; it closes together with what the kernel opened it for.",
        _ => null,
    };
}
