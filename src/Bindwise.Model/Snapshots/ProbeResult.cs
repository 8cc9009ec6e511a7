using System.Collections.Immutable;

namespace Bindwise.Diagnostics;

/// <summary>What one real system call answered for a bind: made raw, its socket closed at once, never listening.</summary>
/// <param name="Request">Exactly what was asked.</param>
/// <param name="Errno">0 for success, else Linux's errno.</param>
internal sealed record ProbeResult(BindRequest Request, int Errno)
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
internal enum ProbedCall : byte
{
    /// <summary>bind(2) answered.</summary>
    Bind,

    /// <summary>socket(2) answered with an error, so that bind(2) was not reached.</summary>
    Socket,

    /// <summary>bind(2) succeeded, and listen(2) answered.</summary>
    Listen,
}

/// <summary>What one bind() through System.Net.Sockets answered; closed at once, never listening.</summary>
internal sealed record PortableProbe
{
    /// <summary>What was asked. With a sharing option only where .NET can tell what that bind would give.</summary>
    public required BindRequest Request { get; init; }

    /// <summary>0 for success, else the number of System.Net.Sockets.SocketError (WinSock's), on every system; -1 for one that it has no word for.</summary>
    public required int Error { get; init; }

    /// <summary>The system's own number of the same: 98 on Linux, 48 on macOS, 10048 on Windows; 0 for success.</summary>
    public required int NativeError { get; init; }

    /// <summary>With SO_EXCLUSIVEADDRUSE (Windows): whether anybody at all is there.</summary>
    public bool IsExclusive { get; init; }
}

/// <summary>
/// What .NET itself tells of a host, on any system: a probe, and the sockets that the system lists. No owners, no options, and no sockets
/// that are bound without listening.
/// </summary>
internal sealed record PortableRecord
{
    /// <summary>The operating system on which the probes ran.</summary>
    public required HostSystem System { get; init; }

    /// <summary>What each bind() through System.Net.Sockets answered, in the order in which they were tried.</summary>
    public ImmutableArray<PortableProbe> Probes { get; init; } = [];

    /// <summary>The sockets that the system lists on the port, of the protocol in question; at most 256.</summary>
    public ImmutableArray<SeenSocket> Seen { get; init; } = [];

    /// <summary>How many of them there are, those included that are too many to stand in <see cref="Seen"/>.</summary>
    public int SeenCount { get; init; }

    /// <summary>The system's list was read; false when it could not be.</summary>
    public bool IsListRead { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(PortableRecord? other) => other is not null
        && (System, SeenCount, IsListRead) == (other.System, other.SeenCount, other.IsListRead)
        && Sequence.AreEqual(Probes, other.Probes)
        && Sequence.AreEqual(Seen, other.Seen);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(System, SeenCount, IsListRead, Sequence.Hash(Probes), Sequence.Hash(Seen));
}
