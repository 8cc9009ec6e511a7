using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Processes.PendingUses;
using Bindwise.Supervising.Auditing;

namespace Bindwise.Supervising.Holding;

/// <param name="manager">The service manager, which keeps them beyond this process; null for none.</param>
internal sealed class KeptSockets(ServiceNotification? manager) : IDisposable
{
    /// <summary>More are left to the program.</summary>
    internal const int Most = 256;

    // Of one that came from elsewhere; net.core.somaxconn limits it.
    private const int DefaultBacklog = 4096;

    private readonly List<KeptSocket> _held = [];
    private readonly ListenWatch _watch = new();

    internal IReadOnlyList<KeptSocket> All => _held;

    /// <summary>What can be waited for: it is readable when one that listened listens no longer. Null where there is none.</summary>
    internal int? Number => _watch.Number;

    /// <summary>The program ends its listening by connect() with AF_UNSPEC, or may do so: its next start's are handed over.</summary>
    internal bool AreDisconnected { get; set; }

    /// <summary>
    /// The calls by which a start may ask whether a server lives at a kept path: connect() with an address of that path's length, or with
    /// all of struct sockaddr_un. IP's lengths are among them only where the path is so long, with its NUL or without: they cost clients.
    /// </summary>
    internal HandedCalls Probes
    {
        get
        {
            var calls = HandedCalls.None;
            Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
            foreach (var one in _held.Where(static one => one.Key.IsPath))
            {
                // As it was bound, which may be relative; the kernel counts a NUL (unix_mkname_bsd(), net/unix/af_unix.c).
                _ = SocketNameCall.Local(one.Copy, room, out var length);
                calls |= HandedCalls.UnixConnect | length switch
                {
                    SocketAddressIPv4.SizeBytes or SocketAddressIPv4.SizeBytes + 1 => HandedCalls.ShortConnect,
                    SocketAddressIPv6.SizeBytes or SocketAddressIPv6.SizeBytes + 1 => HandedCalls.IPv6Connect,
                    _ => HandedCalls.None,
                };
            }
            return calls;
        }
    }

    internal KeptSocket? Find(SocketKey key) => _held.Find(one => one.Key.Fits(key));

    internal KeptSocket? Find(ulong cookie) => cookie == 0 ? null : _held.Find(one => one.Cookie == cookie);

    /// <param name="copy">A copy of it, which is this one's from now on.</param>
    /// <param name="name">What it is called; null: by its protocol and address.</param>
    internal KeptSocket? Add(SafeFileDescriptor copy, Protocol protocol, SocketKey key, string? name = null)
    {
        if (_held.Count >= Most)
        {
            copy.Dispose();
            return null;
        }
        var held = new KeptSocket(copy, key, protocol, name ?? NameOf(protocol, key));
        _held.Add(held);
        if (held.IsListening)
            Listens(held, DefaultBacklog);
        // What came from there by a name of its own is there already; a UNIX socket would not come back from there with its file.
        if (name is null && protocol != Protocol.Unix)
            manager?.Store(held);
        return held;
    }

    internal void Listens(KeptSocket held, int backlog)
    {
        if (held is { Backlog: null, Protocol: not Protocol.Unix })
            _watch.Add(held.Copy);
        held.Backlog = backlog;
    }

    /// <summary>Lets those listen again that no longer do; the ports are still theirs. Who waited in them was reset.</summary>
    internal void Revive(Action<string> report)
    {
        foreach (var held in _held.FindAll(static one => one is { Backlog: not null, Protocol: not Protocol.Unix, IsListening: false }))
        {
            AreDisconnected = true;
            // The program's other threads can keep the socket locked.
            if (!BoundedWork.TryRun(() => ListenCall.Listen(held.Copy, held.Backlog!.Value), out var errno))
                errno = Errno.EBUSY;
            if (errno != Errno.None)
            {
                report($"{held.Key.Endpoint} no longer listens, and cannot listen again ({errno}): it is not kept");
                Drop(held);
            }
            else if (!held.WasRevived)
            {
                held.WasRevived = true;
                report($"{held.Key.Endpoint} was taken out of listening, as by connect() with AF_UNSPEC: it listens again, and connections "
                    + "that waited in it were reset");
            }
        }
    }

    internal bool AllTakenBy(ProgramStart start) => _held.TrueForAll(one => one.IsTakenBy(start));

    /// <summary>
    /// The same of those with a port. Who waits in a UNIX socket that is taken later is not refused meanwhile, and helpers have such, too.
    /// </summary>
    internal bool AllPortsTakenBy(ProgramStart start) => _held.TrueForAll(one => one.Protocol == Protocol.Unix || one.IsTakenBy(start));

    /// <summary>A start has ended, with all its processes.</summary>
    internal void Forget(ProgramStart start) => _held.ForEach(one => one.Forget(start));

    /// <summary>
    /// Puts the files of UNIX sockets back that a start removed, as at its end, while others or the next have the sockets.
    /// </summary>
    internal void RestoreFiles() => _held.ForEach(static one => one.File?.Restore());

