namespace Bindwise.AspNetCore;

/// <summary>When the health check calls the host's ports scarce.</summary>
public sealed class BindwiseHealthOptions
{
    /// <summary>Degraded if more than this fraction of the ephemeral range is in use: above 0, up to 1; null for never.</summary>
    public double? EphemeralUse { get; set; } = 0.9;

    /// <summary>Degraded if more TCP sockets than this are in TIME_WAIT: 0 or more; null for never.</summary>
    public int? TimeWaits { get; set; }
}
