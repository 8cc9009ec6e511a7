using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Causes;

/// <summary>
/// Names the cause of a socket in the way: what it is, and what is special about who holds it. Nothing is claimed by guess.
/// </summary>
internal static class CauseFinder
{
    /// <summary>The causes of one blocker, the most specific first.</summary>
    public static ImmutableArray<Cause> Of(Blocker blocker, BindRequest asked, Target target, Snapshot snapshot, OwnerIndex owners)
    {
        var kind = KindOf(blocker.Socket, snapshot);
        var isHolding = kind.Kind() == CauseKind.Listener;
        var causes = new List<Cause>();
        if (blocker.Kernel is not null)
            causes.Add(Cause.KernelSocket);
        // Of a listener it matters most who holds it; of a connection, what became of it.
        if (!isHolding)
            causes.Add(kind);
        causes.AddRange(HolderCauses(blocker, target, owners));
        if (isHolding)
        {
            causes.AddRange(SharingCauses(blocker, asked, snapshot));
            if (IsOwnerHidden(blocker, snapshot))
                causes.Add(Cause.OwnerHidden);
            if (IsDualStackOver(blocker.Socket, asked))
                causes.Add(Cause.DualStackListener);
            causes.Add(kind);
        }
        else
        {
            causes.AddRange(SharingCauses(blocker, asked, snapshot));
            if (IsOwnerHidden(blocker, snapshot))
                causes.Add(Cause.OwnerHidden);
        }
        return [.. causes.Distinct()];
    }

    /// <summary>What the socket is, by its state.</summary>
    public static Cause KindOf(HeldSocket socket, Snapshot snapshot) => (socket.Protocol, socket.State) switch
    {
        (Protocol.Unix, _) => Cause.UnixSocketListener,
        (Protocol.Udp, _) => Cause.UdpSocket,
        (_, TcpSocketState.Listen) => Cause.Listener,
        (_, TcpSocketState.Bound or TcpSocketState.Close) => Cause.BoundNotListening,
        (_, TcpSocketState.TimeWait) => Cause.TimeWait,
        (_, TcpSocketState.CloseWait) => Cause.CloseWait,
        (_, TcpSocketState.LastAck) => Cause.LastAck,
        (_, TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.Closing) => Cause.FinWait,
        _ when socket.Local == socket.Remote => Cause.SelfConnection,
        _ => IsOutgoing(socket, snapshot) ? Cause.OutgoingConnection : Cause.SurvivingConnection,
    };

    /// <summary>
    /// The connection was opened from this end. tcp_info tells; where it does not, a source port inside the ephemeral range
    /// with a remote port outside it speaks for it.
    /// </summary>
    private static bool IsOutgoing(HeldSocket socket, Snapshot snapshot)
    {
        if (socket.State == TcpSocketState.SynSent)
            return true;
        if (socket.OpenedHere != Fact.Unknown)
            return socket.OpenedHere == Fact.Yes;
        return IsEphemeral(socket.Local.Port, snapshot) && !IsEphemeral(socket.Remote.Port, snapshot);
    }

    /// <summary>The port lies in net.ipv4.ip_local_port_range.</summary>
    public static bool IsEphemeral(int port, Snapshot snapshot) =>
        snapshot.Settings is { LocalPortFirst: { } first, LocalPortLast: { } last } && port >= first && port <= last;

    private static IEnumerable<Cause> HolderCauses(Blocker blocker, Target target, OwnerIndex index)
    {
        var owners = blocker.Owners;
        if (HoldingReport.IsOnlyInFlight(blocker))
            yield return Cause.DescriptorInFlight;
        if (owners.IsEmpty)
            yield break;
        if (owners.Any(static o => ContainerProxies.EngineOf(o.Process) is not null))
            yield return Cause.PublishedContainerPort;
        if (owners.Any(static o => SocketActivators.Is(o.Process)))
            yield return Cause.SocketActivation;
        if (owners.All(static o => o.Process is { State: 'Z', LivingThreads: > 0 }))
            yield return Cause.ZombieProcess;
        if (owners.All(static o => o.Process.Freeze is not null))
            yield return Cause.FrozenProcess;
        else if (owners.All(static o => o.Process.State is 'T' or 't'))
            yield return Cause.StoppedProcess;
        if (IsHeldOutOfSight(blocker.Socket.Inode, index))
            yield return Cause.HiddenDescriptor;
        if (OwnerRoles.IsCreatorGone(owners) && !index.IsCut(blocker.Socket.Inode))
            yield return Cause.InheritedDescriptor;
        if (target.Pasted is { } pasted && owners.Any(o => SameProgram.Is(pasted, o.Process)))
            yield return Cause.SameProgramTwice;
    }

