using System.Net;
using System.Net.Sockets;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Picking;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Tools;

/// <summary>
/// Which ports to pick. Immutable; checked when they are picked. By default one TCP port outside the ephemeral range, on every address.
/// </summary>
public sealed record PortPickRequest
{
    /// <summary>The most ports of one request.</summary>
    public const int MostPorts = 200;

    /// <summary>The longest <see cref="Lease"/>: a day.</summary>
    public static TimeSpan LongestLease { get; } = TimeSpan.FromDays(1);

    /// <summary>How many, 1 to <see cref="MostPorts"/>: all of them are picked, or none.</summary>
    public int Count { get; init; } = 1;

    /// <summary>
    /// Only these ports, and the preferred one; those outside the ephemeral range first. Null: any from 1024 on outside the ephemeral
    /// range, those from 10000 on first.
    /// </summary>
    public PortRange? Range { get; init; }

    /// <summary>
    /// The ports nearest to this one first, 1 to 65535; where it is in the ephemeral range, those of that range count too. Null: in a
    /// random order.
    /// </summary>
    public int? Near { get; init; }

    /// <summary>This port before all others, if it can be had, 1 to 65535; null for none.</summary>
    public int? Prefer { get; init; }

    /// <summary>
    /// The address that the program will bind; null: every address of both families, so that no address and no family of the port is taken.
    /// </summary>
    public IPAddress? Address { get; init; }

    /// <summary>The number has to be free for UDP as well as for TCP.</summary>
    public bool Udp { get; init; }

    /// <summary>
    /// How long no other pick of this network namespace gets the ports: at most <see cref="LongestLease"/>, and never longer than the <see
    /// cref="PickedPorts"/> are undisposed and the process lives. Null: for as long as that; zero: not after they are picked.
    /// </summary>
    public TimeSpan? Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Leaves a TIME_WAIT on each TCP port, which keeps it out of the kernel's automatic choice (port 0, connect()) and out of other picks
    /// for 60 s, also beyond the end of this process. Only a program that sets SO_REUSEADDR can bind the port then.
    /// </summary>
    public bool Reserve { get; init; }

    /// <summary>The interface of a link-local <see cref="Address"/>, by its name or index.</summary>
    internal string? Scope { get; init; }

    internal void Check()
    {
        if (Count is < 1 or > MostPorts)
            throw new ArgumentException($"Pick 1 to {MostPorts} ports at once.", "request");
        if (Range is { First: 0 })
            throw new ArgumentException("A range of ports to pick from begins with 1 at least.", "request");
        if (Near is < 1 or > ushort.MaxValue || Prefer is < 1 or > ushort.MaxValue)
            throw new ArgumentException("A port is a number from 1 to 65535.", "request");
        if (Lease is { } lease && (lease < TimeSpan.Zero || lease > LongestLease))
            throw new ArgumentException("A lease is at least zero, and at most a day.", "request");
        if (Address is { AddressFamily: AddressFamily.InterNetworkV6 } address && address.ScopeId != 0)
            throw new ArgumentException("Ports are not picked for an address of one interface (%scope).", "request");
    }
}

/// <summary>There are not enough ports. None was kept.</summary>
public sealed class PortPickException : Exception, IBindwiseException
{
    internal PortPickException(PortPickShortage shortage) : base(shortage.ToString()) => Shortage = shortage;

    /// <summary>How many there were, and what stood in the way of the others.</summary>
    public PortPickShortage Shortage { get; }
}

/// <summary>What stood in the way of a pick.</summary>
public sealed record PortPickShortage
{
    /// <summary>How many ports were asked for.</summary>
    public required int Wanted { get; init; }

    /// <summary>How many could be had.</summary>
    public required int Found { get; init; }

    /// <summary>The ports in question.</summary>
    public required PortRange Range { get; init; }

    /// <summary>How many were tried.</summary>
    public required int Tried { get; init; }

    /// <summary>Of these: taken by a socket in any state (EADDRINUSE).</summary>
    public int Taken { get; init; }

    /// <summary>Of these: leased to another pick, or somebody holds the lease's name, <c>@bindwise/lease/PORT</c>.</summary>
    public int Leased { get; init; }

