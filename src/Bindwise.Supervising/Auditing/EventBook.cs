using Bindwise.Model.Auditing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;

namespace Bindwise.Supervising.Auditing;

internal sealed class EventBook
{
    internal const int Most = 5000;
    private const int MostAwaited = 256;

    private readonly List<AuditEvent> _events = [];
    private readonly List<AuditEvent> _awaited = [];
    private readonly HashSet<ulong> _known = [];

    /// <summary>How many came after those that are kept.</summary>
    internal int Cut { get; private set; }

    /// <summary>How many sockets were made of which nothing else was seen.</summary>
    internal int OtherSockets => _others + _awaited.Count;

    /// <summary>What went wrong in the audit itself; null for nothing.</summary>
    internal string? FaultText { get; private set; }

    private int _others;

    internal bool Knows(ulong socket) => _known.Contains(socket);

    /// <summary>A socket was made; which one it is, the next call about it tells.</summary>
    internal void Await(AuditEvent made)
    {
        if (_awaited.Count >= MostAwaited)
        {
            _awaited.RemoveAt(0);
            _others++;
        }
        _awaited.Add(made);
    }

    internal void Add(AuditEvent one)
    {
        if (_events.Count >= Most)
        {
            Cut++;
            return;
        }
        if (one.Act != AuditAct.Execute && (one.Socket == 0 || _known.Add(one.Socket)))
        {
            // The number that socket() returned is not seen: it is the last one that this thread, or else this process, made of that kind.
            var at = _awaited.FindLastIndex(made => IsKind(made, one) && made.Thread == one.Thread);
            if (at < 0)
                at = _awaited.FindLastIndex(made => IsKind(made, one) && made.Process == one.Process);
            if (at >= 0)
            {
                _events.Add(_awaited[at] with { Socket = one.Socket });
                _awaited.RemoveAt(at);
            }
        }
        _events.Add(one);
    }

    /// <summary>A bind() of unknown outcome succeeded, as its socket has an address by now.</summary>
    internal void Confirm(ulong socket, IpEndpoint? local)
    {
        if (local is null)
            return;
        var at = _events.FindLastIndex(one => one.Act == AuditAct.Bind && one.Socket == socket);
        if (at >= 0 && !_events[at].IsOutcomeKnown)
            _events[at] = _events[at] with { IsOutcomeKnown = true, Local = local };
    }

    internal void Fault(Exception fault) => FaultText ??= $"{fault.GetType().Name}: {fault.Message}";

    internal ImmutableArray<AuditEvent> ToArray() => [.. _events.OrderBy(static one => one.At)];

    private static bool IsKind(AuditEvent made, AuditEvent one) => made.Protocol == one.Protocol && made.Family == one.Family;
}

internal sealed class ListenerBook
{
    private const int Most = 4096;

    private readonly Dictionary<ulong, (ulong Cookie, IpEndpoint Local, int Process)> _byInode = [];
    private readonly HashSet<ulong> _cookies = [];
    private readonly HashSet<ushort> _ports = [];

    internal bool IsEmpty => _cookies.Count == 0;

    /// <summary>What it holds now, for a look that others do not wait for.</summary>
    internal ListenerBook Copy()
    {
        var copy = new ListenerBook();
        foreach (var (inode, (cookie, local, process)) in _byInode)
            copy.Add(cookie, local, inode, process);
        return copy;
    }

    internal void Add(ulong cookie, IpEndpoint local, ulong inode, int process)
    {
        if (_byInode.Count >= Most)
            return;
        _byInode[inode] = (cookie, local, process);
        _cookies.Add(cookie);
        _ports.Add(local.Port);
    }

    internal bool Has(ulong cookie) => _cookies.Contains(cookie);

    internal bool HasPort(ushort port) => _ports.Contains(port);

    /// <summary>The one behind a descriptor's inode; null for another file.</summary>
    internal (ulong Cookie, IpEndpoint Local, int Process)? OfInode(ulong inode) => _byInode.TryGetValue(inode, out var one) ? one : null;
}

/// <summary>The sockets that the audited program has bound, by their ports. Some may be closed by now.</summary>
internal sealed class PortBook
{
    private const int MostOfPort = 256;

    private readonly Dictionary<ushort, List<(ulong Cookie, ulong Inode, TimeSpan At)>> _byPort = [];

    internal void Add(IpEndpoint? local, ulong cookie, ulong inode, TimeSpan at)
    {
        if (local is not { Port: var port })
            return;
        if (!_byPort.TryGetValue(port, out var sockets))
            _byPort[port] = sockets = [];
        if (sockets.Exists(one => one.Cookie == cookie))
            return;
        if (sockets.Count >= MostOfPort)
            sockets.RemoveAt(0);
        sockets.Add((cookie, inode, at));
    }

    internal ImmutableArray<(ulong Cookie, ulong Inode, TimeSpan At)> On(ushort port, ulong but) =>
        _byPort.TryGetValue(port, out var sockets) ? [.. sockets.Where(one => one.Cookie != but)] : [];
}

/// <summary>The names and languages of processes, each read once for every program that they execute.</summary>
internal sealed class ProgramBook
{
    private const int Most = 1024;

    private readonly Dictionary<int, (string, Runtime?, string?)> _known = [];
    private readonly ProcessReader _reader = new(static _ => null);

    internal (string Name, Runtime? Language, string? Packaged) Of(int process)
    {
        if (_known.TryGetValue(process, out var known))
            return known;
        if (_known.Count >= Most)
            _known.Clear();
        var record = _reader.Read(process);
        if (record is not null)
            record = record with { BuiltFor = ExecutableMarks.Of(record) };
        return _known[process] = record is null ? (ThreadFile.Name(process), null, null)
            : (record.Name, RuntimeSigns.OrWordless(record), PackagedServers.NameOf(record));
    }

    internal void Forget(int process) => _known.Remove(process);
}

/// <summary>A socket's options, as an audit notes them.</summary>
internal static class SocketOptions
{
    internal static AuditOptions Options(TrappedSocket socket) => new(
        socket.Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress),
        socket.Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort),
        socket.Family == SocketCall.FamilyIPv6 ? socket.Has(SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) : null,
        socket.Has(SocketOptionCall.LevelIPv4, SocketOptionCall.BindAddressNoPort));
}
