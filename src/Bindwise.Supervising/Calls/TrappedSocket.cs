using System.Runtime.InteropServices;
using System.Text.Unicode;
using Bindwise.Linux;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Listening;
using Bindwise.Model.Addresses;
using Bindwise.Model.Targets;

namespace Bindwise.Supervising.Calls;

/// <summary>
/// The TCP, UDP or UNIX socket that a waiting call is about: a copy of the program's own descriptor, so that both have one
/// socket. Whatever changes it asks for a <see cref="StandingCall"/>; and whatever asks it may wait for the program, whose other threads
/// can keep a socket locked.
/// </summary>
internal sealed class TrappedSocket : IDisposable
{
    private readonly SafeFileDescriptor _socket;

    private TrappedSocket(SafeFileDescriptor socket, int family, int protocolNumber, Protocol protocol) =>
        (_socket, Family, ProtocolNumber, Protocol) = (socket, family, protocolNumber, protocol);

    internal SafeFileDescriptor Handle => _socket;

    /// <summary>AF_INET or AF_INET6; AF_UNIX where it was taken as such.</summary>
    internal int Family { get; }

    /// <summary>IPPROTO_TCP, IPPROTO_UDP or IPPROTO_MPTCP; of UNIX the type.</summary>
    internal int ProtocolNumber { get; }

    /// <summary>TCP (MPTCP too), UDP or UNIX.</summary>
    internal Protocol Protocol { get; }

    internal int Type => Protocol switch
    {
        Protocol.Unix => UnixType,
        Protocol.Tcp => SocketCall.TypeStream,
        _ => SocketCall.TypeDatagram,
    };

    internal IpEndpoint? Local => Name?.Endpoint;

    /// <summary>The same, and of a link-local address the interface's index.</summary>
    internal (IpEndpoint Endpoint, uint Scope)? Name =>
        InternetAddress.Local(_socket, out var local, out var scope) == Errno.None && local.Port != 0 ? (local, scope) : null;

    /// <summary>Its user: who made it, unless it was given to another (fchown(2)). Null where that is not told.</summary>
    internal uint? User => FileStatusCall.Fstat(_socket, out var status) == Errno.None ? status.UserId : null;

    /// <summary>Its inode; 0 where that is not told.</summary>
    internal ulong Inode => FileStatusCall.Fstat(_socket, out var status) == Errno.None ? status.Inode : 0;

    /// <summary>A number that no other socket gets as long as the system runs; 0 where it is not told.</summary>
    internal ulong Cookie => Read<ulong>(SocketOptionCall.LevelSocket, SocketOptionCall.Cookie);

    /// <summary>Its network namespace (SO_NETNS_COOKIE); 0 before Linux 5.14.</summary>
    internal ulong Network => Read<ulong>(SocketOptionCall.LevelSocket, SocketOptionCall.NetworkCookie);

    /// <summary>Binds another socket to the interface that this one is bound to; to none where this one is not.</summary>
    internal void CopyDeviceTo(SafeFileDescriptor other)
    {
        if (Read<int>(SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex) is not 0 and var device)
            _ = SocketOptionCall.Set(other, SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex, device);
    }

    /// <summary>
    /// It is of IPv6 and takes IPv4 as well: nothing says that it does not (IPV6_V6ONLY), which is final once it is bound.
    /// </summary>
    internal bool TakesIPv4 => Family == SocketCall.FamilyIPv6 && Has(SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) != true;

    internal bool SharesPort => Read<int>(SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort) != 0;
    internal bool IsListening => Read<int>(SocketOptionCall.LevelSocket, SocketOptionCall.AcceptsConnections) != 0;

    /// <param name="call">The call; its first argument is the descriptor.</param>
    /// <param name="errno">None also for other sockets of IP, EAFNOSUPPORT for those of other families, ENOTSOCK for what is no socket;
    /// EPERM without the right to trace the program.</param>
    /// <returns>Null where there is none: the call is the kernel's then.</returns>
    internal static TrappedSocket? Take(WaitingCall call, out Errno errno) => Take(call, Of, out errno);

    /// <summary>Takes the copy of a UNIX socket; null where it is none.</summary>
    internal static TrappedSocket? TakeUnix(WaitingCall call) => Take(call, OfUnix, out _);

