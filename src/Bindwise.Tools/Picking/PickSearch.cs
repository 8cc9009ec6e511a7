using Bindwise.Linux.Callers;
using Bindwise.Linux.Picking;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Tools;

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

    private readonly List<SafeFileDescriptor> _leases = [];
    private readonly List<SafeFileDescriptor> _sockets = [];
    private readonly IpAddress? _address = request.Address is { } address ? IpAddress.FromBytes(address.GetAddressBytes()) : null;
    private int _tried;
    private int _taken;
    private int _leased;
    private int _refused;

    /// <exception cref="PortPickException">There are not enough.</exception>
    /// <exception cref="IOException">The system refused.</exception>
    public PickedPorts Run()
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
                if (isWhole = ports.Count == request.Count)
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
        if (errno == Errno.None && request.Reserve)
            errno = Reserve(port);
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
                throw Failure($"{_address?.ToString() ?? "the loopback address"} is not an address of this host", errno);
            case Errno.ENOBUFS:
                throw new IOException("descriptors or memory are short: see ulimit -n and ulimit -v");
            default:
                throw Failure("a port cannot be tried", errno);
        }
    }

    private Errno Reserve(ushort port)
    {
        var errno = TimeWaitReservation.Make(_address, port);
        return errno switch
        {
            Errno.None or Errno.EADDRINUSE or Errno.EADDRNOTAVAIL => errno,
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
            return PortTrial.Run(protocol, _address, port);
        var errno = PortTrial.Keep(protocol, _address, port, out var socket);
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
        var picked = new PickSearch(request, PickKeeping.Nothing, cancellationToken).Run();
        if (request.Lease is { } lease)
            picked.EndAfter(lease);
        return picked;
    }

    /// <summary>
    /// The same, each port by itself, and each TCP port is held by a bound socket too, beside which only a server with SO_REUSEADDR can
    /// bind; until disposal, whatever the request's lease.
    /// </summary>
    internal static IEnumerable<PickedPorts> PickHeld(PortPickRequest request)
    {
        request.Check();
        var picked = new PickSearch(request, PickKeeping.Sockets, CancellationToken.None).Run();
        picked.EndHolding(Transports.Udp);
        return picked.Apart();
    }
}