    /// <summary>Of these: refused by a policy (EACCES, EPERM).</summary>
    public int Refused { get; init; }

    /// <summary>Not tried: this process may not bind them (net.ipv4.ip_unprivileged_port_start).</summary>
    public int Privileged { get; init; }

    /// <summary>Not tried: browsers do not connect to them.</summary>
    public int BlockedByBrowsers { get; init; }

    /// <summary>Not tried: they are in net.ipv4.ip_local_reserved_ports.</summary>
    public int Reserved { get; init; }

    /// <summary>Not tried: they are in the ephemeral range (net.ipv4.ip_local_port_range).</summary>
    public int Ephemeral { get; init; }

    /// <summary>One sentence without its full stop: how many there were, and what stood in the way.</summary>
    public override string ToString()
    {
        (int Count, string What)[] obstacles =
        [
            (Taken, "taken"),
            (Leased, "leased to other picks (@bindwise/lease/PORT)"),
            (Refused, "refused by a policy"),
            (Privileged, "privileged"),
            (BlockedByBrowsers, "blocked by browsers"),
            (Reserved, "in ip_local_reserved_ports"),
            (Ephemeral, "in the ephemeral range"),
        ];
        if (Range.First == Range.Last && Wanted == 1 && Found == 0)
            return $"port {Range} cannot be had"
                + string.Concat(obstacles.Where(static one => one.Count > 0).Select(static one => ": it is " + one.What));
        var reasons = string.Join(", ",
            obstacles.Where(static one => one.Count > 0).Select(static one => FormattableString.Invariant($"{one.Count} {one.What}")));
        var found = Found == 0 ? "no port can be had" : FormattableString.Invariant($"only {Found} of {Wanted} ports can be had");
        var size = Range.Last - Range.First + 1;
        var has = size < Wanted ? FormattableString.Invariant($", which has {size}") : "";
        return $"{found} in {Range}{has}{(reasons.Length == 0 ? "" : ": ")}{reasons}";
    }
}

/// <summary>What is kept of a picked port, beside its lease.</summary>
internal enum PickKeeping
{
    Nothing,

    /// <summary>A bound TCP socket, which only a program with SO_REUSEADDR can bind beside.</summary>
    Sockets,

    /// <summary>A listening TCP socket, and a bound UDP socket.</summary>
    Listeners,
}

