using System.Runtime.InteropServices;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Model.Simulation;

/// <summary>Notes down what happens on a simulated host below the system calls.</summary>
internal sealed class SimulatedHostRecorder(SimulatedSystem system)
{
    private readonly SegmentNumbers _numbers = new();
    private readonly Dictionary<TcpMember, StateEvent> _known = new(ReferenceEqualityComparer.Instance);
    private List<HostEvent> _events = [];

    public TimeSpan Now => TimeSpan.FromMilliseconds(system.Time.Now);

    /// <summary>What happened since the last call.</summary>
    public IReadOnlyList<HostEvent> Take()
    {
        Observe();
        var events = _events;
        _events = [];
        return events;
    }

    /// <summary>A segment was sent; the states before it are those of now.</summary>
    public void Saw(in Segment segment, SegmentFate fate)
    {
        Observe();
        var (from, to) = (segment.Way.Local.Unmapped, segment.Way.Remote.Unmapped);
        var flags = FlagsOf(segment);
        var (sequence, acknowledgement) = _numbers.Take(from, to, flags, segment.Sequence, segment.Acknowledgement, segment.Bytes);
        _events.Add(new SegmentEvent(Now, from, to, flags, sequence, acknowledgement, segment.Bytes, fate));
    }

    public void Streamed(in FourTuple way, uint sequence, uint acknowledgement, int bytes)
    {
        Observe();
        var (from, to) = (way.Local.Unmapped, way.Remote.Unmapped);
        var numbers = _numbers.Take(from, to, TcpFlags.Ack | TcpFlags.Push, sequence, acknowledgement, bytes);
        _events.Add(new SegmentEvent(
            Now, from, to, TcpFlags.Ack | TcpFlags.Push, numbers.Sequence, numbers.Acknowledgement, bytes, SegmentFate.Delivered));
    }

    /// <summary>What was one member goes on as another: a handshake as a connection, a socket as an entry.</summary>
    public void Became(TcpMember socket, TcpMember entry)
    {
        if (_known.Remove(socket, out var last))
            _known[entry] = last;
    }

    /// <summary>
    /// Notes each state that is another than before. No socket goes through two between two looks: one stands before every segment.
    /// </summary>
    public void Observe()
    {
        var there = new HashSet<TcpMember>(ReferenceEqualityComparer.Instance);
        foreach (var member in system.TcpMembers)
        {
            // It gives its port back at the end of the call.
            if (member is SimulatedSocket { State: TcpSocketState.Close, IsClosing: true })
                continue;
            there.Add(member);
            var last = _known.GetValueOrDefault(member);
            var state = StateOf(member);
            if (last?.To == state)
                continue;
            var (local, remote) = EndsOf(member);
            // One that falls back to its port is told as the connection that it was.
            Note(member, state == TcpSocketState.Bound && last is not null
                ? last with { From = last.To, To = state }
                : new StateEvent(Now, local, remote, last?.To, state));
        }
        foreach (var member in _known.Keys.Where(member => !there.Contains(member)).ToList())
        {
            var last = _known[member];
            _events.Add(last with { At = Now, From = last.To, To = null, Socket = NameOf(member) });
            _known.Remove(member);
        }
    }

    public IReadOnlyList<SocketRow> Rows()
    {
        var rows = new List<SocketRow>();
        foreach (var member in system.TcpMembers)
        {
            var (local, remote) = EndsOf(member);
            rows.Add(new SocketRow(Protocol.Tcp, local, remote, StateOf(member))
            {
                Socket = NameOf(member),
                Process = member is SimulatedSocket { IsOrphan: false } held ? (held.Listener ?? held).Process : null,
                SecondsLeft = member is TimeWaitEntry || member is SimulatedSocket { State: TcpSocketState.FinWait2, IsOrphan: true }
                    ? (member.EndsAt - system.Time.Now) / 1000.0
                    : null,
            });
        }
        foreach (var socket in system.UdpSockets)
        {
            IpEndpoint? remote = socket.State == TcpSocketState.Established ? socket.Remote.Unmapped : null;
            var local = new IpEndpoint(socket.Address, socket.Port);
            rows.Add(new SocketRow(Protocol.Udp, remote is null ? local : local.Unmapped, remote, socket.State)
            {
                Socket = socket.Name,
                Process = socket.Process
            });
        }
        return SocketRowOrder.Sort(rows);
    }

    private void Note(TcpMember member, StateEvent change)
    {
        var named = change with { At = Now, Socket = NameOf(member) };
        _events.Add(named);
        _known[member] = named;
    }

    private static string? NameOf(TcpMember member) =>
        member is HandshakeRequest or SimulatedSocket { Listener: not null } ? null : member.Name;

    private static TcpSocketState StateOf(TcpMember member) => member switch
    {
        SimulatedSocket { State: TcpSocketState.Close } => TcpSocketState.Bound,
        SimulatedSocket socket => socket.State,
        TimeWaitEntry entry => entry.State,
        _ => TcpSocketState.SynReceived,
    };

    private static (IpEndpoint Local, IpEndpoint? Remote) EndsOf(TcpMember member) =>
        member.Tuple is { } tuple ? (tuple.Local.Unmapped, tuple.Remote.Unmapped)
        : member is SimulatedSocket socket ? (new IpEndpoint(socket.Address, socket.Port), null)
        : (default, null);

    private static TcpFlags FlagsOf(in Segment segment) =>
        (segment.IsSyn ? TcpFlags.Syn : 0) | (segment.IsAck ? TcpFlags.Ack : 0) | (segment.IsFin ? TcpFlags.Fin : 0)
        | (segment.IsReset ? TcpFlags.Reset : 0) | (segment.Bytes > 0 ? TcpFlags.Push : 0);
}

/// <summary>
/// The processes of a scenario, with the descriptors of their sockets. A new one gets the lowest number that is free (alloc_fd(),
/// fs/file.c). At its end a process closes them from the highest down: exit_files() puts them aside one after the other, and what was put
/// aside last is done first (close_files(), fs/file.c; task_work_run(), kernel/task_work.c).
/// </summary>
internal sealed class SimulatedProcesses
{
    private readonly Dictionary<string, List<string?>> _descriptors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <summary>The process that a socket belongs to; null for the player.</summary>
    public string? OwnerOf(string socket) => _owners.GetValueOrDefault(socket);

    /// <summary>A process of this name runs, from now on if it did not.</summary>
    public void Start(string process)
    {
        ref var descriptors = ref CollectionsMarshal.GetValueRefOrAddDefault(_descriptors, process, out _);
        descriptors ??= [];
    }

    /// <param name="process">The process, which runs; null for the player, whose descriptors nobody counts.</param>
    public void Give(string socket, string? process)
    {
        if (process is null)
            return;
        var descriptors = _descriptors[process];
        var free = descriptors.IndexOf(null);
        if (free < 0)
            descriptors.Add(socket);
        else
            descriptors[free] = socket;
        _owners[socket] = process;
    }

    public void Take(string socket)
    {
        if (!_owners.Remove(socket, out var process))
            return;
        var descriptors = _descriptors[process];
        descriptors[descriptors.IndexOf(socket)] = null;
    }

    /// <returns>Its sockets in the order in which they are closed; null when there is no such process.</returns>
    public IReadOnlyList<string>? End(string process)
    {
        if (!_descriptors.Remove(process, out var descriptors))
            return null;
        var sockets = new List<string>();
        for (var number = descriptors.Count - 1; number >= 0; number--)
        {
            if (descriptors[number] is not { } socket)
                continue;
            _owners.Remove(socket);
            sockets.Add(socket);
        }
        return sockets;
    }
}
