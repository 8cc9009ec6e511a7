using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.UnixPaths;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux;

/// <summary>
/// Looks whether one socket is still there, by the narrowest question that the kernel answers: microseconds for a listener or a
/// connection, and never a bind(). Sees the network namespace of the thread that opened it. Not thread-safe.
/// </summary>
internal sealed class SocketWatch(SockDiagClient table) : IDisposable
{
    /// <summary>Opens a watch; null where the socket table cannot be read.</summary>
    public static SocketWatch? TryOpen()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        return SockDiagClient.TryOpen() is { } table ? new SocketWatch(table) : null;
    }

    /// <summary>Whether a look at it costs microseconds: not where the whole table has to be walked (bound-only TCP, UDP, UNIX).</summary>
    public static bool IsCheap(HeldSocket socket) =>
        socket.Protocol == Protocol.Tcp && (socket.State == TcpSocketState.Listen || socket.Remote.Port != 0);

    /// <summary>
    /// Whether the socket is there in the state that it had; null when it cannot be told: a UNIX socket, whose file may go before it.
    /// </summary>
    public bool? IsThere(HeldSocket socket)
    {
        if (socket.Protocol == Protocol.Unix || socket.Cookie == 0)
            return null;
        if (socket.Protocol == Protocol.Tcp && socket.Remote.Port != 0)
            return table.ReadConnection(socket) is { } found && found.Cookie == socket.Cookie && found.State == socket.State;
        var sockets = new List<HeldSocket>();
        var outcome = socket.Protocol == Protocol.Udp ? table.ReadUdp(socket.Local.Port, sockets)
            : socket.State == TcpSocketState.Listen ? table.ReadListeners(socket.Local.Port, sockets)
            : table.ReadAllStates(socket.Local.Port, sockets, out _, out _);
        return outcome.IsComplete ? sockets.Exists(one => one.Cookie == socket.Cookie && one.State == socket.State) : null;
    }

    /// <summary>
    /// The sockets of a port or a UNIX name that take connections or, without any, datagrams from anybody:
    /// listeners, and unconnected UDP and UNIX datagram sockets.
    /// </summary>
    /// <param name="protocol">TCP, UDP or UNIX.</param>
    /// <param name="port">The local port; without meaning for UNIX.</param>
    /// <param name="path">The UNIX path, or <c>@name</c>; null for TCP and UDP.</param>
    /// <returns>Null when the table cannot be read, or the path not be seen (<see cref="IsHidden"/>).</returns>
    public IReadOnlyList<HeldSocket>? FindOpen(Protocol protocol, ushort port, string? path)
    {
        var sockets = new List<HeldSocket>();
        var isRead = protocol switch
        {
            Protocol.Tcp => table.ReadListeners(port, sockets).IsComplete,
            Protocol.Udp => table.ReadUdp(port, sockets).IsComplete,
            _ => TryReadUnix(path ?? "", sockets),
        };
        sockets.RemoveAll(static one => one.Protocol switch
        {
            Protocol.Tcp => one.State != TcpSocketState.Listen,
            Protocol.Udp => one.Remote.Port != 0,
            _ => one.State != TcpSocketState.Listen && one.SocketType != HeldSocket.UnixDatagram,
        });
        return isRead ? sockets : null;
    }

    /// <summary>
    /// Whether a TCP connection to an address of this host would find a listener, by one exact question of a few microseconds: 0.0.0.0 and
    /// [::] stand for loopback here. Null where the kernel does not tell.
    /// </summary>
    public bool? HasListener(IpAddress address, ushort port) => table.HasListener(new IpEndpoint(
        !address.IsAny ? address : address.Family == IpFamily.IPv4 ? IpAddress.LoopbackIPv4 : IpAddress.LoopbackIPv6, port));

    /// <summary>The inode of what stands at a UNIX path; null for nothing, and for an abstract name.</summary>
    public static ulong? FileAt(string path) =>
        OperatingSystem.IsLinux() && path is not ['@', ..]
            && BoundedRun.Run(_ => UnixPathReader.Read(path, out var _), CancellationToken.None) is { Exists: true } record
            ? record.FileInode : null;

    /// <summary>A path that this user cannot see, since a folder on the way to it may not be entered.</summary>
    public static bool IsHidden(string path) =>
        BoundedRun.Run(_ => UnixPathReader.ReadReached(path, out var _, out var _), CancellationToken.None).IsHidden;

    public void Dispose() => table.Dispose();

    // A file without its socket is left over, and a socket without its file is reached by nobody.
    private bool TryReadUnix(string path, List<HeldSocket> sockets)
    {
        if (path is ['@', ..])
            return table.ReadUnix([0, .. AbstractName.Read(path)], default, sockets).IsComplete;
        var (record, file, name) = BoundedRun.Run(
            _ => (UnixPathReader.ReadReached(path, out var reached, out var bound), reached, bound), CancellationToken.None);
        if (record.IsHidden)
            return false;
        var isRead = table.ReadUnix(name, file, sockets).IsComplete;
        sockets.RemoveAll(one => !record.IsSocket || one.FileInode != unchecked((uint)record.FileInode));
        if (isRead && sockets.Count == 0 && record.IsSocket && OfAnotherNetwork(path) is { } server)
            sockets.Add(server);
        return isRead;
    }

    // A path leads to servers of every network namespace, and the tables show those of one. What it lacks is told by no table: connect()
    // tells whether a stream server is bound, and a moment later it listens.
    private static HeldSocket? OfAnotherNetwork(string path) =>
        BoundedRun.Run(_ => UnixServer.Ask(path), CancellationToken.None) switch
        {
            Errno.EPROTOTYPE => new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = path },
            Errno.None or Errno.EAGAIN => new HeldSocket
            {
                Protocol = Protocol.Unix,
                State = TcpSocketState.Close,
                SocketType = HeldSocket.UnixDatagram,
                Path = path,
            },
            _ => null,
        };
}

