using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Snapshots;

/// <summary>What one real system call answered for a bind: made raw, its socket closed at once, never listening.</summary>
/// <param name="Request">Exactly what was asked.</param>
/// <param name="Errno">0 for success, else Linux's errno.</param>
public sealed record ProbeResult(BindRequest Request, int Errno)
{
    /// <summary>The call that answered. A program that is refused a socket never reaches bind().</summary>
    public ProbedCall Call { get; init; }

    /// <summary>
    /// The kernel answered before it looked at the sockets on the port: the bind() was tried on a socket that was bound already. An
    /// EADDRINUSE is then the answer of a policy, not of a socket.
    /// </summary>
    public bool IsBeforeConflicts { get; init; }

    /// <summary>
    /// Where the socket was bound instead (getsockname(2)): a BPF program on the cgroup rewrote the address or the port. Null where it is as asked.
    /// </summary>
    public IpEndpoint? Landed { get; init; }
}

/// <summary>The system call that answered a probe.</summary>
public enum ProbedCall : byte
{
    /// <summary>bind(2).</summary>
    Bind,

    /// <summary>socket(2).</summary>
    Socket,

    /// <summary>listen(2).</summary>
    Listen,
}
