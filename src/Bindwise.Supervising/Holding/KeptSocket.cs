namespace Bindwise.Supervising.Holding;

/// <summary>A program's socket of which the supervisor has a copy, so that it outlives the program.</summary>
/// <param name="name">What it is called where it is passed on.</param>
[SupportedOSPlatform("linux")]
internal sealed class KeptSocket(SafeFileDescriptor copy, SocketKey key, Protocol protocol, string name) : IDisposable
{
    private readonly List<Taker> _takers = [];
    private readonly HashSet<ProgramStart> _starts = [];

    // A process of a start, and the number under which it got the socket.
    private sealed record Taker(ProgramStart Start, SafeFileDescriptor Process, int Descriptor);

    internal SafeFileDescriptor Copy { get; } = copy;
    internal SocketKey Key { get; } = key;
    internal Protocol Protocol { get; } = protocol;

    /// <summary>Printable ASCII without a colon (LISTEN_FDNAMES, FDNAME).</summary>
    internal string Name { get; } = name;

    /// <summary>A number that no other socket has.</summary>
    internal ulong Cookie { get; } = Read<ulong>(copy, SocketOptionCall.Cookie);

    /// <summary>What the program's last listen() set; null until it listens.</summary>
    internal int? Backlog { get; set; }

    /// <summary>The second name of a UNIX socket's file; null where it has none.</summary>
    internal SocketFileLink? File { get; set; }

    /// <summary>It was taken out of listening, and this was told.</summary>
    internal bool WasRevived { get; set; }

    internal bool SharesPort => Read<int>(Copy, SocketOptionCall.ReusePort) != 0;

    /// <summary>It listens (SO_ACCEPTCONN).</summary>
    internal bool IsListening => Read<int>(Copy, SocketOptionCall.AcceptsConnections) != 0;

    internal bool IsTakenBy(ProgramStart start) => _starts.Contains(start);

    /// <summary>A start that has not ended has had it.</summary>
    internal bool IsTaken => _starts.Count > 0;

    internal void Take(ProgramStart start, int process, int descriptor)
    {
        // One that cannot be opened, as it was killed meanwhile, has taken it all the same.
        _ = _starts.Add(start);
        File?.Taken();
        // A server may start workers without end, each of which takes it.
        Drop(static one => ProcessPollCall.WaitForEnd([one.Process], 0) > 0);
        if (PidFdGetFd.OpenProcess(process, 0, out var handle) == Errno.None)
            _takers.Add(new Taker(start, handle, descriptor));
    }

    private void Drop(Predicate<Taker> rule)
    {
        foreach (var one in _takers.FindAll(rule))
        {
            _takers.Remove(one);
            one.Process.Dispose();
        }
    }

    internal void Forget(ProgramStart start)
    {
        Drop(one => one.Start == start);
        _ = _starts.Remove(start);
    }

    /// <summary>Looks whether some process of a start has it open: where it was taken, or under another number that it was copied to, or
    /// that a child inherited.</summary>
    /// <returns>The look, for a thread that may be lost.</returns>
    internal Func<bool> LookIn(ProgramStart start)
    {
        var takers = _takers.Where(one => one.Start == start).ToArray();
        return () => takers.Any(IsThere)
            || (FileStatusCall.Fstat(Copy, out var status) == Errno.None
                && Descendants.Of(start.ProcessId).Append(start.ProcessId).Any(process => Descendants.HasSocket(process, status.Inode)));
    }

    private bool IsThere(Taker taker)
    {
        var errno = PidFdGetFd.Copy(taker.Process, taker.Descriptor, out var there);
        using (there)
            return errno == Errno.None && Read<ulong>(there, SocketOptionCall.Cookie) == Cookie;
    }

    private static T Read<T>(SafeFileDescriptor socket, int name)
        where T : unmanaged =>
        SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, name, out T value) == Errno.None ? value : default;

    public void Dispose()
    {
        _takers.ForEach(static one => one.Process.Dispose());
        File?.Dispose();
        Copy.Dispose();
    }
}

/// <summary>What two sockets must have in common so that one can take the other's place.</summary>
/// <param name="Family">AF_INET, AF_INET6 or AF_UNIX.</param>
/// <param name="Protocol">IPPROTO_TCP, IPPROTO_UDP or IPPROTO_MPTCP; of UNIX the type.</param>
/// <param name="Endpoint">Where it is bound; nothing of UNIX.</param>
/// <param name="Scope">An interface's index for a link-local address; 0 for none.</param>
/// <param name="IsV6Only">It takes no IPv4 (IPV6_V6ONLY).</param>
/// <param name="Device">The interface of SO_BINDTODEVICE; 0 for none.</param>
/// <param name="Network">Its network namespace (SO_NETNS_COOKIE).</param>
/// <param name="User">Whose it is: with whose sockets it may share a port. Null where that does not matter.</param>
/// <param name="Name">The whole path of a UNIX socket, or its abstract name with an @; null of the others.</param>
[SupportedOSPlatform("linux")]
internal readonly record struct SocketKey(int Family, int Protocol, IpEndpoint Endpoint, uint Scope, bool IsV6Only, int Device,
    ulong Network, uint? User, string? Name = null)
{
    internal static SocketKey Of(TrappedSocket socket, IpEndpoint endpoint, uint scope) => new(
        socket.Family,
        socket.ProtocolNumber,
        endpoint,
        scope,
        socket.Family == SocketCall.FamilyIPv6 && socket.Read<int>(SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) != 0,
        socket.Read<int>(SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex),
        socket.Network,
        socket.User);

    internal static SocketKey Of(TrappedSocket socket, string name) =>
        new(socket.Family, socket.ProtocolNumber, default, 0, false, 0, socket.Network, socket.User, name);

    /// <summary>It is that of a UNIX socket with a file.</summary>
    internal bool IsPath => Name is ['/', ..];

    /// <summary>A socket of this key can take the place of one of another. Whose it is does not matter of one that a service manager
    /// passed.</summary>
    internal bool Fits(SocketKey other) =>
        User is null ? this == other with { User = null } && other.User == EffectiveIds.User() : this == other;
}
