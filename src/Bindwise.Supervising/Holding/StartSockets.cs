using System.Globalization;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// What one start of a program has of the kept sockets. A TCP socket is kept once it listens: one that is bound and never listens may be a client's.
/// A port that the kernel chose is another one the next time, and is not kept, nor are UDP sockets that share their port.
/// </summary>
/// <param name="sockets">The kept ones.</param>
/// <param name="start">The start.</param>
[SupportedOSPlatform("linux")]
internal sealed class StartSockets(HeldSockets sockets, ProgramStart start) : ISocketKeeper
{
    private const int MostBound = 4096;

    // Those that were bound to a port of the program's choice, by their cookies, and in what order.
    private readonly Dictionary<ulong, SocketKey> _bound = [];
    private readonly Queue<ulong> _order = [];

    /// <inheritdoc/>
    public bool TryGive(SafeFileDescriptor listener, in SystemCallNotice call, TrappedSocket socket, IpEndpoint endpoint, uint scope)
    {
        if (socket.Local is not null || sockets.Find(SocketKey.Of(socket, endpoint, scope)) is not { } held)
            return false;
        // What it has already it does not get twice, as it would not without a supervisor; workers that share a port have one queue.
        var isShared = socket.Protocol == Protocol.Tcp && held.SharesPort && SocketKey.SharesPort(socket.Copy);
        if (!isShared && held.IsTakenBy(start) && held.IsOpenIn(start))
            return false;
        return Give(listener, call, socket, held);
    }

    /// <inheritdoc/>
    public bool MakeRoom(TrappedSocket socket, IpEndpoint endpoint)
    {
        var network = SocketKey.Of(socket, endpoint, 0).Network;
        return sockets.Release(one => one.Protocol == socket.Protocol && one.Key.Endpoint.Port == endpoint.Port && one.Key.Network == network);
    }

    /// <inheritdoc/>
    public void Bound(in SystemCallNotice call, TrappedSocket socket, IpEndpoint endpoint, uint scope)
    {
        if (endpoint.Port == 0)
            return;
        var key = SocketKey.Of(socket, endpoint, scope);
        if (socket.Protocol == Protocol.Tcp)
        {
            var cookie = SocketKey.CookieOf(socket.Copy);
            if (_bound.TryAdd(cookie, key))
                _order.Enqueue(cookie);
            while (_order.Count > MostBound)
                _bound.Remove(_order.Dequeue());
        }
        else if (!SocketKey.SharesPort(socket.Copy) && socket.ReadOptions().ReuseAddress != true)
        {
            Keep(call, socket, key);
            start.Listens();
        }
    }

    /// <inheritdoc/>
    public Errno Listen(SafeFileDescriptor listener, in SystemCallNotice call, TrappedSocket socket, int backlog)
    {
        var key = default(SocketKey);
        var isKept = sockets.Find(socket) is not null;
        var isBound = !isKept && _bound.TryGetValue(SocketKey.CookieOf(socket.Copy), out key);
        // Of workers that share a port the first that listens is kept. One that was bound before that, and has no connections yet, gets it as well.
        if (isBound && SocketKey.SharesPort(socket.Copy) && sockets.Find(key) is { SharesPort: true } held && Give(listener, call, socket, held))
        {
            var shared = Listened(ListenCall.Listen(held.Copy, backlog));
            if (shared == Errno.None)
                sockets.Listens(held, backlog);
            return shared;
        }
        var errno = Listened(socket.Listen(backlog));
        if (errno == Errno.None && isBound && sockets.Find(key) is null)
            Keep(call, socket, key);
        if (errno == Errno.None && sockets.Find(socket) is { } kept)
            sockets.Listens(kept, backlog);
        if (errno == Errno.None && !sockets.AreDisconnected)
            sockets.AreDisconnected = DisconnectingProgram.HasThreadsOf(ThreadFile.Leader(Thread(call)));
        return errno;
    }

    /// <inheritdoc/>
    public bool Shutdown(SafeFileDescriptor listener, in SystemCallNotice call)
    {
        using var socket = TrappedSocket.Take(listener, call, out _);
        if (socket is null || sockets.Find(socket) is not { } held)
            return false;
        if (held.Protocol != Protocol.Tcp)
        {
            // For good, as a socket of UDP stays shut.
            sockets.Drop(held);
            return false;
        }
        return ListenerShutdown.Play(listener, call, socket, IsClosedOnExec(call));
    }

    /// <inheritdoc/>
    public bool Disconnect(SafeFileDescriptor listener, in SystemCallNotice call)
    {
        // The family comes first in every address: whoever connects pays for two bytes.
        Span<byte> family = stackalloc byte[sizeof(ushort)];
        if (ForeignMemory.Read(Thread(call), call.Argument1, family) != Errno.None || family.ContainsAnyExcept((byte)SocketCall.FamilyUnspecified))
            return false;
        using var socket = TrappedSocket.Take(listener, call, out _);
        return socket is { Protocol: Protocol.Tcp } && sockets.Find(socket) is not null && ListenerShutdown.Play(listener, call, socket, IsClosedOnExec(call));
    }

    private Errno Listened(Errno errno)
    {
        if (errno == Errno.None)
            start.Listens();
        return errno;
    }

    private void Keep(in SystemCallNotice call, TrappedSocket socket, SocketKey key) => sockets.Add(socket, key)?.Take(start, ThreadFile.Leader(Thread(call)), Descriptor(call));

    private bool Give(SafeFileDescriptor listener, in SystemCallNotice call, TrappedSocket socket, HeldSocket held)
    {
        var (thread, descriptor) = (Thread(call), Descriptor(call));
        var info = Info(thread, descriptor);
        if (DescriptorInfo.Flags(info) is not { } flags)
            return false;
        SocketOptionsCopy.Copy(socket, held.Copy);
        if (FileFlagsCall.SetNonBlocking(held.Copy, (flags & FileFlagsCall.NonBlocking) != 0) != Errno.None)
            return false;
        // What the last start connected it to is not this one's peer.
        if (held.Protocol == Protocol.Udp)
            _ = ConnectCall.Disconnect(held.Copy);
        var registrations = EpollRegistration.Of(thread, descriptor);
        if (SeccompListener.SetDescriptor(listener, call.Id, held.Copy, descriptor, DescriptorInfo.CloseOnExec(info) == true) != Errno.None)
            return false;
        foreach (var one in registrations)
            _ = one.Renew(thread, descriptor, held.Copy);
        held.Take(start, ThreadFile.Leader(thread), descriptor);
        if (held.Protocol == Protocol.Udp)
            start.Listens();
        return true;
    }

    private static bool IsClosedOnExec(in SystemCallNotice call) => DescriptorInfo.CloseOnExec(Info(Thread(call), Descriptor(call))) == true;

    private static ReadOnlySpan<byte> Info(int thread, int descriptor) =>
        ThreadFile.Read(thread, System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"fdinfo/{descriptor}")));

    private static int Thread(in SystemCallNotice call) => unchecked((int)call.Thread);

    private static int Descriptor(in SystemCallNotice call) => unchecked((int)call.Argument0);
}
