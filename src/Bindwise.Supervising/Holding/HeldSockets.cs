using System.Runtime.Versioning;
using Bindwise.Linux.Native;

namespace Bindwise.Supervising.Holding;

/// <summary>The sockets that outlive a program's starts.</summary>
/// <param name="manager">The service manager, which keeps them beyond this process; null for none.</param>
[SupportedOSPlatform("linux")]
internal sealed class HeldSockets(ServiceNotification? manager) : IDisposable
{
    /// <summary>More are left to the program.</summary>
    internal const int Most = 256;

    // Of one that came from elsewhere; net.core.somaxconn limits it.
    private const int DefaultBacklog = 4096;

    private readonly List<HeldSocket> _held = [];
    private readonly ListenWatch _watch = new();

    /// <summary>Every one.</summary>
    internal IReadOnlyList<HeldSocket> All => _held;

    /// <summary>What can be waited for: it is readable when one that listened listens no longer. Null where there is none.</summary>
    internal int? Number => _watch.Number;

    /// <summary>The program ends its listening by connect() with AF_UNSPEC, or may do so: its next start's are handed over.</summary>
    internal bool AreDisconnected { get; set; }

    /// <summary>The one that can take the place of another.</summary>
    internal HeldSocket? Find(SocketKey key) => _held.Find(one => one.Key == key);

    /// <summary>The one that a copy of it belongs to.</summary>
    internal HeldSocket? Find(TrappedSocket socket)
    {
        var cookie = SocketKey.CookieOf(socket.Copy);
        return cookie == 0 ? null : _held.Find(one => one.Cookie == cookie);
    }

    /// <summary>Keeps one.</summary>
    /// <param name="socket">A copy of it, of which another is made.</param>
    /// <param name="key">What has to match later.</param>
    /// <param name="name">What it is called; null: by its protocol and address.</param>
    /// <returns>Null where there is no room, or no descriptor to be had.</returns>
    internal HeldSocket? Add(TrappedSocket socket, SocketKey key, string? name = null)
    {
        if (_held.Count >= Most)
            return null;
        if (DuplicateDescriptor.Copy(socket.Copy, 0, out var copy) != Errno.None)
        {
            copy.Dispose();
            return null;
        }
        var held = new HeldSocket(copy, key, socket.Protocol, name ?? NameOf(socket.Protocol, key.Endpoint));
        _held.Add(held);
        if (held.IsListening)
            Listens(held, DefaultBacklog);
        // What came from there by a name of its own is there already.
        if (name is null)
            manager?.Store(held);
        return held;
    }

    /// <summary>One listens from now on.</summary>
    internal void Listens(HeldSocket held, int backlog)
    {
        if (held.Backlog is null)
            _watch.Add(held.Copy);
        held.Backlog = backlog;
    }

    /// <summary>Lets those listen again that no longer do; the ports are still theirs. Who waited in them was reset.</summary>
    /// <param name="tell">Says so once for each.</param>
    internal void Revive(Action<string> tell)
    {
        foreach (var held in _held.FindAll(static one => one is { Backlog: not null, IsListening: false }))
        {
            AreDisconnected = true;
            var errno = ListenCall.Listen(held.Copy, held.Backlog!.Value);
            if (errno != Errno.None)
            {
                tell($"{held.Key.Endpoint} no longer listens, and cannot listen again ({errno}): it is not kept");
                Drop(held);
            }
            else if (!held.WasRevived)
            {
                held.WasRevived = true;
                tell($"{held.Key.Endpoint} was taken out of listening, as by connect() with AF_UNSPEC: it listens again, and connections that waited in it were reset");
            }
        }
    }

    /// <summary>Every one is taken by a start.</summary>
    internal bool AllTakenBy(ProgramStart start) => _held.TrueForAll(one => one.IsTakenBy(start));

    /// <summary>A start has ended, with all its processes.</summary>
    internal void Forget(ProgramStart start) => _held.ForEach(one => one.Forget(start));

