using System.Collections;
using System.Net.NetworkInformation;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Sysctls;
using Bindwise.Portable;
using NetState = System.Net.NetworkInformation.TcpState;

namespace Bindwise;

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
        var errno = SockDiagClient.TryOpen(out var client);
        if (client is null)
            throw new PortQueryException($"the socket table cannot be read: netlink sock_diag cannot be opened ({errno})");
        using (client)
        {
            var outcome = client.Count(ref counter);
            if (outcome.Status is DumpStatus.Failed or DumpStatus.Malformed)
                throw new PortQueryException($"the socket table cannot be read completely ({outcome})");
        }
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
