using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>What to look at while an answer is followed, so that most looks cost next to nothing.</summary>
internal static class FollowPlan
{
    /// <summary>
    /// The socket without whose end the answer stays as it is: of sockets that all go by their own timer the last to go, else the one that
    /// decides. Null when no socket is in the way: then only the whole question asked again tells.
    /// </summary>
    public static HeldSocket? SocketToWatch(Diagnosis diagnosis)
    {
        if (diagnosis.Blockers.IsEmpty || diagnosis.Cause == Cause.PrivilegedPort)
            return null;
        return diagnosis.FreeAt is null
            ? diagnosis.Blockers[0].Socket
            : diagnosis.Blockers.MaxBy(static blocker => blocker.Socket.MillisecondsLeft ?? 0)!.Socket;
    }

    /// <summary>
    /// Whether an answer says something else than the one before it: another verdict or cause, or other sockets that decide.
    /// </summary>
    public static bool IsChange(Diagnosis before, Diagnosis after) =>
        (before.Verdict, before.Errno, before.Cause) != (after.Verdict, after.Errno, after.Cause)
            || !IsSame(SocketToWatch(before), SocketToWatch(after));

    private static bool IsSame(HeldSocket? one, HeldSocket? other) => one is null || other is null
        ? one is null && other is null
        : (one.Cookie, one.Inode, one.State) == (other.Cookie, other.Inode, other.State);
}

/// <summary>Whether a socket serves an address: what is waited for where somebody shall listen, or nobody any more.</summary>
internal static class ListenerPlan
{
    /// <summary>
    /// Whether what comes in for the address goes to the socket. 0.0.0.0 stands for any IPv4 address of this host, [::] for any IPv6
    /// address. A dual-stack [::] socket serves IPv4 too; where it is not known whether it is one, it counts. What comes to a loopback
    /// address comes by lo. A socket that is bound to another interface than that by which something comes, or to another VRF, does not
    /// get it (compute_score(), net/ipv4/inet_hashtables.c; inet_sk_bound_dev_eq(), include/net/inet_sock.h).
    /// </summary>
    /// <param name="socket">A listener, or an unconnected UDP socket.</param>
    /// <param name="address">Where it comes to.</param>
    /// <param name="device">The interface by which it comes, where that is asked about; 0 for any.</param>
    /// <param name="vrf">The VRF of that interface; 0 for none.</param>
    public static bool Serves(HeldSocket socket, IpAddress address, uint device = 0, uint vrf = 0)
    {
        var local = socket.Local.Address;
        if (address.IsLoopback && device == 0)
            device = AddressRules.LoopbackIndex;
        if (device != 0 && socket.DeviceIndex != 0 && socket.DeviceIndex != device && socket.DeviceIndex != vrf)
            return false;
        if (address.AsIPv4 is { } ipv4)
        {
            return local.AsIPv4 is { } held ? ipv4.IsAny || held.IsAny || held == ipv4
                : local.IsAny && socket.V6Only != Fact.Yes;
        }
        return local.AsIPv4 is null && (address.IsAny || local.IsAny || local == address);
    }

    /// <summary>
    /// Whether it takes another connection now: its queue of connections that nobody has accepted is not full (sk_acceptq_is_full(),
    /// include/net/sock.h; unix_recvq_full(), net/unix/af_unix.c).
    /// </summary>
    public static bool Accepts(HeldSocket socket) =>
        socket.State != TcpSocketState.Listen || socket.ReceiveQueue <= socket.SendQueue;

    /// <summary>
    /// Which of a port's listening sockets take no connection, and what fills the queue, which holds one more than listen()'s backlog:
    /// <c>accepts no connections: 2 wait, as many as a backlog of 1 allows</c>. Null while all take connections.
    /// </summary>
    internal static string? FullQueue(IEnumerable<HeldSocket> sockets)
    {
        HeldSocket[] listening = [.. sockets.Where(static socket => socket.State == TcpSocketState.Listen)];
        if (Array.Find(listening, static socket => !Accepts(socket)) is not { } first)
            return null;
        // By SO_REUSEPORT the kernel gives each connection to one of them, whether or not its queue is full.
        var sharing = Array.FindAll(listening, other => (other.Local, other.DeviceIndex) == (first.Local, first.DeviceIndex));
        var full = sharing.Count(static socket => !Accepts(socket));
        var where = full == sharing.Length ? "" : $" on {Wording.Number(full)} of its {Wording.Number(sharing.Length)} listening sockets";
        return $"accepts no connections{where}: {Wording.Count(first.ReceiveQueue, "waits", "wait")}, "
            + $"{(first.ReceiveQueue > first.SendQueue + 1L ? "more than" : "as many as")} a backlog of "
            + $"{Wording.Number(first.SendQueue)} allows";
    }
}
