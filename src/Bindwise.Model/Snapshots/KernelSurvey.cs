using System.Collections.Immutable;

namespace Bindwise.Model.Snapshots;

/// <summary>The search for what the kernel itself does on the port, made only when a socket in the way has no holder.</summary>
public sealed record KernelSurvey
{
    /// <summary>Services that are configured on the port, or towards the other end of a connection in the way.</summary>
    public ImmutableArray<KernelService> Services { get; init; } = [];

    /// <summary>What the kernel's own walk over its sockets tells of those without a holder; empty without the right to ask.</summary>
    public ImmutableArray<KernelSocketRecord> Sockets { get; init; } = [];

    /// <summary>The walk over the sockets was made (as root, with the kernel's type information).</summary>
    public bool SocketsWalked { get; init; }

    /// <summary>What could not be asked, each in a few words, as "WireGuard (EPERM)".</summary>
    public ImmutableArray<string> Unread { get; init; } = [];

    /// <summary>The network namespace is the system's first one, in which services that know only that one live; null when not known.</summary>
    public bool? IsFirstNamespace { get; init; }
}