/// <summary>
/// Tells at once when a socket is gone: of TCP and UDP by the kernel's own message (SKNLGRP_INET_TCP_DESTROY and its like,
/// linux/sock_diag.h), which every user may receive; of others by the end of a process (pidfd_open(2)). A TIME_WAIT ends without a message,
/// and a new socket comes without one. Sees the network namespace of the thread that opened it. Not thread-safe.
/// </summary>
internal sealed class SocketEnds(SafeFileDescriptor messages) : IDisposable
{
    /// <summary>The most ports that are told apart; of more, every port's sockets are told.</summary>
    private const int MostPorts = 64;

    private const int MostProcesses = PollCall.MostAtOnce - 1;
    private const int MostMessages = 4096;

    // SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY, and the same of IPv6 (linux/sock_diag.h).
    private const int FirstGroup = 1;
    private const int LastGroup = 4;
    private const int NetlinkLevel = 270;
    private const int AddMembership = 1;

    // In the message: struct nlmsghdr, then struct inet_diag_msg with the ports in network order.
    private const uint LocalPortOffset = 16 + 4;
    private const uint RemotePortOffset = 16 + 6;

    private readonly byte[] _buffer = new byte[64];
    private readonly Dictionary<int, SafeFileDescriptor> _processes = [];

    /// <param name="ports">The local ports; of a connection on them nothing is told, only of what has no remote end.</param>
    /// <returns>Null where the kernel has no such messages.</returns>
    public static SocketEnds? TryOpen(IReadOnlyCollection<ushort> ports)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        return Open(messages => SocketFilterCall.Attach(messages, Filter(ports))) is { } messages ? new SocketEnds(messages) : null;
    }

    /// <summary>A socket that receives the kernel's messages.</summary>
    /// <param name="prepare">Is done before the first message can come: else there would be some that no filter saw.</param>
    /// <returns>Null where the kernel has no such messages.</returns>
    internal static SafeFileDescriptor? Open(Func<SafeFileDescriptor, Errno> prepare)
    {
        var errno = SocketCall.Open(SocketCall.FamilyNetlink, SocketCall.TypeRaw | SocketCall.NonBlocking, NetlinkSocket.SockDiag,
            out var messages);
        if (errno == Errno.None)
            errno = prepare(messages);
        var any = new NetlinkAddress { Family = SocketCall.FamilyNetlink };
        // Without a name of its own it would count as the sender, who gets none of them (do_one_broadcast(), net/netlink/af_netlink.c).
        if (errno == Errno.None)
            errno = BindCall.Bind(messages, MemoryMarshal.AsBytes(new ReadOnlySpan<NetlinkAddress>(in any)));
        for (var group = FirstGroup; group <= LastGroup && errno == Errno.None; group++)
            errno = SocketOptionCall.Set(messages, NetlinkLevel, AddMembership, group);
        if (errno == Errno.None)
            return messages;
        messages.Dispose();
        return null;
    }

    /// <summary>From now on the end of these processes is told too, and that of no other.</summary>
    /// <param name="processes">Their ids; the first 63 count, and those that have ended do not.</param>
    public void Watch(IEnumerable<int> processes)
    {
        var wanted = processes.Distinct().Take(MostProcesses).ToHashSet();
        foreach (var (id, handle) in _processes.Where(one => !wanted.Contains(one.Key)).ToList())
        {
            handle.Dispose();
            _processes.Remove(id);
        }
        foreach (var id in wanted.Where(id => !_processes.ContainsKey(id)))
        {
            if (PidFdGetFd.OpenProcess(id, 0, out var handle) == Errno.None)
                _processes.Add(id, handle);
            else
                handle.Dispose();
        }
    }

    /// <param name="time">How long at most; less than a second.</param>
    public bool Wait(TimeSpan time)
    {
        Span<int> descriptors = stackalloc int[1 + _processes.Count];
        Span<int> ids = stackalloc int[1 + _processes.Count];
        descriptors[0] = messages.Number;
        var count = 1;
        foreach (var (id, handle) in _processes)
        {
            ids[count] = id;
            descriptors[count++] = handle.Number;
        }
        if (!PollCall.WaitUntilAnyReadable(descriptors, time, out var happened))
            return false;
        if ((happened & 1) != 0)
            Drain();
        for (var index = 1; index < count; index++)
        {
            // Told once: it stays readable.
            if ((happened >> index & 1) != 0 && _processes.Remove(ids[index], out var ended))
                ended.Dispose();
        }
        return true;
    }

    public void Dispose()
    {
        messages.Dispose();
        foreach (var handle in _processes.Values)
            handle.Dispose();
        _processes.Clear();
    }

    // What they say is asked of the table anyway; ENOBUFS says that there were too many, which is no less of a reason to look.
    private void Drain()
    {
        for (var message = 0; message < MostMessages; message++)
        {
            if (NetlinkCall.Receive(messages, _buffer, out _, out _) == Errno.EAGAIN)
                return;
        }
    }

    private static ulong[] Filter(IReadOnlyCollection<ushort> ports)
    {
        var known = ports.Distinct().ToArray();
        if (known.Length > MostPorts)
            known = [];
        var isAnyPort = known.Length == 0;
        var program = new List<ulong>
        {
            SocketFilterCall.Encode(SocketFilterCall.LoadHalf, RemotePortOffset),
            SocketFilterCall.Encode(SocketFilterCall.JumpIfEqual, 0, ifTrue: (byte)(isAnyPort ? 1 : 0),
                ifFalse: (byte)(isAnyPort ? 0 : known.Length + 1)),
        };
        if (!isAnyPort)
            program.Add(SocketFilterCall.Encode(SocketFilterCall.LoadHalf, LocalPortOffset));
        for (var index = 0; index < known.Length; index++)
            program.Add(SocketFilterCall.Encode(SocketFilterCall.JumpIfEqual, known[index], ifTrue: (byte)(known.Length - index)));
        // What matched no port falls through to the first of the two, which drops it.
        program.Add(SocketFilterCall.Encode(SocketFilterCall.Return, 0));
        program.Add(SocketFilterCall.Encode(SocketFilterCall.Return, uint.MaxValue));
        return [.. program];
    }
}