/// <summary>Runs one request: takes the lease of a port first, then tries the port, until there are enough.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PickSearch(PortPickRequest request, PickKeeping keeping, CancellationToken cancellation)
{
    /// <summary>Connections that wait until the program accepts them; the kernel takes net.core.somaxconn if that is less.</summary>
    private const int Backlog = 4096;

    private static readonly TimeSpan LongestWaitForTurn = TimeSpan.FromSeconds(10);

    private readonly List<SafeFileDescriptor> _leases = [];
    private readonly List<SafeFileDescriptor> _sockets = [];
    private readonly IpAddress? _address = request.Address is { } address ? IpAddress.FromBytes(address.GetAddressBytes()) : null;
    private readonly uint _scope = request.Scope is { } scope ? IndexOf(scope) : 0;
    private int _tried;
    private int _taken;
    private int _leased;
    private int _refused;
    private int _reserved;

    /// <summary>
    /// Searches, and once more where the leases of other picks left too few. Each of two picks may have had some of the ports that one of
    /// them needs, so each gives its own back, and they take turns: the last one meets only leases of picks that have what they asked for.
    /// </summary>
    public static PickedPorts Run(PortPickRequest request, PickKeeping keeping, CancellationToken cancellation)
    {
        try
        {
            return new PickSearch(request, keeping, cancellation).Search();
        }
        catch (PortPickException exception) when (exception.Shortage.Found + exception.Shortage.Leased >= request.Count)
        {
            using var turn = TakeTurn(cancellation);
            return new PickSearch(request, keeping, cancellation).Search();
        }
    }

    // The lease of port 0, which is nobody's. Any user can hold the name, so nobody waits for it for long.
    private static SafeFileDescriptor TakeTurn(CancellationToken cancellation)
    {
        var since = Stopwatch.GetTimestamp();
        SafeFileDescriptor turn;
        while (LeaseName.Take(0, out turn) == Errno.EADDRINUSE && Stopwatch.GetElapsedTime(since) < LongestWaitForTurn)
            cancellation.WaitHandle.WaitOne(1);
        return turn;
    }

    private static uint IndexOf(string scope) => PortTrial.FindScope(scope, out var index) switch
    {
        Errno.None => index,
        Errno.ENODEV => throw NoInterface(scope),
        var errno => throw Failure("a port cannot be tried", errno),
    };

    private static IOException NoInterface(string scope) => Failure($"there is no interface {scope}", Errno.ENODEV);

    private PickedPorts Search()
    {
        var settings = HostSettingsReader.Read(SettingParts.Privilege | SettingParts.EphemeralRange);
        // Without /proc, Linux's own.
        settings = settings with { LocalPortFirst = settings.LocalPorts.First, LocalPortLast = settings.LocalPorts.Last };
        var mayBindPrivileged = CallerReader.Read(null).MayBindPrivilegedPorts == Fact.Yes;
        var wish = new PickWish { Range = request.Range, Near = request.Near, Prefer = request.Prefer };
        var order = new PickOrder(wish, settings, mayBindPrivileged, ((uint)Random.Shared.Next(), (uint)Random.Shared.Next()));
        var ports = ImmutableArray.CreateBuilder<PickedPort>(request.Count);
        var isWhole = false;
        try
        {
            foreach (var port in order.Ports())
            {
                cancellation.ThrowIfCancellationRequested();
                if (!TryTake(port))
                    continue;
                ports.Add(new PickedPort { Number = port, IsEphemeral = settings.IsEphemeral(port) });
                if (isWhole = ports.Count == request.Count && (!request.Reserve || AreReserved(ports)))
                    return new PickedPorts(ports.ToImmutable(), [.. _leases], [.. _sockets]);
            }
            throw new PortPickException(Shortage(order, ports.Count));
        }
        finally
        {
            if (!isWhole)
                Close(0, 0);
        }
    }

    private bool TryTake(ushort port)
    {
        _tried++;
        var errno = LeaseName.Take(port, out var lease);
        if (errno != Errno.None)
        {
            _leased++;
            return errno == Errno.EADDRINUSE ? false : throw Failure("the lease of a port cannot be taken", errno);
        }
        var (leases, sockets) = (_leases.Count, _sockets.Count);
        _leases.Add(lease);
        errno = TryProtocols(port);
        if (errno == Errno.None)
            return true;
        Close(leases, sockets);
        switch (errno)
        {
            case Errno.EADDRINUSE:
                _taken++;
                return false;
            case Errno.EACCES or Errno.EPERM:
                _refused++;
                return false;
            case Errno.EADDRNOTAVAIL:
                throw Failure($"{_address?.ToString() ?? "the loopback address"} is not "
                    + (request.Scope is { } own ? $"on interface {own}" : "an address of this host"), errno);
            case Errno.ENODEV when request.Scope is { } scope:
                throw NoInterface(scope);
            case Errno.EINVAL when _address is { IsLinkLocal: true }:
                throw Failure($"{_address} is link-local and needs its interface", errno);
            case Errno.EINVAL when _address is { IsMulticast: true }:
                throw Failure("TCP cannot be bound to a multicast address", errno);
            case Errno.ENOBUFS:
                throw new IOException("descriptors or memory are short: see ulimit -n and ulimit -v");
            default:
                throw Failure("a port cannot be tried", errno);
        }
    }

    /// <summary>Reserves what is not yet; a port that is taken by now leaves the list.</summary>
    // Only once there are enough: a TIME_WAIT would outlive a search that fails.
    private bool AreReserved(ImmutableArray<PickedPort>.Builder ports)
    {
        while (_reserved < ports.Count)
        {
            if (Reserve(ports[_reserved].Number) == Errno.None)
            {
                _reserved++;
                continue;
            }
            _taken++;
            ports.RemoveAt(_reserved);
            _leases[_reserved].Dispose();
            _leases.RemoveAt(_reserved);
        }
        return ports.Count == request.Count;
    }

    private Errno Reserve(ushort port)
    {
        var errno = TimeWaitReservation.Make(_address, _scope, port);
        return errno switch
        {
            Errno.None or Errno.EADDRINUSE => errno,
            // The address is this host's: its port was bound just before.
            Errno.EADDRNOTAVAIL => throw Failure("no TIME_WAIT can be made: its connection gets no source port, since all ephemeral ports "
                + "are in use (bindwise why 0)", errno),
            Errno.ENOBUFS => throw new IOException("the kernel kept no TIME_WAIT: see net.ipv4.tcp_max_tw_buckets"),
            _ => throw Failure($"no TIME_WAIT could be made by a connection to {_address?.ToString() ?? "loopback"}: is the interface up, "
                + "and does no firewall drop it?", errno),
        };
    }

    private Errno TryProtocols(ushort port)
    {
        var errno = TryProtocol(Protocol.Tcp, port);
        return errno == Errno.None && request.Udp ? TryProtocol(Protocol.Udp, port) : errno;
    }

    private Errno TryProtocol(Protocol protocol, ushort port)
    {
        if (keeping == PickKeeping.Nothing)
            return PortTrial.Run(protocol, _address, _scope, port);
        var errno = PortTrial.Keep(protocol, _address, _scope, port, out var socket);
        if (errno != Errno.None)
            return errno;
        _sockets.Add(socket);
        return keeping == PickKeeping.Listeners && protocol == Protocol.Tcp ? ListenCall.Listen(socket, Backlog) : Errno.None;
    }

    private void Close(int leases, int sockets)
    {
        foreach (var one in _sockets.Skip(sockets).Concat(_leases.Skip(leases)))
            one.Dispose();
        _sockets.RemoveRange(sockets, _sockets.Count - sockets);
        _leases.RemoveRange(leases, _leases.Count - leases);
    }

    private PortPickShortage Shortage(PickOrder order, int found) => new()
    {
        Wanted = request.Count,
        Found = found,
        Range = order.Pool,
        Tried = _tried,
        Taken = _taken,
        Leased = _leased,
        Refused = _refused,
        Privileged = order.CountOf(PortObjection.Privileged),
        BlockedByBrowsers = order.CountOf(PortObjection.BlockedByBrowsers),
        Reserved = order.CountOf(PortObjection.Reserved),
        Ephemeral = order.CountOf(PortObjection.Ephemeral),
    };

    private static IOException Failure(string what, Errno errno) => new($"{what} ({errno})");
}

