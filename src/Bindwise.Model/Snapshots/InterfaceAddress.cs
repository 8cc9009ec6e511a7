namespace Bindwise.Diagnostics;

/// <summary>An address on an interface (RTM_NEWADDR).</summary>
internal sealed record InterfaceAddress
{
    public required IpAddress Address { get; init; }
    public required int PrefixLength { get; init; }

    /// <summary>Duplicate address detection is under way (IFA_F_TENTATIVE without IFA_F_OPTIMISTIC): cannot be bound yet.</summary>
    public bool IsTentative { get; init; }

    /// <summary>Duplicate address detection failed (IFA_F_DADFAILED): cannot be bound.</summary>
    public bool IsDuplicate { get; init; }
}