    private static TrappedSocket? Take(WaitingCall call, Func<SafeFileDescriptor, TrappedSocket?> of, out Errno errno)
    {
        errno = Errno.EBADF;
        if (call.Descriptor < 0)
            return null;
        TrappedSocket? socket = null;
        try
        {
            using (call.By.Leave())
                errno = Copy(call, of, out socket);
        }
        catch (LostThreadException)
        {
            // Nobody else knows of the copy, which would keep the port taken.
            socket?.Dispose();
            throw;
        }
        // Only now it is certain whose number that was.
        if (!call.IsStanding)
        {
            socket?.Dispose();
            return null;
        }
        if (socket is not null)
            call.CloseBeforeAnswer(socket);
        return socket;
    }

    /// <summary>The same of a descriptor of this process, which it takes over; null where it is no socket of TCP or UDP.</summary>
    internal static TrappedSocket? Of(SafeFileDescriptor descriptor)
    {
        if (SocketOptionCall.Get(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.Domain, out int family) != Errno.None
            || family is not (SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6)
            || SocketOptionCall.Get(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.SocketType, out int kind) != Errno.None
            || SocketOptionCall.Get(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.Protocol, out int protocol) != Errno.None)
            return null;
        return (kind, protocol) switch
        {
            (SocketCall.TypeStream, SocketCall.ProtocolTcp or SocketOptionCall.MultipathProtocol) =>
                new TrappedSocket(descriptor, family, protocol, Protocol.Tcp),
            (SocketCall.TypeDatagram, SocketCall.ProtocolUdp) => new TrappedSocket(descriptor, family, protocol, Protocol.Udp),
            _ => null,
        };
    }

    /// <summary>The file at a path is this very socket's, as the kernel says, and whoever has the rights finds it there.</summary>
    internal bool IsAt(string path, ThreadRights rights) => IsAt(_socket, path, rights);

    internal static bool IsAt(SafeFileDescriptor socket, string path, ThreadRights rights) => rights.TryWork(() =>
    {
        using var file = SocketFileEntry.Of(socket, path);
        return file is null ? Errno.ENOENT : Errno.None;
    }) == Errno.None;

    /// <summary>The file that its bind() made, where it is still at a path; for a thread with the program's rights.</summary>
    internal SocketFileEntry? FileAt(string path) => SocketFileEntry.Of(_socket, path);

    internal byte UnixType => unchecked((byte)ProtocolNumber);
    internal bool CanListen => UnixType != SocketCall.TypeDatagram;

    /// <summary>A UNIX socket that has a name, a path or an abstract one: the kernel refuses it a second one (EINVAL).</summary>
    internal bool HasName =>
        SocketNameCall.Local(_socket, stackalloc byte[SocketAddress.MaximumUnixBytes], out var length) == Errno.None
            && length > sizeof(ushort);

    /// <summary>What a UNIX socket is bound to: a whole path, or an abstract name with its @. Null for none, and for other paths.</summary>
    internal string? UnixName
    {
        get
        {
            Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
            if (SocketNameCall.Local(_socket, room, out var length) != Errno.None || length <= sizeof(ushort))
                return null;
            ReadOnlySpan<byte> name = room[sizeof(ushort)..length];
            return name[0] == 0 ? AbstractName.Spell(name[1..])
                : name[0] == '/' && Utf8.IsValid(name) ? Encoding.UTF8.GetString(name.TrimEnd((byte)0)) : null;
        }
    }

    /// <summary>It is bound to an abstract name, spelled with its @.</summary>
    internal bool IsNamed(string name) => UnixName == name;

    /// <returns>ESRCH where the call no longer waits; null where no thread can take the rights on.</returns>
    internal Errno? BindInPlace(WaitingCall call, byte[] address, ThreadRights rights)
    {
        if (!call.TryConfirm(out var standing))
            return Errno.ESRCH;
        using (call.By.Leave())
            return Bind(standing, address, rights);
    }

    /// <returns>ESRCH where the call no longer waits; null where no thread can take the rights on.</returns>
    internal Errno? ListenInPlace(WaitingCall call, int backlog, ThreadRights rights)
    {
        if (!call.TryConfirm(out var standing))
            return Errno.ESRCH;
        using (call.By.Leave())
            return Listen(standing, backlog, rights);
    }

    internal bool SetReuseAddress(in StandingCall standing) =>
        SocketOptionCall.Get(_socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, out int value) == Errno.None
            && value == 0
        && SocketOptionCall.Set(_socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, 1) == Errno.None;

    internal Errno Keep(out SafeFileDescriptor copy) => DuplicateDescriptor.Copy(_socket, 0, out copy);

