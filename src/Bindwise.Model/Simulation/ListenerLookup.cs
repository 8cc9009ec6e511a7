using Bindwise.Model.Addresses;

namespace Bindwise.Model.Simulation;

/// <summary>Which listener a SYN meets.</summary>
/// <param name="system">The tables.</param>
internal sealed class ListenerLookup(SimulatedSystem system)
{
    /// <summary>
    /// Who listens for an address, the mapped form for IPv4: its own listener before the wildcard's; among those one bound to
    /// the interface, then one of the packet's own family, then the newest (inet_lookup_listener(), compute_score()).
    /// </summary>
    public SimulatedSocket? For(IpEndpoint at, uint interfaceIndex) => Best(at, interfaceIndex, exact: true) ?? Best(at, interfaceIndex, exact: false);

    private SimulatedSocket? Best(IpEndpoint at, uint interfaceIndex, bool exact)
    {
        SimulatedSocket? best = null;
        var bestScore = 0;
        foreach (var listener in system.ListenersOf(at.Port))
        {
            var score = listener.DeviceIndex == 0 || listener.DeviceIndex == interfaceIndex ? ScoreOf(listener, at.Address, exact) : 0;
            if (score <= bestScore)
                continue;
            // A group's member ends the search, whoever would score higher behind it (inet_lookup_reuseport()).
            if (listener is { ReusePort: true, IsInReusePortGroup: true })
                return listener;
            (best, bestScore) = (listener, score);
        }
        return best;
    }

    private static int ScoreOf(SimulatedSocket listener, IpAddress address, bool exact)
    {
        var isIPv4 = address.IsMapped;
        if (isIPv4 ? listener.V6Only : listener.Family == IpFamily.IPv4)
            return 0;
        var own = listener.Address;
        var meets = exact ? own.AsIPv6 == address : isIPv4 ? (own.AsIPv4 ?? own).IsAny : own.IsAny;
        return !meets ? 0 : (listener.DeviceIndex != 0 ? 2 : 1) + (listener.Family == IpFamily.IPv4 ? 1 : 0);
    }
}
