using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Looks for a port to take instead, beside the one asked for, out of what the walks over the kernel's sockets tell anyway: nothing is bound to
/// try it. A port counts as taken when any socket of the protocol has it, of either family and in whatever state.
/// </summary>
internal sealed class NearbyPorts
{
    /// <summary>So many ports are looked at.</summary>
    private const int Window = 15;

    /// <summary>So many of them are asked about in every state: a neighbour may have any number of connections, which cost more than the answer.</summary>
    private const int AskedInEveryState = 4;

    private readonly ushort[] _candidates;
    private readonly HashSet<ushort> _taken = [];

    private NearbyPorts(ushort[] candidates) => _candidates = candidates;

    /// <summary>The first port that is looked at; 0 when there is none.</summary>
    internal ushort First => _candidates is [var first, ..] ? first : (ushort)0;

    /// <summary>The last one.</summary>
    internal ushort Last => _candidates is [.., var last] ? last : (ushort)0;

    /// <summary>The ports that come into question for somebody who wanted a port.</summary>
    /// <param name="port">The port, not 0.</param>
    /// <param name="settings">Reserved ports, the ephemeral range and the first port without privilege.</param>
    /// <param name="mayBindPrivileged">Who asks may bind the ports below that one.</param>
    internal static NearbyPorts Of(ushort port, HostSettings settings, bool mayBindPrivileged)
    {
        var unprivileged = mayBindPrivileged ? 1 : settings.UnprivilegedPortStart ?? 1024;
        // 80 becomes 8080, and 443 becomes 8443, as everybody does.
        var first = port >= unprivileged ? port + 1 : Math.Max(unprivileged, port == 80 ? 8080 : port + 8000);
        if (first + Window - 1 > ushort.MaxValue)
            first = port - Window;
        var usable = Enumerable.Range(first, Window)
            .Where(p => p >= unprivileged && p != port && !BrowserPorts.IsBlocked(p) && !settings.ReservedPorts.Any(r => r.Contains(p)))
            .Select(static p => (ushort)p).ToArray();
        // The system gives the ports of its ephemeral range to connections: one outside it stays free.
        var outside = usable.Where(p => !IsEphemeral(p, settings)).ToArray();
        return new NearbyPorts(outside.Length > 0 && !IsEphemeral(port, settings) ? outside : usable);
    }

    /// <summary>A socket has the port.</summary>
    internal void Take(ushort port)
    {
        if (port >= First && port <= Last)
            _taken.Add(port);
    }

    /// <summary>Those to be asked about in every state: the first that no listener has, and its next neighbours.</summary>
    internal NearbyPorts Shortlist() => new([.. _candidates.Where(p => !_taken.Contains(p)).Take(AskedInEveryState)]);

    /// <summary>The first that is free; null for none. True only after every socket of the ports was told.</summary>
    internal ushort? Find()
    {
        foreach (var port in _candidates)
        {
            if (!_taken.Contains(port))
                return port;
        }
        return null;
    }

    private static bool IsEphemeral(int port, HostSettings settings) =>
        settings is { LocalPortFirst: { } first, LocalPortLast: { } last } && port >= first && port <= last;
}
