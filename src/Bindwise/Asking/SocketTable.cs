using System.Net.NetworkInformation;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Portable;
using NetState = System.Net.NetworkInformation.TcpState;

namespace Bindwise;

/// <summary>Lists this host's sockets with their states. Stateless; thread-safe.</summary>
internal static class SocketTable
{
    /// <param name="filter">Which sockets; null for every TCP and UDP socket.</param>
    /// <param name="cancellationToken">Ends it between two of its stages.</param>
    /// <exception cref="ArgumentException">The filter names nothing to list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The filter's maximum is out of range.</exception>
    /// <exception cref="PortQueryException">The socket table cannot be read.</exception>
    public static SocketListing Read(SocketFilter? filter = null, CancellationToken cancellationToken = default)
    {
        filter ??= SocketFilter.TcpAndUdp;
        filter.Check();
        cancellationToken.ThrowIfCancellationRequested();
        return filter.Portable || !OperatingSystem.IsLinux() ? OfDotNet(filter) : KernelTable.Read(filter, cancellationToken);
    }

    /// <summary>The same on a thread of the pool: a table of 100,000 sockets takes about 20 ms.</summary>
    /// <param name="filter">Which sockets; null for every TCP and UDP socket.</param>
    /// <param name="cancellationToken">Ends the wait at once, and the reading between two of its stages.</param>
    /// <exception cref="ArgumentException">The filter names nothing to list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The filter's maximum is out of range.</exception>
    /// <exception cref="PortQueryException">The socket table cannot be read.</exception>
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

/// <summary>
/// The requested sockets of this network namespace. The table changes while it is read: this is not a snapshot of one moment.
/// </summary>
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

    /// <summary>The largest value of <see cref="Maximum"/>: 1,048,576 sockets.</summary>
    public const int LargestMaximum = 1 << 20;

    /// <summary>Every TCP and UDP socket, at most 65,536.</summary>
    public static SocketFilter TcpAndUdp { get; } = new();

    /// <summary>The protocols, each once; UNIX sockets are listed only if you ask for them.</summary>
    public ImmutableArray<Protocol> Protocols { get => _protocols; init => _protocols = value; }

    /// <summary>The local ports; empty for all. With ports, UNIX sockets are not listed, because they have none.</summary>
    public ImmutableArray<PortRange> Ports { get => _ports; init => _ports = value; }

    /// <summary>
    /// The states; empty for all. <see cref="TcpSocketState.Bound"/> is a TCP socket that is bound only; an unconnected UDP or UNIX socket
    /// is in <see cref="TcpSocketState.Close"/>.
    /// </summary>
    public ImmutableArray<TcpSocketState> States { get => _states; init => _states = value; }

    /// <summary>The most sockets to list, 1 to <see cref="LargestMaximum"/>; the others are counted.</summary>
    public int Maximum { get; init; } = 1 << 16;

    /// <summary>Lists only what .NET itself can see, as on macOS and Windows: no UNIX sockets, no bound-only sockets.</summary>
    public bool Portable { get; init; }

    /// <exception cref="ArgumentException">It names nothing to list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is not in its range.</exception>
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

    /// <param name="protocols">Which protocols; none are listed for UNIX.</param>
    /// <param name="ports">Which local ports; empty for all.</param>
    /// <exception cref="PortQueryException">The system does not give its list.</exception>
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
        var errno = SockDiagClient.TryOpen(out var client);
        if (client is null)
            throw new PortQueryException($"the socket table cannot be read: netlink sock_diag cannot be opened ({errno})");
        using (client)
        {
            foreach (var protocol in filter.Protocols.Distinct())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var outcome = client.ReadListing(protocol, wanted);
                if (outcome.Status == DumpStatus.Failed)
                    throw new PortQueryException($"the socket table cannot be read ({outcome})");
                if (!outcome.IsComplete)
                    notes.Add($"sockets may be missing: the table changed, or could not be read completely ({outcome})");
            }
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

    private static uint MaskOf(ImmutableArray<TcpSocketState> states)
    {
        if (states.IsEmpty)
            return DiagRequests.AllStates;
        uint mask = 0;
        foreach (var state in states)
            mask |= DiagRequests.Mask(state);
        return mask;
    }
}
