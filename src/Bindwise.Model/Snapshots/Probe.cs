namespace Bindwise.Diagnostics;

/// <summary>What one real system call answered for a bind: made raw, its socket closed at once, never listening.</summary>
/// <param name="Errno">0 for success, else Linux's errno.</param>
/// <param name="Call">The call that answered. A program that is refused a socket never reaches bind().</param>
/// <param name="IsBeforeConflicts">The kernel answered before it looked at the sockets on the port: the bind() was tried on a socket that
/// was bound already. An EADDRINUSE is then the answer of a policy, not of a socket.</param>
/// <param name="Landed">Where the socket was bound instead (getsockname(2)): a BPF program on the cgroup rewrote the address or the port.
/// Null where it is as asked.</param>
internal sealed record ProbeResult(BindRequest Request, int Errno, ProbedCall Call = default, bool IsBeforeConflicts = false,
    IpEndpoint? Landed = null);

/// <summary>What one bind() through System.Net.Sockets answered; closed at once, never listening.</summary>
/// <param name="Request">What was asked. With a sharing option only where .NET can tell what that bind would give.</param>
/// <param name="Error">0 for success, else the number of System.Net.Sockets.SocketError (WinSock's), on every system; -1 for one that it
/// has no word for.</param>
/// <param name="NativeError">The system's own number of the same: 98 on Linux, 48 on macOS, 10048 on Windows; 0 for success.</param>
/// <param name="IsExclusive">With SO_EXCLUSIVEADDRUSE (Windows): whether anybody at all is there.</param>
internal sealed record PortableProbe(BindRequest Request, int Error, int NativeError, bool IsExclusive = false);

/// <summary>The system call that answered a probe.</summary>
internal enum ProbedCall : byte
{
    /// <summary>bind(2) answered.</summary>
    Bind,

    /// <summary>socket(2) answered with an error, so that bind(2) was not reached.</summary>
    Socket,

    /// <summary>bind(2) succeeded, and listen(2) answered.</summary>
    Listen,
}
