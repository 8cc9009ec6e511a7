using System.Runtime.Versioning;

namespace Bindwise.Tools;

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
    /// The same, and each TCP port is held by a bound socket too, beside which only a server with SO_REUSEADDR can bind; until disposal,
    /// whatever the request's lease.
    /// </summary>
    internal static PickedPorts PickHeld(PortPickRequest request, CancellationToken cancellationToken)
    {
        request.Check();
        var picked = new PickSearch(request, PickKeeping.Sockets, cancellationToken).Run();
        picked.EndHolding(Transports.Udp);
        return picked;
    }
}
