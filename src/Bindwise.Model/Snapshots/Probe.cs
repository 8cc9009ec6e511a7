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
internal sealed record PortableProbe
{
    /// <summary>What was asked. With a sharing option only where .NET can tell what that bind would give.</summary>
    public required BindRequest Request { get; init; }

    /// <summary>0 for success, else the number of System.Net.Sockets.SocketError (WinSock's), on every system; -1 for one that it has no
    /// word for.</summary>
    public required int Error { get; init; }

    /// <summary>The system's own number of the same: 98 on Linux, 48 on macOS, 10048 on Windows; 0 for success.</summary>
    public required int NativeError { get; init; }

    /// <summary>With SO_EXCLUSIVEADDRUSE (Windows): whether anybody at all is there.</summary>
    public bool IsExclusive { get; init; }
}

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
