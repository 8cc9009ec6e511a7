using System.Collections.Immutable;

namespace Bindwise.Model.Snapshots;

/// <summary>
/// A socket unit of systemd that listens on the port in question, as its unit file and drop-ins tell it (systemd.socket(5)).
/// Whether it is started no file tells; read only where a service manager holds a socket.
/// </summary>
public sealed record SocketUnitRecord
{
    /// <summary>The unit's name, as <c>cups.socket</c>; of a template its instance, as <c>web@1.socket</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The service that it starts; with Accept=yes the template of one service a connection, as <c>web@.service</c>.</summary>
    public string Service { get; init; } = "";

    /// <summary>Where it listens, specifiers replaced.</summary>
    public ImmutableArray<SocketUnitListen> Listens { get; init; } = [];

    /// <summary>BindIPv6Only=: true for ipv6-only, false for both, null for the system's default.</summary>
    public bool? V6Only { get; init; }

    /// <summary>Accept=yes: the manager itself accepts, and starts one service a connection.</summary>
    public bool Accepts { get; init; }

    /// <summary>Another unit wants it (<c>systemctl enable</c>): where two units list one address, this is the likelier one.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>The process id of the service manager whose unit it is.</summary>
    public int ManagerId { get; init; }
}

/// <summary>What a line of a socket unit opens.</summary>
public enum SocketUnitKind : byte
{
    /// <summary>ListenStream=: TCP or SOCK_STREAM.</summary>
    Stream,

    /// <summary>ListenDatagram=: UDP or SOCK_DGRAM.</summary>
    Datagram,

    /// <summary>ListenSequentialPacket=: SOCK_SEQPACKET, UNIX only.</summary>
    SequentialPacket,
}

/// <summary>One Listen…= line of a socket unit.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Address">Its value: a port, an address and port, a path, or <c>@name</c>.</param>
public sealed record SocketUnitListen(SocketUnitKind Kind, string Address);
