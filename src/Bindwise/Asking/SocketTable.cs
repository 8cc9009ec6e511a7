using System.Collections;
using System.Net.NetworkInformation;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Sysctls;
using Bindwise.Portable;
using NetState = System.Net.NetworkInformation.TcpState;

namespace Bindwise;

/// <summary>Lists this host's sockets with their states. Stateless; thread-safe.</summary>
internal static class SocketTable
{
    public static SocketListing Read(SocketFilter? filter = null, CancellationToken cancellationToken = default)
    {
        filter ??= SocketFilter.TcpAndUdp;
        filter.Check();
        cancellationToken.ThrowIfCancellationRequested();
        return filter.Portable || !OperatingSystem.IsLinux() ? OfDotNet(filter) : KernelTable.Read(filter, cancellationToken);
    }

    /// <summary>The same on a thread of the pool: a table of 100,000 sockets takes about 20 ms.</summary>
    public static Task<SocketListing> ReadAsync(SocketFilter? filter = null, CancellationToken cancellationToken = default)
    {
        filter ??= SocketFilter.TcpAndUdp;
        filter.Check();
        return PoolWork.RunAsync(() => Read(filter, cancellationToken), cancellationToken);
    }

    private static SocketListing OfDotNet(SocketFilter filter)
    {
        string[] notes = filter.Protocols.Contains(Protocol.Unix) ? [DotNetTable.WithoutUnixSockets] : [];
        var wanted = DotNetTable.Read(filter.Protocols, filter.Ports)
            .Where(socket => filter.States.IsEmpty || filter.States.Contains(socket.State)).ToList();
        return new SocketListing
        {
            Sockets = [.. wanted.Take(filter.Maximum)],
            Omitted = Math.Max(0, wanted.Count - filter.Maximum),
            IsComplete = wanted.Count <= filter.Maximum && notes.Length == 0,
            Notes = [.. notes],
        };
    }
}

/// <summary>The sockets asked for, of this network namespace. The table changes meanwhile: this is no snapshot of one moment.</summary>
internal sealed record SocketListing
{
    private readonly EquatableArray<HeldSocket> _sockets;
    private readonly EquatableArray<string> _notes;

    /// <summary>The sockets: protocols in the order of the filter, otherwise in the system's order.</summary>
    public ImmutableArray<HeldSocket> Sockets { get => _sockets; init => _sockets = value; }

    /// <summary>How many more there were than the filter's maximum.</summary>
    public int Omitted { get; init; }

    /// <summary>Everything you asked for was read, and nothing was omitted.</summary>
    public bool IsComplete { get; init; }

    /// <summary>What could not be read and why, one line each; empty if nothing is missing except <see cref="Omitted"/>.</summary>
    public ImmutableArray<string> Notes { get => _notes; init => _notes = value; }
}

/// <summary>Which sockets a listing shows, and how many.</summary>
internal sealed record SocketFilter
{
    private readonly EquatableArray<Protocol> _protocols = ImmutableArray.Create(Protocol.Tcp, Protocol.Udp);
    private readonly EquatableArray<PortRange> _ports;
    private readonly EquatableArray<TcpSocketState> _states;

    public const int LargestMaximum = 1 << 20;

    /// <summary>Every TCP and UDP socket, at most 65,536.</summary>
    public static SocketFilter TcpAndUdp { get; } = new();

    /// <summary>The protocols, each once; UNIX sockets are listed only if you ask for them.</summary>
    public ImmutableArray<Protocol> Protocols { get => _protocols; init => _protocols = value; }

    /// <summary>The local ports; empty for all. With ports, UNIX sockets are not listed, because they have none.</summary>
    public ImmutableArray<PortRange> Ports { get => _ports; init => _ports = value; }

    /// <summary>The states; empty for all. An unconnected UDP or UNIX socket is in <see cref="TcpSocketState.Close"/>.</summary>
    public ImmutableArray<TcpSocketState> States { get => _states; init => _states = value; }

    /// <summary>The most sockets to list, 1 to <see cref="LargestMaximum"/>; the others are counted.</summary>
    public int Maximum { get; init; } = 1 << 16;

