namespace Bindwise.Model.Diagnosing.Planning;

internal sealed record PickWish
{
    /// <summary>Only these; null: any from 1024 on.</summary>
    internal PortRange? Range { get; init; }

    /// <summary>The nearest to this one first; null: in no order that two picks share.</summary>
    internal int? Near { get; init; }

    internal int? Prefer { get; init; }
}

/// <summary>The ports to try for a server that takes any, in their order.</summary>
/// <param name="settings">Reserved ports, the ephemeral range and the first port without privilege.</param>
/// <param name="mayBindPrivileged">Who asks may bind the ports below that one.</param>
/// <param name="chance">Two numbers of chance, so that picks at the same time begin apart: the place to begin
/// at, and the way from one port to the next.</param>
internal sealed class PickOrder(PickWish wish, HostSettings settings, bool mayBindPrivileged, (uint Start, uint Step) chance)
{
    /// <summary>
    /// The first port that needs no privilege on a host that was not told otherwise; without a wish none below is taken, whatever the
    /// rights.
    /// </summary>
    private const int FirstOfAny = 1024;

    /// <summary>Below, most numbers belong to a known service (RFC 6335, "User Ports"): these come last.</summary>
    private const int FirstOfFew = 10_000;

    /// <summary>The ports in question, whatever is against some of them.</summary>
    internal PortRange Pool { get; } = wish.Range ?? new PortRange(Math.Min(FirstOfAny, wish.Near ?? FirstOfAny), ushort.MaxValue);

    internal IEnumerable<ushort> Ports()
    {
        var preferred = 0;
        if (wish.Prefer is { } prefer && ObjectionTo(prefer) is PortObjection.None or PortObjection.Ephemeral)
            yield return (ushort)(preferred = prefer);
        foreach (var isTaken in Passes())
        {
            foreach (var port in wish.Near is { } near ? ByDistance(near) : Mixed())
            {
                if (port != preferred && isTaken(port, ObjectionTo(port)))
                    yield return (ushort)port;
            }
        }
    }

    /// <summary>How many of the ports in question an objection keeps out.</summary>
    internal int CountOf(PortObjection objection)
    {
        if (objection == PortObjection.Ephemeral && TakesEphemeral)
            return 0;
        var count = 0;
        for (var port = Pool.First; port <= Pool.Last; port++)
            count += ObjectionTo(port) == objection ? 1 : 0;
        return count;
    }

    // Who names the ephemeral range wants it.
    private bool TakesEphemeral => wish.Range is not null || (wish.Near is { } near && settings.IsEphemeral(near));

    private PortObjection ObjectionTo(int port) => PortNumbers.ObjectionTo(port, settings, mayBindPrivileged);

    private IEnumerable<Func<int, PortObjection, bool>> Passes()
    {
        if (wish is { Range: null, Near: null })
        {
            yield return static (port, objection) => objection == PortObjection.None && port >= FirstOfFew;
            yield return static (port, objection) => objection == PortObjection.None && port < FirstOfFew;
        }
        else if (TakesEphemeral && wish.Range is null)
        {
            yield return static (_, objection) => objection is PortObjection.None or PortObjection.Ephemeral;
        }
        else
        {
            yield return static (_, objection) => objection == PortObjection.None;
            if (TakesEphemeral)
                yield return static (_, objection) => objection == PortObjection.Ephemeral;
        }
    }

    private IEnumerable<int> ByDistance(int near)
    {
        for (var distance = 0; near + distance <= Pool.Last || near - distance >= Pool.First; distance++)
        {
            if (near + distance <= Pool.Last && near + distance >= Pool.First)
                yield return near + distance;
            if (distance > 0 && near - distance >= Pool.First && near - distance <= Pool.Last)
                yield return near - distance;
        }
    }

    // Steps that have no divisor in common with the count reach every port once. Neighbours would not do: whatever lies beside a long
    // row of ports that are left out would be where half of all picks begin.
    private IEnumerable<int> Mixed()
    {
        var count = (uint)(Pool.Last - Pool.First + 1);
        var step = chance.Step % count;
        while (CommonDivisor(step, count) != 1)
            step = (step + 1) % count;
        for (ulong turn = 0; turn < count; turn++)
            yield return Pool.First + (int)((chance.Start % count + turn * step) % count);
    }

    // Euclid's.
    private static uint CommonDivisor(uint one, uint other) => other == 0 ? one : CommonDivisor(other, one % other);
}

/// <summary>The ports that come into question for somebody who cannot have the one that was asked for.</summary>
internal static class NearbyPorts
{
    private const int Window = 15;

    /// <summary>The ports, in the order in which they are to be tried; few, and empty where none will do.</summary>
    /// <param name="port">The port that was asked for, not 0.</param>
    /// <param name="window">So many numbers are looked at.</param>
    internal static ImmutableArray<ushort> Of(ushort port, HostSettings settings, bool mayBindPrivileged, int window = Window)
    {
        var unprivileged = mayBindPrivileged ? 1 : settings.FirstUnprivilegedPort;
        // 80 becomes 8080, and 443 becomes 8443, as everybody does.
        var first = port >= unprivileged ? port + 1 : Math.Max(unprivileged, port == 80 ? 8080 : port + 8000);
        if (first + window - 1 > ushort.MaxValue)
            first = port - window;
        var usable = Enumerable.Range(first, window)
            .Where(p => p != port && ProtocolPorts.NameOf((ushort)p) is null
                && PortNumbers.ObjectionTo(p, settings, mayBindPrivileged) is PortObjection.None or PortObjection.Ephemeral)
            .Select(static p => (ushort)p).ToImmutableArray();
        // The system gives the ports of its ephemeral range to connections: one outside it stays free.
        var outside = usable.RemoveAll(p => settings.IsEphemeral(p));
        return outside.IsEmpty || settings.IsEphemeral(port) ? usable : outside;
    }
}

/// <summary>Why a port is not to be given to a server, by its number and the host's settings alone.</summary>
internal enum PortObjection
{
    None,

    /// <summary>It needs a privilege that is not there (net.ipv4.ip_unprivileged_port_start).</summary>
    Privileged,

    BlockedByBrowsers,

    /// <summary>The host's administrator keeps it for something else (net.ipv4.ip_local_reserved_ports).</summary>
    Reserved,

    /// <summary>The kernel gives it to connections (net.ipv4.ip_local_port_range); the least of the objections.</summary>
    Ephemeral,
}

internal static class PortNumbers
{
    /// <summary>The first objection, the weightiest first; a number out of 1 to 65535 is not asked about.</summary>
    internal static PortObjection ObjectionTo(int port, HostSettings settings, bool mayBindPrivileged) =>
        !mayBindPrivileged && port < settings.FirstUnprivilegedPort ? PortObjection.Privileged
        : BrowserPorts.IsBlocked(port) ? PortObjection.BlockedByBrowsers
        : settings.IsReserved(port) ? PortObjection.Reserved
        : settings.IsEphemeral(port) ? PortObjection.Ephemeral
        : PortObjection.None;
}

/// <summary>
/// The ports to which browsers do not connect ("bad ports", https://fetch.spec.whatwg.org/#port-blocking): no port for a web server.
/// </summary>
internal static class BrowserPorts
{
    private static readonly HashSet<int> Blocked =
    [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115,
        117, 119, 123,
        135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989,
        990, 993, 995,
        1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ];

    internal static bool IsBlocked(int port) => Blocked.Contains(port);
}