    /// <summary>One of its options; 0 where it has none such.</summary>
    internal T Read<T>(int level, int name)
        where T : unmanaged => SocketOptionCall.Get(_socket, level, name, out T value) == Errno.None ? value : default;

    /// <summary>Sets an option of another socket to this one's, where they differ.</summary>
    /// <param name="divisor">What is read is so many times what was set.</param>
    internal void CopyOption(SafeFileDescriptor to, int level, int name, int divisor = 1)
    {
        if (SocketOptionCall.Get(_socket, level, name, out int wanted) == Errno.None
            && SocketOptionCall.Get(to, level, name, out int value) == Errno.None && wanted != value)
            _ = SocketOptionCall.Set(to, level, name, wanted / divisor);
    }

    /// <summary>The same of an option that is no number but a structure or a text; one that both lack is left alone.</summary>
    internal void CopyWhole<T>(SafeFileDescriptor to, int level, int name)
        where T : unmanaged, IEquatable<T>
    {
        if (SocketOptionCall.Get(_socket, level, name, out T wanted) == Errno.None
            && SocketOptionCall.Get(to, level, name, out T value) == Errno.None && !wanted.Equals(value))
            _ = SocketOptionCall.Set(to, level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in wanted)));
    }

    /// <summary>
    /// Opens a socket of the same kind in the same network namespace, with the program's rights, so that it has no more than one that the
    /// program opens.
    /// </summary>
    /// <returns>Null where it would be in another namespace, or no thread can take the rights on.</returns>
    internal SafeFileDescriptor? OpenBeside(ThreadRights rights)
    {
        if (Network is not (not 0 and var network))
            return null;
        if (OpenIn(null, network, rights) is { } beside)
            return beside;
        _ = SocketNetworkCall.Open(_socket, out var there);
        using (there)
            return there.IsInvalid ? null : OpenIn(there, network, rights);
    }

    internal ProgramOptions ReadOptions() => Protocol == Protocol.Unix ? new() { UnixType = UnixType } : new()
    {
        ReuseAddress = Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress),
        ReusePort = Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort),
        V6Only = Family == SocketCall.FamilyIPv6 ? Has(SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) : null,
        Device = SocketDevice.Of(_socket),
        Freebind = Has(SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind) ?? false,
    };

    /// <summary>An option that is on or off; null where it has none such.</summary>
    internal bool? Has(int level, int name) => SocketOptionCall.Get(_socket, level, name, out int value) == Errno.None ? value != 0 : null;

    public void Dispose() => _socket.Dispose();

    private Errno? Bind(in StandingCall _, byte[] address, ThreadRights rights) => rights.TryWork(() => BindCall.Bind(_socket, address));

    private Errno? Listen(in StandingCall _, int backlog, ThreadRights rights) => rights.TryWork(() => ListenCall.Listen(_socket, backlog));

    private SafeFileDescriptor? OpenIn(SafeFileDescriptor? there, ulong network, ThreadRights rights)
    {
        SafeFileDescriptor? beside = null;
        _ = rights.TryWork(() => SocketCall.Open(Family, Type, Protocol == Protocol.Unix ? 0 : ProtocolNumber, out beside), there);
        // Whatever led there, this is what counts.
        if (beside is { IsInvalid: false } && SocketOptionCall.Get(beside, SocketOptionCall.LevelSocket, SocketOptionCall.NetworkCookie,
            out ulong other) == Errno.None && other == network)
            return beside;
        beside?.Dispose();
        return null;
    }

    /// <summary>The same for a UNIX socket; null where it is none.</summary>
    internal static TrappedSocket? OfUnix(SafeFileDescriptor descriptor) =>
        SocketOptionCall.Get(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.Domain, out int family) == Errno.None
            && family == SocketCall.FamilyUnix
        && SocketOptionCall.Get(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.SocketType, out int type) == Errno.None
            ? new TrappedSocket(descriptor, family, type, Protocol.Unix) : null;

    private static Errno Copy(WaitingCall call, Func<SafeFileDescriptor, TrappedSocket?> of, out TrappedSocket? socket)
    {
        socket = null;
        var errno = OpenThread(call.Thread, out var process);
        using (process)
        {
            if (errno != Errno.None)
                return errno;
            errno = PidFdGetFd.Copy(process, call.Descriptor, out var copy);
            if (errno != Errno.None || (socket = of(copy)) is not null)
                return errno;
            using (copy)
            {
                errno = SocketOptionCall.Get(copy, SocketOptionCall.LevelSocket, SocketOptionCall.Domain, out int family);
                return errno == Errno.ENOTSOCK ? errno
                    : errno == Errno.None && family is SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6 ? Errno.None : Errno.EAFNOSUPPORT;
            }
        }
    }

    // Before Linux 6.9 a handle is on a whole process, whose first thread's descriptors it copies: no use where this thread has others.
    internal static Errno OpenThread(int thread, out SafeFileDescriptor process)
    {
        process = new SafeFileDescriptor(-1);
        // One of another PID namespace, which has no number here.
        if (thread <= 0)
            return Errno.ESRCH;
        var errno = PidFdGetFd.OpenProcess(thread, PidFdGetFd.Thread, out process);
        if (errno != Errno.EINVAL)
            return errno;
        var leader = ThreadFile.Leader(thread);
        return leader is 0 || (leader != thread && KCmp.SameDescriptorTable(leader, thread) != true)
            ? Errno.ESRCH
            : PidFdGetFd.OpenProcess(leader, 0, out process);
    }
}

