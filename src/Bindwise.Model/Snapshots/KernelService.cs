using Bindwise.Model.Addresses;

namespace Bindwise.Model.Snapshots;

/// <summary>
/// Something that the kernel itself does on a port, as the host's configuration tells. Read only when a socket in the way has no holder.
/// </summary>
public sealed record KernelService
{
    /// <summary>What it is.</summary>
    public required KernelServiceKind Kind { get; init; }

    /// <summary>What it is called: the interface, the target, the mount point; empty where there is only one.</summary>
    public string Name { get; init; } = "";

    /// <summary>TCP or UDP.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>The local address that it is configured for; null for every one, or when not told.</summary>
    public IpAddress? Address { get; init; }

    /// <summary>The local port; null for a service that takes whichever is free, as the source port of a mount.</summary>
    public ushort? Port { get; init; }

    /// <summary>The other end of its connections; null for none, or when not told.</summary>
    public IpEndpoint? Remote { get; init; }

    /// <summary>How it was told: a file, or the interface of the kernel that was asked.</summary>
    public string Source { get; init; } = "";
}