    /// <summary>Closes those that no start has taken and that a rule picks.</summary>
    internal bool Release(Predicate<KeptSocket> rule)
    {
        var unneeded = _held.FindAll(one => !one.IsTaken && rule(one));
        unneeded.ForEach(Drop);
        return unneeded.Count > 0;
    }

    internal void Drop(KeptSocket held)
    {
        _held.Remove(held);
        if (held is { Backlog: not null, Protocol: not Protocol.Unix })
            _watch.Remove(held.Copy);
        if (held.Protocol != Protocol.Unix)
            manager?.Remove(held);
        held.Dispose();
    }

    private static string NameOf(Protocol protocol, SocketKey key) => key.Name is { } unix
        ? $"bindwise-unix-{string.Concat(Path.GetFileName(unix).Where(static letter => letter is > ' ' and <= '~' and not ':'))}"
        : (protocol == Protocol.Tcp ? "bindwise-tcp-" : "bindwise-udp-")
            + key.Endpoint.ToString().Replace(':', '_').Replace("[", "", StringComparison.Ordinal)
                .Replace("]", "", StringComparison.Ordinal);

    public void Dispose()
    {
        _watch.Dispose();
        _held.ForEach(static one => one.Dispose());
        _held.Clear();
    }
}

/// <summary>A program's socket of which the supervisor has a copy, so that it outlives the program.</summary>
/// <param name="name">What it is called where it is passed on.</param>
internal sealed class KeptSocket(SafeFileDescriptor copy, SocketKey key, Protocol protocol, string name) : IDisposable
{
    /// <summary>More are not remembered: the rest is found by the inode.</summary>
    private const int MostTakers = 64;

    private readonly List<Taker> _takers = [];
    private readonly HashSet<ProgramStart> _starts = [];
    private int _uses;
    private bool _isClosing;

    // A process of a start, and the number under which it got the socket.
    private sealed record Taker(ProgramStart Start, int Id, SafeFileDescriptor Process, int Descriptor);

    internal SafeFileDescriptor Copy { get; } = copy;
    internal SocketKey Key { get; } = key;
    internal Protocol Protocol { get; } = protocol;

    /// <summary>Printable ASCII without a colon (LISTEN_FDNAMES, FDNAME).</summary>
    internal string Name { get; } = name;

    internal ulong Cookie { get; } = Read<ulong>(copy, SocketOptionCall.Cookie);

    /// <summary>What the program's last listen() set; null until it listens.</summary>
    internal int? Backlog { get; set; }

    /// <summary>The second name of a UNIX socket's file; null where it has none.</summary>
    internal SocketFileLink? File { get; set; }

    /// <summary>It was taken out of listening, and this was told.</summary>
    internal bool WasRevived { get; set; }

    /// <summary>Since when the program that runs is seen not to have it open any more; null while it has.</summary>
    internal TimeSpan? ClosedSince { get; set; }

    internal bool SharesPort => Read<int>(Copy, SocketOptionCall.ReusePort) != 0;
    internal bool IsListening => Read<int>(Copy, SocketOptionCall.AcceptsConnections) != 0;

    internal bool IsTakenBy(ProgramStart start) => _starts.Contains(start);

    internal bool IsTakenOnlyBy(ProgramStart start) => _uses == 0 && _starts.Count == 1 && _starts.Contains(start);

    /// <summary>A start that has not ended has had it, or is about to.</summary>
    internal bool IsTaken => _starts.Count > 0 || _uses > 0;

    /// <summary>It is not closed before what this returns: who gives it leaves the gate in between, and others drop it meanwhile.</summary>
    internal IDisposable Use() => new Usage(this);

    internal void Take(ProgramStart start, int process, int descriptor)
    {
        // One that cannot be opened, as it was killed meanwhile, has taken it all the same.
        _ = _starts.Add(start);
        ClosedSince = null;
        File?.Taken();
        // A server may start workers without end, each of which takes it, or close it and bind() again without end. Whether one has it
        // still is not asked here, since one that is stuck in execve() would hold that up.
        Drop(one => (one.Id == process && one.Descriptor == descriptor) || PollCall.WaitUntilReadable(one.Process, 0));
        if (_takers.Count >= MostTakers)
            Drop(one => one == _takers[0]);
        if (PidFdGetFd.OpenProcess(process, 0, out var handle) == Errno.None)
            _takers.Add(new Taker(start, process, handle, descriptor));
    }

    /// <summary>Looks whether a process that took it has it still, beside a descriptor: as <see cref="CheckIn"/>.</summary>
    internal Func<bool> CheckBeside(int process = 0, int descriptor = -1)
    {
        var others = _takers.FindAll(one => one.Id != process || one.Descriptor != descriptor);
        return () => others.Exists(IsThere);
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
        // Until the next start has it, datagrams of all others would be lost.
        if (_starts.Count == 0)
            _ = Disconnect();
    }