/// <summary>
/// Picks ports that a server can bind now, as <c>bindwise pick</c>: tried by a bind() without any option, so that TIME_WAIT, a listener on
/// one address and a bound socket count, and leased, so that no other pick on this host's network namespace, whoever runs it, gets the same
/// ones. Stateless; thread-safe. Linux only.
/// </summary>
/// <example>
/// <code>
/// using var picked = PortPicker.Pick(new PortPickRequest { Count = 2 });
/// StartServer(picked.Ports[0].Number, picked.Ports[1].Number);
/// </code>
/// </example>
[SupportedOSPlatform("linux")]
public static class PortPicker
{
    /// <summary>Picks on the calling thread: microseconds for each port that is tried.</summary>
    /// <param name="request">Which ports.</param>
    /// <param name="cancellationToken">Ends the search between two ports.</param>
    /// <returns>The ports, leased until they are disposed of or the lease is over.</returns>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PortPickException">There are not enough ports.</exception>
    /// <exception cref="IOException">The system refused: no descriptors are left, or the address is not one of this host's.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static PickedPorts Pick(PortPickRequest? request = null, CancellationToken cancellationToken = default)
    {
        request ??= new PortPickRequest();
        request.Check();
        var picked = PickSearch.Run(request, PickKeeping.Nothing, cancellationToken);
        if (request.Lease is { } lease)
            picked.EndAfter(lease);
        return picked;
    }

    /// <summary>Each port by itself, each TCP port held by a socket beside which only SO_REUSEADDR can bind; until disposal.</summary>
    internal static IEnumerable<PickedPorts> PickHeld(PortPickRequest request)
    {
        request.Check();
        var picked = PickSearch.Run(request, PickKeeping.Sockets, CancellationToken.None);
        picked.EndHolding(Transports.Udp);
        return picked.Apart();
    }
}