    /// <summary>Lists only what .NET itself can see, as on macOS and Windows: no UNIX sockets, no bound-only sockets.</summary>
    public bool Portable { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Maximum, 1, "filter");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Maximum, LargestMaximum, "filter");
        if (Protocols.IsDefaultOrEmpty)
            throw new ArgumentException("The filter names no protocol: there is nothing to list.", "filter");
        if (Ports.IsDefault || States.IsDefault)
            throw new ArgumentException("A list of the filter is not initialised: write [] for all.", "filter");
        if (!Protocols.All(Enum.IsDefined) || !States.All(Enum.IsDefined))
            throw new ArgumentException("The filter names an unknown protocol or state.", "filter");
    }
}

/// <summary>The sockets as .NET lists them on every system (<see cref="IPGlobalProperties"/>): without owners, users or options.</summary>
internal static class DotNetTable
{
    public const string WithoutUnixSockets = "the system's list does not show UNIX sockets";

    public const string WithoutOwners = "the system's list does not show owners";

    public static List<HeldSocket> Read(IEnumerable<Protocol> protocols, IReadOnlyCollection<PortRange> ports)
    {
        try
        {
            var host = IPGlobalProperties.GetIPGlobalProperties();
            return [.. protocols.Distinct().SelectMany(protocol => Of(protocol, host))
                .Where(socket => ports.Count == 0 || ports.Any(range => range.Contains(socket.Local.Port)))];
        }
        catch (Exception exception) when (SocketList.IsRefusal(exception))
        {
            throw Refused(exception);
        }
    }

    public static PortQueryException Refused(Exception exception) =>
        new($"the system's list of sockets cannot be read: {exception.Message.ReplaceLineEndings(" ")}", exception);

    private static IEnumerable<HeldSocket> Of(Protocol protocol, IPGlobalProperties host) => protocol switch
    {
        Protocol.Tcp => host.GetActiveTcpListeners().Select(static end => Of(Protocol.Tcp, TcpSocketState.Listen, end, null))
            .Concat(host.GetActiveTcpConnections().Where(static one => one.State != NetState.Listen)
                .Select(static one => Of(Protocol.Tcp, SocketList.StateOf(one.State), one.LocalEndPoint, one.RemoteEndPoint))),
        Protocol.Udp => host.GetActiveUdpListeners().Select(static end => Of(Protocol.Udp, TcpSocketState.Close, end, null)),
        _ => [],
    };

    private static HeldSocket Of(Protocol protocol, TcpSocketState state, IPEndPoint local, IPEndPoint? remote) => new()
    {
        Protocol = protocol,
        Family = IpAddress.FromBytes(local.Address.GetAddressBytes()).Family,
        State = state,
        Local = EndOf(local),
        Remote = remote is null ? default : EndOf(remote),
    };

    private static IpEndpoint EndOf(IPEndPoint end) => new(IpAddress.FromBytes(end.Address.GetAddressBytes()), (ushort)end.Port);
}

/// <summary>The sockets as the kernel lists them (sock_diag(7)).</summary>
[SupportedOSPlatform("linux")]
internal static class KernelTable
{
    public static SocketListing Read(SocketFilter filter, CancellationToken cancellationToken)
    {
        var wanted = new SocketPortFilter([.. filter.Ports], MaskOf(filter.States), filter.Maximum);
        var notes = new List<string>();
        using var client = Open();
        foreach (var protocol in filter.Protocols.Distinct())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var outcome = client.ReadListing(protocol, wanted);
            if (outcome.Status == DumpStatus.Failed)
                throw new PortQueryException($"the socket table cannot be read ({outcome})");
            if (!outcome.IsComplete)
                notes.Add($"sockets may be missing: the table changed, or could not be read completely ({outcome})");
        }
        cancellationToken.ThrowIfCancellationRequested();
        return new SocketListing
        {
            Sockets = [.. wanted.Sockets],
            Omitted = wanted.Omitted,
            IsComplete = wanted.Omitted == 0 && notes.Count == 0,
            Notes = [.. notes],
        };
    }

    /// <summary>One walk of all TCP sockets.</summary>
    public static void Count<TCounter>(scoped ref TCounter counter)
        where TCounter : struct, IMessageVisitor, allows ref struct
    {
        using var client = Open();
        var outcome = client.Count(ref counter);
        if (outcome.Status is DumpStatus.Failed or DumpStatus.Malformed)
            throw new PortQueryException($"the socket table cannot be read completely ({outcome})");
    }

    private static SockDiagClient Open()
    {
        var errno = SockDiagClient.TryOpen(out var client);
        return client ?? throw new PortQueryException(
            $"the socket table cannot be read: netlink sock_diag cannot be opened ({errno})");
    }

    private static uint MaskOf(ImmutableArray<TcpSocketState> states) =>
        states.IsEmpty ? DiagRequests.AllStates : states.Aggregate(0u, static (mask, state) => mask | DiagRequests.Mask(state));
}