    /// <summary>
    /// Takes the peer away that a start connected it to, which is not the next one's. With the peer the kernel forgets the interface
    /// (__udp_disconnect(), net/ipv4/udp.c), without which a server that was for one alone would be open on all.
    /// </summary>
    internal Errno Disconnect()
    {
        if (Protocol != Protocol.Udp || !SocketNameCall.HasPeer(Copy))
            return Errno.None;
        var errno = ConnectCall.Disconnect(Copy);
        var device = Key.Device != 0 ? Key.Device : (int)Key.Scope;
        return errno != Errno.None || device == 0 ? errno
            : SocketOptionCall.Set(Copy, SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex, device);
    }

    /// <summary>
    /// Looks whether some process of a start has it open: where it was taken, or under another number that it was copied to, or that a
    /// child inherited.
    /// </summary>
    /// <returns>The look, for a thread that may be lost: the socket may be dropped meanwhile.</returns>
    internal Func<bool> CheckIn(ProgramStart start)
    {
        var takers = _takers.Where(one => one.Start == start).ToArray();
        var (inode, processes) = (Inode, ProcessesOf(start));
        return () => takers.Any(IsThere) || (inode != 0 && processes().Any(process => Descendants.HasSocket(process, inode)));
    }

    /// <summary>
    /// Looks whether a process of a start has it in an epoll, or waits at it in accept(), poll() or select(), by the number under which it
    /// was taken, which an epoll goes on to name, or by one that it was copied to since.
    /// </summary>
    internal Func<bool> CheckServedIn(ProgramStart start)
    {
        var taken = _takers.Where(one => one.Start == start).Select(static one => one.Descriptor).ToArray();
        var (isListening, inode, processes) = (IsListening, Inode, ProcessesOf(start));
        return () => isListening && inode != 0 && processes().Any(process =>
        {
            var open = InheritedSockets.Sockets(process).Where(one => one.Inode == inode).Select(static one => one.Descriptor).ToList();
            int[] numbers = [.. open.Union(taken)];
            return open.Count > 0 && (Array.Exists(numbers, number => EpollRegistration.Of(process, number).Count > 0)
                || AwaitedListeners.AreAmong(process, numbers));
        });
    }

    /// <summary>0 for not known.</summary>
    private ulong Inode => FileStatusCall.Fstat(Copy, out var status) == Errno.None ? status.Inode : 0;

    private Func<IEnumerable<int>> ProcessesOf(ProgramStart start)
    {
        // What went to the background is below this process, which inherits orphans, and no longer below the start's first. While another
        // start has the socket as well, that one's would be found there.
        var above = _starts.Count > 1 ? start.ProcessId : Environment.ProcessId;
        return () => Descendants.Of(above).Append(start.ProcessId);
    }

    private bool IsThere(Taker taker)
    {
        // The socket may be dropped while it is looked at.
        var isHeld = false;
        try
        {
            taker.Process.DangerousAddRef(ref isHeld);
            var errno = PidFdGetFd.Copy(taker.Process, taker.Descriptor, out var there);
            using (there)
                return errno == Errno.None && Read<ulong>(there, SocketOptionCall.Cookie) == Cookie;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (isHeld)
                taker.Process.DangerousRelease();
        }
    }

    private static T Read<T>(SafeFileDescriptor socket, int name)
        where T : unmanaged =>
        SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, name, out T value) == Errno.None ? value : default;

    public void Dispose()
    {
        _isClosing = true;
        if (_uses > 0)
            return;
        _takers.ForEach(static one => one.Process.Dispose());
        File?.Dispose();
        Copy.Dispose();
    }

    private sealed class Usage : IDisposable
    {
        private readonly KeptSocket _socket;

        internal Usage(KeptSocket socket)
        {
            _socket = socket;
            _ = Interlocked.Increment(ref _socket._uses);
        }

        public void Dispose()
        {
            // Perhaps on a thread that was given up, outside of the gate.
            _ = Interlocked.Decrement(ref _socket._uses);
            if (_socket._isClosing)
                _socket.Dispose();
        }
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
internal readonly record struct SocketKey(int Family, int Protocol, IpEndpoint Endpoint, uint Scope, bool IsV6Only, int Device,
    ulong Network, uint? User, string? Name = null)
{
    internal static SocketKey Of(TrappedSocket socket, IpEndpoint endpoint, uint scope) => new(
        socket.Family,
        socket.ProtocolNumber,
        endpoint,
        scope,
        // Of a specific IPv6 address the kernel sets it once bind() has succeeded (__inet6_bind(), net/ipv6/af_inet6.c): it tells nothing.
        socket.Family == SocketCall.FamilyIPv6 && (endpoint.Address.IsAny || endpoint.Address.IsMapped)
            && socket.Read<int>(SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) != 0,
        socket.Read<int>(SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex),
        socket.Network,
        socket.User);

    internal static SocketKey Of(TrappedSocket socket, string name) =>
        new(socket.Family, socket.ProtocolNumber, default, 0, false, 0, socket.Network, socket.User, name);

    /// <summary>It is that of a UNIX socket with a file.</summary>
    internal bool IsPath => Name is ['/', ..];

    /// <summary>
    /// A socket of this key can take the place of one of another. Whose it is does not matter of one that a service manager passed.
    /// </summary>
    internal bool Fits(SocketKey other) =>
        User is null ? this == other with { User = null } && other.User == EffectiveIds.User() : this == other;
}
