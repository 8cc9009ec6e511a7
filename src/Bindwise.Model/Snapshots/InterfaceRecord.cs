using System.Collections.Immutable;
using Bindwise.Model.Addresses;

namespace Bindwise.Model.Snapshots;

/// <summary>A network interface.</summary>
public sealed record InterfaceRecord
{
    /// <summary>The index.</summary>
    public required uint Index { get; init; }

    /// <summary>The name, as eth0.</summary>
    public required string Name { get; init; }

    /// <summary>Administratively up (IFF_UP).</summary>
    public bool IsUp { get; init; }

    /// <summary>Its addresses.</summary>
    public ImmutableArray<InterfaceAddress> Addresses { get; init; } = [];
}

/// <summary>An address on an interface (RTM_NEWADDR).</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">The prefix's length in bits.</param>
/// <param name="IsTentative">Duplicate address detection is under way (IFA_F_TENTATIVE without IFA_F_OPTIMISTIC): cannot be bound yet.</param>
/// <param name="IsDuplicate">Duplicate address detection failed (IFA_F_DADFAILED): cannot be bound.</param>
public sealed record InterfaceAddress(IpAddress Address, int PrefixLength, bool IsTentative = false, bool IsDuplicate = false);
