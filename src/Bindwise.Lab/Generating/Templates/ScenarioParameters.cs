using System.Collections.Immutable;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Templates;

/// <summary>What a scenario turns on.</summary>
internal enum ScenarioTopic
{
    /// <summary>TCP connections on a few ports.</summary>
    Tcp,

    /// <summary>UDP on a few ports.</summary>
    Udp,

    /// <summary>Both protocols, which never meet.</summary>
    Mixed,

    /// <summary>TCP with so few ports to choose from that the kernel's choice is known, and ends.</summary>
    NarrowTcp,

    /// <summary>UDP with one port to choose from.</summary>
    NarrowUdp,

    /// <summary>UDP sockets that are all alike, with two or three ports to choose from: how many there are is known, which one is not.</summary>
    SpreadUdp,

    /// <summary>Sockets with an IP_LOCAL_PORT_RANGE of their own.</summary>
    OwnRange,

    /// <summary>TCP clients that have a port or two to choose from, whose connections have ended: their servers' ports are others.</summary>
    Reuse,

    /// <summary>UDP with more than ten sockets on one port.</summary>
    Crowd,
}

/// <summary>Which families a scenario's sockets have.</summary>
internal enum AddressFamilies
{
    /// <summary>AF_INET.</summary>
    IPv4,

    /// <summary>AF_INET6.</summary>
    IPv6,

    /// <summary>Either.</summary>
    Both,
}

/// <summary>How often a scenario's sockets share: an option matters most when both sides have it.</summary>
internal enum SharingFrequency
{
    /// <summary>Hardly ever.</summary>
    Rare,

    /// <summary>Mostly SO_REUSEADDR.</summary>
    Address,

    /// <summary>Mostly SO_REUSEPORT.</summary>
    Port,

    /// <summary>Mostly both.</summary>
    Both,

    /// <summary>Each as it comes.</summary>
    Either,
}

/// <summary>What holds for one scenario as a whole: few addresses, few ports, so that its sockets meet.</summary>
/// <param name="Theme">What it turns on.</param>
/// <param name="Families">Its sockets' families.</param>
/// <param name="Sharing">How often they share.</param>
/// <param name="IPv4">The places of AF_INET sockets.</param>
/// <param name="IPv6">The places of AF_INET6 sockets.</param>
/// <param name="Ports">How many ports it names: 1 to 3.</param>
/// <param name="HasUsers">Some sockets are other users'.</param>
/// <param name="Devices">The interfaces that some sockets are bound to, a space between two; null for none.</param>
/// <param name="Settings">The sysctls that it writes first.</param>
internal sealed record ScenarioParameters(
    ScenarioTopic Theme, AddressFamilies Families, SharingFrequency Sharing, BindAddress[] IPv4, BindAddress[] IPv6, int Ports, bool HasUsers, string? Devices, ImmutableArray<SysctlStep> Settings)
{
    /// <summary>The word of IP_LOCAL_PORT_RANGE that this scenario's sockets have, where they have one.</summary>
    public OptionValue? OwnRange { get; init; }
}