/// <summary>
/// Asks the kernel what it will say to a bind() or listen() that it is going to do itself a moment later: by a bind() of another socket,
/// with the same options, in the same network namespace, with the program's rights, that is closed at once. So a failure is explained
/// before the program sees it, and nothing is done in the program's place. Whoever the trial is in the way of, the call itself is in the
/// way of in the next microseconds.
/// </summary>
internal static class BindForecast
{
    // What decides of a conflict, and of which addresses may be bound; 0 in a new socket.
    private static readonly (int Level, int Name)[] Options =
    [
        (SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress),
        (SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex),
        (SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind),
        (SocketOptionCall.LevelIPv4, SocketOptionCall.Transparent),
    ];

    /// <summary>Whether it can be asked about a socket: not where the trial would take datagrams from those with which it shares.</summary>
    internal static bool IsForeseeable(TrappedSocket socket) => socket.Protocol != Protocol.Udp
        || (!socket.SharesPort && socket.Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress) == false);

    /// <returns>What the kernel is going to say; null where that is not known.</returns>
    internal static Errno? OfBind(WaitingCall call, TrappedSocket socket, SupervisedAddress address, ProgramRights rights) =>
        Of(call, socket, address.Asked, address.Bytes, rights);

    /// <summary>The same about listen() of a socket that is bound: another socket in its place would meet the same ones.</summary>
    internal static Errno? OfListen(WaitingCall call, TrappedSocket socket, IpEndpoint local, ProgramRights rights)
    {
        // Its own socket would be in the way of the trial, unless both share; one that listens already only gets another backlog.
        var isReported = call.Inspect(() => !socket.IsListening
            && (socket.SharesPort || socket.Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress) == true));
        Span<byte> room = stackalloc byte[SocketAddressIPv6.SizeBytes];
        return isReported ? Of(call, socket, local, InternetAddress.Write(room, local, 0).ToArray(), rights) : null;
    }

    private static Errno? Of(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, byte[] address, ProgramRights rights)
    {
        if (endpoint.Port == 0)
            return null;
        var sharesPort = call.Inspect(() => socket.SharesPort);
        // Whose rights a trial has matters for low ports, and for those that sockets of one user share.
        var areNeeded = endpoint.Port < ProgramRights.FirstUnprivilegedPort || sharesPort;
        if ((areNeeded ? rights.Of(call) ?? rights.OfAnotherNamespace(call) : ThreadRights.Own) is not { } own)
            return null;
        return call.Inspect(() => Ask(socket, sharesPort, address, own));
    }

    /// <param name="address">Where it is to be bound, or is bound and is to listen.</param>
    /// <returns>What the kernel said; null where it cannot be asked.</returns>
    internal static Errno? Ask(TrappedSocket socket, bool sharesPort, byte[] address, ThreadRights rights)
    {
        if (!IsForeseeable(socket))
            return null;
        using var trial = socket.OpenBeside(rights);
        // A port is shared by sockets of one user.
        if (trial is null || (sharesPort && (FileStatusCall.Fstat(trial, out var status) != Errno.None || status.UserId != socket.User)))
            return null;
        foreach (var (level, name) in Options)
        {
            if (socket.Read<int>(level, name) is not 0 and var value)
                _ = SocketOptionCall.Set(trial, level, name, value);
        }
        if (sharesPort)
            _ = SocketOptionCall.Set(trial, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort, 1);
        if (socket.Family == SocketCall.FamilyIPv6)
            socket.CopyOption(trial, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only);
        return rights.TryWork(() => BindCall.Bind(trial, address));
    }
}
