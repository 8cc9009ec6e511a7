namespace Bindwise.Diagnostics;

/// <summary>The ports in use on a host, each server's once.</summary>
public sealed record PortListing
{
    private readonly EquatableArray<ListedPort> _ports;
    private readonly EquatableArray<ProcessRecord> _processes;
    private readonly EquatableArray<InterfaceRecord> _interfaces;
    private readonly EquatableArray<string> _notes;

    /// <summary>By protocol (TCP, UDP, UNIX), then by port; UNIX addresses by name.</summary>
    public ImmutableArray<ListedPort> Ports { get => _ports; init => _ports = value; }

    /// <summary>When the sockets were read, with the host's offset from UTC.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>The holders of the listed sockets, and their parents.</summary>
    public ImmutableArray<ProcessRecord> Processes { get => _processes; init => _processes = value; }

    /// <summary>The interfaces, by which a socket's device index gets its name; read only where a socket is bound to one.</summary>
    internal ImmutableArray<InterfaceRecord> Interfaces { get => _interfaces; init => _interfaces = value; }

    /// <summary>net.ipv4.tcp_l3mdev_accept: all VRFs have the same TCP ports.</summary>
    internal bool ArePortsOfVrfsShared { get; init; }

    /// <summary>How many were left out though their owners, which the caller may not see, may be whom the filter names.</summary>
    internal int MayMatch { get; init; }

    /// <summary>What could not be seen and what would show it, one line each; empty if all was.</summary>
    public ImmutableArray<string> Notes { get => _notes; init => _notes = value; }
}
