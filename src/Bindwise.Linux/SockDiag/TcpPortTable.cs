using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Gathers the TCP sockets on one local port, in every state. Counts all, lists a bounded number: of a hundred thousand
/// TIME_WAIT a sample says as much. A socket that holds its port beside a TIME_WAIT of its own, whose cookie is the same, comes twice.
/// </summary>
internal sealed class TcpPortTable(ushort port)
{
    /// <summary>So many sockets are listed one by one, those that are not in TIME_WAIT first.</summary>
    internal const int MaximumListed = 1024;

    /// <summary>
    /// So many connections of one kind are listed: a busy server's have all the same owner and options, and asking for each of them
    /// costs more than the answer. Listeners and bound sockets, whose options decide, are all listed.
    /// </summary>
    internal const int MaximumAlike = 128;

    /// <summary>So many TIME_WAIT are listed, beside the longest of each kind: they have neither owner nor options.</summary>
    internal const int MaximumWaiting = 512;

    /// <summary>So many kinds are told apart; the sockets of further kinds are counted under the first of their state.</summary>
    internal const int MaximumTallies = 512;

    private readonly List<DiagEntry> _living = [];
    private readonly List<DiagEntry> _waiting = [];
    private readonly HashSet<(ulong Cookie, TcpSocketState State)> _seen = [];
    private readonly Dictionary<Kind, Tally> _tallies = [];

    private readonly record struct Kind(byte State, IpFamily Family, IpAddress Local, uint DeviceIndex);

    private struct Tally
    {
        internal int Count;
        internal DiagEntry Longest;
    }

    internal int Count { get; private set; }

    /// <summary>Sockets on the port that <see cref="AppendTo"/> does not list.</summary>
    internal int Omitted { get; private set; }

    internal void Add(ReadOnlySpan<byte> payload)
    {
        if (!DiagEntry.TryParse(payload, out var entry))
            return;
        if (entry.LocalPort != port)
            return;
        var kind = new Kind(entry.Reply.State, entry.Family, entry.Local.Address, entry.Reply.Id.Interface);
        if (_tallies.Count >= MaximumTallies && !_tallies.ContainsKey(kind))
            kind = FirstOfState(kind);
        var list = entry.IsTimeWaitEntry ? _waiting : _living;
        var hasRoom = list == _waiting ? list.Count < MaximumWaiting
            : list.Count < MaximumListed && (entry.RemotePort == 0 || CountOf(kind) < MaximumAlike);
        if (hasRoom && !_seen.Add((entry.Cookie, entry.State(Protocol.Tcp))))
            return;
        if (hasRoom)
            list.Add(entry);
        Count++;
        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(_tallies, kind, out var exists);
        tally.Count++;
        if (!exists || entry.MillisecondsLeft > (tally.Longest.MillisecondsLeft ?? -1))
            tally.Longest = entry;
    }

    internal void Clear()
    {
        _living.Clear();
        _waiting.Clear();
        _seen.Clear();
        _tallies.Clear();
        Count = Omitted = 0;
    }

    internal void AppendTo(List<HeldSocket> sockets)
    {
        var before = sockets.Count;
        foreach (var entry in _living)
            sockets.Add(entry.ToHeldSocket(Protocol.Tcp));
        var room = Math.Min(MaximumListed - _living.Count, MaximumWaiting);
        var listed = new HashSet<ulong>();
        foreach (var tally in _tallies.Values)
        {
            if (tally.Longest.IsTimeWaitEntry && listed.Add(tally.Longest.Cookie))
                sockets.Add(tally.Longest.ToHeldSocket(Protocol.Tcp));
        }
        foreach (var entry in _waiting)
        {
            if (listed.Count < room && listed.Add(entry.Cookie))
                sockets.Add(entry.ToHeldSocket(Protocol.Tcp));
        }
        Omitted = Math.Max(0, Count - (sockets.Count - before));
    }

    internal ImmutableArray<SocketTally> Tallies()
    {
        var tallies = ImmutableArray.CreateBuilder<SocketTally>(_tallies.Count);
        foreach (var (kind, tally) in _tallies)
        {
            tallies.Add(new SocketTally(tally.Longest.State(Protocol.Tcp), kind.Family, kind.Local, kind.DeviceIndex, tally.Count,
                tally.Longest.MillisecondsLeft));
        }
        return tallies.MoveToImmutable();
    }

    private int CountOf(Kind kind) => _tallies.TryGetValue(kind, out var tally) ? tally.Count : 0;

    private Kind FirstOfState(Kind kind)
    {
        foreach (var known in _tallies.Keys)
        {
            if (known.State == kind.State)
                return known;
        }
        return kind;
    }
}

internal readonly struct TcpPortDump(TcpPortTable table) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => table.Add(message.Payload);

    public void Restart() => table.Clear();
}
