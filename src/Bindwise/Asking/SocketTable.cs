using System.Net.NetworkInformation;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Inspecting;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Processes;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Secrets;
using Bindwise.Portable;
using NetState = System.Net.NetworkInformation.TcpState;

namespace Bindwise;

/// <summary>Lists this host's sockets with their states and owners. Stateless; thread-safe.</summary>
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

    /// <summary>The same on a thread of the pool: a table of 100,000 sockets takes about 20 ms, the search for owners more.</summary>
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
        string[] notes = [.. filter.Protocols.Contains(Protocol.Unix) ? [DotNetTable.WithoutUnixSockets] : (string[])[],
            .. filter.WithOwners ? [DotNetTable.WithoutOwners] : (string[])[]];
        var wanted = DotNetTable.Read(filter.Protocols, filter.Ports)
            .Where(socket => filter.States.IsEmpty || filter.States.Contains(socket.State)).ToList();
        return new SocketListing
        {
            Sockets = [.. wanted.Take(filter.Maximum).Select(static socket => new ListedSocket { Socket = socket })],
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
    private readonly EquatableArray<ListedSocket> _sockets;
    private readonly EquatableArray<string> _notes;

    /// <summary>The sockets: protocols in the order of the filter, otherwise in the system's order.</summary>
    public ImmutableArray<ListedSocket> Sockets { get => _sockets; init => _sockets = value; }

    /// <summary>How many more there were than the filter's maximum.</summary>
    public int Omitted { get; init; }

    /// <summary>Everything you asked for was read, and nothing was omitted.</summary>
    public bool IsComplete { get; init; }

    /// <summary>What could not be read and why, one line each; empty if nothing is missing except <see cref="Omitted"/>.</summary>
    public ImmutableArray<string> Notes { get => _notes; init => _notes = value; }
}

/// <summary>A socket of a listing, with the processes that hold it.</summary>
internal sealed record ListedSocket
{
    private readonly EquatableArray<Owner> _owners;

    public required HeldSocket Socket { get; init; }

    /// <summary>The processes that hold it; empty if you did not ask for them, or none is visible.</summary>
    public ImmutableArray<Owner> Owners { get => _owners; init => _owners = value; }
}

/// <summary>Which sockets a listing shows, and with what: owners, masked command lines, how many.</summary>
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

    /// <summary>Also finds the processes that hold the sockets, which reads the descriptors of all processes.</summary>
    public bool WithOwners { get; init; }

    /// <summary>Shows passwords, tokens and keys on the owners' command lines; false: masks them.</summary>
    public bool ShowSecrets { get; init; }

    /// <summary>Lists only what .NET itself can see, as on macOS and Windows: no UNIX sockets, no owners, no bound-only sockets.</summary>
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
        catch (Exception exception) when (exception is NetworkInformationException or PlatformNotSupportedException or IOException
            or UnauthorizedAccessException)
        {
            throw new PortQueryException($"the system's list of sockets cannot be read: {exception.Message.ReplaceLineEndings(" ")}",
                exception);
        }
    }

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
    private const int MostNamed = 8;

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
        var owners = filter.WithOwners ? OwnersWithin(wanted.Sockets, filter.ShowSecrets, notes, cancellationToken) : null;
        return new SocketListing
        {
            Sockets = [.. wanted.Sockets.Select(
                socket => new ListedSocket { Socket = socket, Owners = owners?.OwnersOf(socket.Inode) ?? [] })],
            Omitted = wanted.Omitted,
            IsComplete = wanted.Omitted == 0 && notes.Count == 0,
            Notes = [.. notes],
        };
    }

    // Reads of processes that are stuck in the kernel never end: each is given up, and what was not read is told.
    private static OwnerIndex OwnersWithin(List<HeldSocket> sockets, bool showSecrets, List<string> notes,
        CancellationToken cancellationToken)
    {
        try
        {
            var (owners, told) = BoundedRun.Run(
                _ =>
                {
                    // The question may be asked again: only the notes of the run that ended count.
                    var own = new List<string>();
                    var found = OwnersOf(sockets, showSecrets, own);
                    own.AddRange(StuckNotes(BoundedRun.Current?.Refused ?? []));
                    return (found, own);
                },
                cancellationToken);
            notes.AddRange(told);
            return owners;
        }
        catch (InspectionException exception)
        {
            throw new PortQueryException(exception.Message, exception);
        }
    }

    private static IEnumerable<string> StuckNotes(ImmutableArray<ForeignTarget> refused)
    {
        var stuck = refused.Select(static target => target.ProcessId).Where(static id => id > 0).Distinct().Order().ToList();
        if (stuck.Count == 0)
            yield break;
        var named = string.Join(", ", stuck.Take(MostNamed)) + (stuck.Count > MostNamed ? "…" : "");
        yield return FormattableString.Invariant(
            $"processes that could not be inspected, stuck in the kernel: {stuck.Count} (pid {named}); owners may be missing");
    }

    private static OwnerIndex OwnersOf(List<HeldSocket> sockets, bool showSecrets, List<string> notes)
    {
        var found = OwnerSearch.Find(sockets.Select(static socket => socket.Inode).Where(static inode => inode != 0).ToHashSet());
        notes.AddRange(found.Notes);
        if (found.Hidden)
            notes.Add("/proc hides other users' processes (hidepid): owners may be missing");
        else if (found.Unreadable > 0)
            notes.Add($"this user may not read the descriptors of {Wording.Count(found.Unreadable, "process", "processes")}: "
                + "owners may be missing");
        var snapshot = new Snapshot
        {
            TakenAt = DateTimeOffset.Now,
            Sockets = [.. sockets],
            Holders = found.Holders,
            HoldersOmitted = found.Omitted,
            Processes = OwnersAhead.ReadProcesses(found, new UserNames().Find),
        };
        return new OwnerIndex(showSecrets ? snapshot : SecretMask.Of(snapshot));
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
