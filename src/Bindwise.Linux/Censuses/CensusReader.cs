using System.Diagnostics;
using Bindwise.Linux.Callers;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Events;

namespace Bindwise.Linux.Censuses;

/// <summary>
/// Looks at the ports of the network namespace in which it was opened, again and again: one walk over TCP, two over UDP, one over UNIX,
/// and processes only where a socket is new or its holder gone. To be used by one thread of that namespace.
/// </summary>
internal sealed class CensusReader : IDisposable
{
    /// <summary>The settings of a namespace are read anew every so many looks.</summary>
    private const int SettingsEvery = 10;

    /// <summary>So many ports with TIME_WAITs are shown where the caller does not say.</summary>
    internal const int MostShown = 64;

    private readonly SockDiagClient _client;
    private readonly FollowedSockets _listed = new();
    private readonly TcpTally _tcp;
    private readonly UdpTally _udp;
    private readonly HolderSearch? _holders;
    private readonly Dictionary<ulong, long> _drops = [];
    private readonly byte[] _room = new byte[ListenStatistics.RoomBytes];
    private readonly ulong _network = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)?.Inode ?? 0;
    private HostSettings _settings = new();
    private int _ephemeralPorts;
    private long _dropsSeen = -1;
    private long _scan;
    private HostCensus? _last;

    private CensusReader(SockDiagClient client, int most, bool withHolders)
    {
        _client = client;
        _tcp = new TcpTally(_listed, most);
        _udp = new UdpTally(_listed);
        _holders = withHolders ? new HolderSearch() : null;
    }

    internal TimeSpan LastCost { get; private set; }

    internal IReadOnlyList<FollowedSocket> Listed => _listed.Current;

    /// <summary>Opens a reader in the calling thread's network namespace.</summary>
    /// <param name="most">So many ports with TIME_WAITs and so many destinations are shown, those with the most.</param>
    /// <param name="withHolders">Who holds the sockets is sought.</param>
    /// <exception cref="TableUnreadException">The kernel has no sock_diag, or a sandbox forbids it.</exception>
    internal static CensusReader Open(int most = MostShown, bool withHolders = true) => new(SockDiagClient.Open(), most, withHolders);

    /// <summary>Looks once. What could not be read whole is told as it was in the look before: nothing has ended because of it.</summary>
    /// <param name="cancellation">Ends the search for holders at once.</param>
    /// <exception cref="TableUnreadException">The table could not be read in the first look.</exception>
    internal HostCensus ReadCensus(CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var takenAt = DateTimeOffset.UtcNow;
        if (_scan++ % SettingsEvery == 0)
            ReadSettings();
        _listed.Begin();
        var range = _settings.LocalPorts;
        _tcp.Begin(range.First, range.Last);
        _udp.Begin();
        var outcome = Walk(out var isUdpWhole);
        if (outcome.Status == Netlink.DumpStatus.Failed && _last is null)
            throw SockDiagClient.Unread($"{outcome.Operation}: {outcome.Errno}", outcome.Errno);
        _listed.End();
        if (outcome.IsComplete)
            _tcp.ShareConnections();
        var statistics = ListenStatistics.Read(_room);
        ReadDrops(statistics.Drops);
        _holders?.Complete(_listed.Current, _scan, cancellation);
        var destinations = _tcp.CountDestinations(out var omitted);
        LastCost = Stopwatch.GetElapsedTime(began);
        var census = new HostCensus
        {
            TakenAt = takenAt,
            NetworkNamespace = _network,
            Sockets = _listed.Show(),
            States = _tcp.CountStates(),
            UdpStates = _udp.CountStates(),
            TimeWaits = _tcp.CountTimeWaits(),
            Destinations = destinations,
            DestinationsOmitted = omitted,
            EphemeralPorts = _ephemeralPorts,
            ListenOverflows = statistics.Overflows,
            ListenDrops = statistics.Drops,
            SocketsOmitted = _listed.Omitted,
            Cost = LastCost,
        };
        if (_last is { } last && !outcome.IsComplete)
        {
            census = census with
            {
                States = last.States,
                TimeWaits = last.TimeWaits,
                Destinations = last.Destinations,
                DestinationsOmitted = last.DestinationsOmitted,
            };
        }
        if (_last is not null && !isUdpWhole)
            census = census with { UdpStates = _last.UdpStates };
        return _last = census;
    }

    public void Dispose() => _client.Dispose();

    private Netlink.DumpOutcome Walk(out bool isUdpWhole)
    {
        var tcp = new TcpCensusDump(_tcp);
        var outcome = _client.WalkTcp(ref tcp);
        if (!outcome.IsComplete)
            _listed.KeepBefore(Protocol.Tcp);
        isUdpWhole = true;
        var udp = new UdpCensusDump(_udp);
        foreach (var family in (ReadOnlySpan<IpFamily>)[IpFamily.IPv4, IpFamily.IPv6])
        {
            _udp.BeginFamily();
            if (_client.WalkUdp(family, ref udp).IsComplete)
                continue;
            _listed.KeepBefore(Protocol.Udp, family);
            isUdpWhole = false;
        }
        _listed.BeginDump();
        var unix = new UnixCensusDump(_listed);
        if (!_client.WalkUnix(ref unix).IsComplete)
            _listed.KeepBefore(Protocol.Unix);
        return outcome;
    }

    // Whose they were is asked only when the namespace's number has risen.
    private void ReadDrops(long dropsNow)
    {
        if (dropsNow == _dropsSeen)
            return;
        _drops.Clear();
        var dump = new ListenDropsDump(_drops);
        if (_client.WalkListeners(DiagEntry.MemoryAttribute, ref dump).IsComplete)
            _dropsSeen = dropsNow;
        foreach (var one in _listed.Current)
        {
            if (one.Socket is { Protocol: Protocol.Tcp, State: TcpSocketState.Listen }
                && _drops.TryGetValue(one.Socket.Cookie, out var drops))
                one.Drops = drops;
        }
    }

    private void ReadSettings()
    {
        _settings = HostSettingsReader.Read(SettingParts.EphemeralRange);
        var range = _settings.LocalPorts;
        _ephemeralPorts = 0;
        for (int port = range.First; port <= range.Last; port++)
            _ephemeralPorts += _settings.IsReserved(port) ? 0 : 1;
    }
}
