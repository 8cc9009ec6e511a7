using Bindwise.Model.Rules;

namespace Bindwise.Model.Snapshots;

/// <summary>What one real bind() answered: by raw system call, closed at once, never listening.</summary>
/// <param name="Request">Exactly what was asked.</param>
/// <param name="Errno">0 for success, else Linux's errno.</param>
public sealed record ProbeResult(BindRequest Request, int Errno)
{
    /// <summary>
    /// The kernel answered before it looked at the sockets on the port: the bind() was tried on a socket that was bound already. An
    /// EADDRINUSE is then the answer of a policy, not of a socket.
    /// </summary>
    public bool IsBeforeConflicts { get; init; }
}