    /// <summary>Closes those that no start has taken and that a rule picks.</summary>
    /// <returns>Whether there were any.</returns>
    internal bool Release(Predicate<HeldSocket> rule)
    {
        var gone = _held.FindAll(one => !one.IsTaken && rule(one));
        gone.ForEach(Drop);
        return gone.Count > 0;
    }

    /// <summary>Closes one.</summary>
    internal void Drop(HeldSocket held)
    {
        _held.Remove(held);
        if (held.Backlog is not null)
            _watch.Remove(held.Copy);
        manager?.Remove(held);
        held.Dispose();
    }

    private static string NameOf(Protocol protocol, IpEndpoint endpoint) =>
        $"bindwise-{(protocol == Protocol.Tcp ? "tcp" : "udp")}-{endpoint.ToString().Replace(':', '_').Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal)}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _held.ForEach(static one => one.Dispose());
        _held.Clear();
    }
}

/// <summary>Gives a kept socket what the program set on the one in whose place it comes: those options that act on it or that connections inherit from it.</summary>
[SupportedOSPlatform("linux")]
internal static class SocketOptionsCopy
{
    private const int LevelTcp = 6;
    private const int SendBuffer = 7;
    private const int ReceiveBuffer = 8;

    // By asm-generic/socket.h, linux/tcp.h and linux/in.h.
    private static readonly (int Level, int Name)[] Numbers =
    [
        (SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress),
        (SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort),
        // SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY, SO_RCVLOWAT, SO_MARK, SO_BUSY_POLL, SO_INCOMING_CPU.
        (SocketOptionCall.LevelSocket, 9), (SocketOptionCall.LevelSocket, 10), (SocketOptionCall.LevelSocket, 12), (SocketOptionCall.LevelSocket, 18),
        (SocketOptionCall.LevelSocket, 36), (SocketOptionCall.LevelSocket, 46), (SocketOptionCall.LevelSocket, 49),
        // IP_TOS.
        (SocketOptionCall.LevelIPv4, 1),
        (SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind), (SocketOptionCall.LevelIPv4, SocketOptionCall.Transparent),
    ];

    // TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP, TCP_USER_TIMEOUT, TCP_FASTOPEN, TCP_NOTSENT_LOWAT.
    private static readonly int[] TcpNumbers = [1, 4, 5, 6, 9, 10, 18, 23, 25];

    /// <summary>Copies what differs; what may not be set stays as it is.</summary>
    internal static void Copy(TrappedSocket from, SafeFileDescriptor to)
    {
        foreach (var (level, name) in Numbers)
            Copy(from.Copy, to, level, name, static value => value);
        foreach (var name in from.Protocol == Protocol.Tcp ? TcpNumbers : [])
            Copy(from.Copy, to, LevelTcp, name, static value => value);
        // What is read is twice what was set (socket(7)).
        Copy(from.Copy, to, SocketOptionCall.LevelSocket, ReceiveBuffer, static value => value / 2);
        Copy(from.Copy, to, SocketOptionCall.LevelSocket, SendBuffer, static value => value / 2);
        if (SocketOptionCall.Get(from.Copy, SocketOptionCall.LevelSocket, SocketOptionCall.Linger, out ulong linger) == Errno.None
            && SocketOptionCall.Get(to, SocketOptionCall.LevelSocket, SocketOptionCall.Linger, out ulong old) == Errno.None && linger != old)
            _ = SocketOptionCall.Set(to, SocketOptionCall.LevelSocket, SocketOptionCall.Linger, BitConverter.GetBytes(linger));
    }

    private static void Copy(SafeFileDescriptor from, SafeFileDescriptor to, int level, int name, Func<int, int> set)
    {
        if (SocketOptionCall.Get(from, level, name, out int wanted) == Errno.None && SocketOptionCall.Get(to, level, name, out int value) == Errno.None && wanted != value)
            _ = SocketOptionCall.Set(to, level, name, set(wanted));
    }
}