/// <summary>
/// How the TCP ports of this host's network namespace are used, in numbers. The table changes while it is read: a socket that changes its
/// state meanwhile may be counted twice or not at all.
/// </summary>
public readonly record struct PortUsage
{
    /// <summary>Sockets in LISTEN.</summary>
    public required int Listeners { get; init; }

    /// <summary>Sockets in any other state except TIME_WAIT and bound only; including handshakes under way.</summary>
    public required int Connections { get; init; }

    /// <summary>Sockets in TIME_WAIT; 0 on a system that does not list them.</summary>
    public required int TimeWaits { get; init; }

    /// <summary>The first port of the ephemeral range: net.ipv4.ip_local_port_range; elsewhere RFC 6335's 49152 is assumed.</summary>
    public required int EphemeralFirst { get; init; }

    /// <summary>Its last port.</summary>
    public required int EphemeralLast { get; init; }

    /// <summary>Ports of that range that a TCP socket uses, each counted once.</summary>
    public required int EphemeralInUse { get; init; }

    /// <summary>
    /// Sockets that are bound but neither listen nor are connected; null on systems other than Linux, which do not list them. Always 0
    /// before Linux 6.8, which does not list them either.
    /// </summary>
    public int? BoundOnly { get; init; }

    /// <summary>How many ports the ephemeral range has.</summary>
    public int EphemeralPorts => EphemeralLast - EphemeralFirst + 1;

    [SupportedOSPlatform("linux")]
    internal static PortUsage ReadByKernel()
    {
        var settings = HostSettingsReader.Read(SettingParts.EphemeralRange);
        Span<ulong> used = stackalloc ulong[PortUsageCounter.Words];
        used.Clear();
        var counter = new PortUsageCounter(used);
        KernelTable.Count(ref counter);
        var (first, last) = (settings.LocalPorts.First, settings.LocalPorts.Last);
        return new PortUsage
        {
            Listeners = counter.Listeners,
            Connections = counter.Connections,
            TimeWaits = counter.TimeWaits,
            EphemeralFirst = first,
            EphemeralLast = last,
            EphemeralInUse = counter.CountPorts(first, last),
            BoundOnly = counter.BoundOnly,
        };
    }

    /// <summary>By .NET alone, as on macOS and Windows.</summary>
    internal static PortUsage ReadByDotNet()
    {
        // RFC 6335 §6; what Windows and macOS use unless they were told otherwise.
        const int First = 49152;
        try
        {
            var host = IPGlobalProperties.GetIPGlobalProperties();
            var listeners = host.GetActiveTcpListeners();
            var connections = host.GetActiveTcpConnections().Where(static one => one.State != NetState.Listen).ToList();
            var used = new BitArray(ushort.MaxValue + 1);
            foreach (var port in listeners.Select(static one => one.Port).Concat(connections.Select(static one => one.LocalEndPoint.Port)))
                used[port] = true;
            var waiting = connections.Count(static one => one.State == NetState.TimeWait);
            return new PortUsage
            {
                Listeners = listeners.Length,
                Connections = connections.Count - waiting,
                TimeWaits = waiting,
                EphemeralFirst = First,
                EphemeralLast = ushort.MaxValue,
                EphemeralInUse = Enumerable.Range(First, ushort.MaxValue - First + 1).Count(port => used[port]),
            };
        }
        catch (Exception exception) when (SocketList.IsRefusal(exception))
        {
            throw DotNetTable.Refused(exception);
        }
    }
}
