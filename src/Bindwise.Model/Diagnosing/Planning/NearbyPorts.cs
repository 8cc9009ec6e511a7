using System.Collections.Frozen;

namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>The ports that come into question for somebody who cannot have the one that was asked for.</summary>
internal static class NearbyPorts
{
    private const int Window = 15;

    /// <summary>The ports, in the order in which they are to be tried; few, and empty where none will do.</summary>
    /// <param name="port">The port that was asked for, not 0.</param>
    /// <param name="settings">Reserved ports, the ephemeral range and the first port without privilege.</param>
    /// <param name="mayBindPrivileged">Who asks may bind the ports below that one.</param>
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

    /// <summary>Browsers refuse to connect to it.</summary>
    BlockedByBrowsers,

    /// <summary>The host's administrator keeps it for something else (net.ipv4.ip_local_reserved_ports).</summary>
    Reserved,

    /// <summary>The kernel gives it to connections (net.ipv4.ip_local_port_range); the least of the objections.</summary>
    Ephemeral,
}

internal static class PortNumbers
{
    /// <summary>The first objection, the weightiest first; a number out of 1 to 65535 is not asked about.</summary>
    /// <param name="settings">Reserved ports, the ephemeral range and the first port without privilege.</param>
    /// <param name="mayBindPrivileged">Who asks may bind the ports below that one.</param>
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
    private static readonly FrozenSet<int> Blocked = FrozenSet.ToFrozenSet(
    [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115,
        117, 119, 123,
        135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989,
        990, 993, 995,
        1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ]);

    internal static bool IsBlocked(int port) => Blocked.Contains(port);
}
