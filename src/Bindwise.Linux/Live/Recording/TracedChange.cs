using System.Buffers.Binary;
using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Live.Recording;

/// <summary>A pass of the tracepoint, with what later passes and the table tell of the same socket.</summary>
/// <param name="Nanoseconds">When, by CLOCK_MONOTONIC.</param>
/// <param name="Cookie">The socket's cookie; 0 where it was gone before anybody could ask.</param>
/// <param name="From">The state before; null for a socket that is new.</param>
/// <param name="To">The state after; <see cref="TcpState.Close"/> for the end of a connection.</param>
/// <param name="Local">Its own end.</param>
/// <param name="Remote">The other end; null for none.</param>
/// <param name="IsLast">No later change of the same socket came with it.</param>
internal readonly record struct TracedChange(
    long Nanoseconds, ulong Cookie, TcpState? From, TcpState To, IpEndpoint Local, IpEndpoint? Remote, bool IsLast)
{
    /// <summary>
    /// Completes them. A connection that a listener takes appears as a copy of it, cookie and all, and gets its ends a moment later
    /// (inet_csk_clone_lock()); a connecting one chooses its port after it said SYN_SENT (tcp_v4_connect()).
    /// </summary>
    /// <param name="changes">In order.</param>
    /// <param name="cookieOf">The cookie of the socket that has these ends now; 0 for none.</param>
    internal static List<TracedChange> Complete(List<StateTracepointRecord> changes, Func<IpEndpoint, IpEndpoint, ulong> cookieOf)
    {
        DropVainListens(changes);
        var completed = new TracedChange[changes.Count];
        var later = new Dictionary<ulong, TracedChange>();
        for (var index = changes.Count - 1; index >= 0; index--)
        {
            var change = changes[index];
            var (from, to) = ((TcpState)change.From, (TcpState)change.To);
            var isCopy = from == TcpState.Listen && to == TcpState.SynReceived;
            var hasLater = later.TryGetValue(change.Socket, out var next) && to != TcpState.Close;
            var (local, remote) = EndsOf(change);
            if (hasLater && next.Remote is not null && (isCopy || remote is null || local.Port == 0))
                (local, remote) = (next.Local, next.Remote);
            var cookie = isCopy ? 0 : change.Cookie;
            if (cookie == 0)
                cookie = hasLater ? next.Cookie : remote is { } end ? cookieOf(local, end) : 0;
            completed[index] = later[change.Socket] = new TracedChange(
                (long)change.Nanoseconds, cookie, isCopy ? null : from, to, local, remote, IsLast: !later.ContainsKey(change.Socket));
        }
        return [.. completed];
    }

    // listen() says LISTEN before it asks for the port, and takes it back when that is refused (inet_csk_listen_start()).
    private static void DropVainListens(List<StateTracepointRecord> changes)
    {
        for (var index = changes.Count - 1; index > 0; index--)
        {
            var (change, before) = (changes[index], changes[index - 1]);
            if (change.Socket == before.Socket && before is { From: (uint)TcpState.Close, To: (uint)TcpState.Listen }
                && change is { From: (uint)TcpState.Listen, To: (uint)TcpState.Close })
            {
                changes.RemoveRange(--index, 2);
            }
        }
    }

    private static (IpEndpoint Local, IpEndpoint? Remote) EndsOf(in StateTracepointRecord change)
    {
        var namePort = BinaryPrimitives.ReverseEndianness(change.NamePortNetwork);
        var isIPv6 = change.Family == SocketCall.FamilyIPv6;
        var local = new IpEndpoint(
            isIPv6 ? IpAddress.FromBytes(change.LocalIPv6) : new IpAddress(IpFamily.IPv4, BinaryPrimitives.ReverseEndianness(change.LocalNetwork)),
            namePort != 0 ? namePort : change.LocalPort);
        if (change.RemotePortNetwork == 0 || (TcpState)change.To == TcpState.Listen)
            return (local, null);
        var remote = new IpEndpoint(
            isIPv6 ? IpAddress.FromBytes(change.RemoteIPv6) : new IpAddress(IpFamily.IPv4, BinaryPrimitives.ReverseEndianness(change.RemoteNetwork)),
            BinaryPrimitives.ReverseEndianness(change.RemotePortNetwork));
        return (LiveTable.AsOnWire(local), LiveTable.AsOnWire(remote));
    }
}