    /// <summary>
    /// Held by other means than a descriptor that /proc/PID/fd shows: a mapping, io_uring's registered files, or a thread's own table.
    /// </summary>
    private static bool IsHeldOutOfSight(ulong inode, OwnerIndex owners)
    {
        var holders = owners.HoldersOf(inode).ToList();
        return holders.Exists(static h => h.Way != HoldingWay.InFlight) && holders.TrueForAll(h => h.Way switch
        {
            HoldingWay.Descriptor or HoldingWay.Announced => false,
            // Of a leader that has ended the living threads' common table tells.
            HoldingWay.ThreadTable => owners.ProcessOf(h.ProcessId) is not { State: 'Z' },
            _ => true,
        });
    }

    private static IEnumerable<Cause> SharingCauses(Blocker blocker, BindRequest asked, Snapshot snapshot)
    {
        if (asked.ReusePort && blocker.Socket.State != TcpSocketState.TimeWait)
            yield return Cause.ReusePortMismatch;
        if (blocker.Socket.State == TcpSocketState.Listen && snapshot.Sockets.Any(s => SharesWith(s, blocker.Socket)))
            yield return Cause.SharedListener;
    }

    /// <summary>Two listeners at one address exist only by SO_REUSEPORT.</summary>
    private static bool SharesWith(HeldSocket one, HeldSocket other) =>
        one != other && one.Protocol == Protocol.Tcp && one.State == TcpSocketState.Listen
        && one.Protocol == other.Protocol && one.Local == other.Local && one.DeviceIndex == other.DeviceIndex;

    private static bool IsDualStackOver(HeldSocket socket, BindRequest asked) =>
        socket is { State: TcpSocketState.Listen, V6Only: not Fact.Yes } && socket.Local.Address == IpAddress.AnyIPv6
            && asked.Address.AsIPv4 is not null;

    private static bool IsOwnerHidden(Blocker blocker, Snapshot snapshot) =>
        blocker is { Owners.IsEmpty: true, Kernel: null, Socket.Inode: not 0 } && snapshot.Coverage.OwnersRead
        && !snapshot.Coverage.IsEveryProcessSeen;
}

/// <summary>Who sent the first FIN, read from the states (RFC 9293 §3.6).</summary>
internal static class CloseOrder
{
    /// <summary>The end that closed first, over the sockets in the way; null when none was closed, or they differ.</summary>
    public static ClosedFirst? Of(IReadOnlyList<HeldSocket> inTheWay, IReadOnlyList<HeldSocket> table)
    {
        ClosedFirst? answer = null;
        foreach (var socket in inTheWay)
        {
            if (OfOne(socket, table) is not { } one)
                continue;
            if (answer is { } earlier && earlier != one)
                return null;
            answer = one;
        }
        return answer;
    }

    private static ClosedFirst? OfOne(HeldSocket socket, IReadOnlyList<HeldSocket> table) => (socket.Protocol, socket.State) switch
    {
        (not Protocol.Tcp, _) => null,
        (_, TcpSocketState.FinWait1 or TcpSocketState.FinWait2) => ClosedFirst.Local,
        (_, TcpSocketState.TimeWait) => PeerWaitsToo(socket, table) ? ClosedFirst.Both : ClosedFirst.Local,
        (_, TcpSocketState.Closing) => ClosedFirst.Both,
        (_, TcpSocketState.CloseWait or TcpSocketState.LastAck) => ClosedFirst.Remote,
        _ => null,
    };

    /// <summary>TIME_WAIT at both ends: the FINs crossed. To be seen only when the peer is on this host.</summary>
    private static bool PeerWaitsToo(HeldSocket socket, IReadOnlyList<HeldSocket> table)
    {
        foreach (var other in table)
        {
            if (other.State == TcpSocketState.TimeWait && other != socket && other.Local == socket.Remote && other.Remote == socket.Local)
                return true;
        }
        return false;
    }
}
