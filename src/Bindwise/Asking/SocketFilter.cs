using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise;

/// <summary>Which sockets a listing shows.</summary>
public sealed record SocketFilter
{
    /// <summary>The largest <see cref="Maximum"/>.</summary>
    public const int LargestMaximum = 1 << 20;

    /// <summary>Every TCP and UDP socket, at most 65,536.</summary>
    public static SocketFilter TcpAndUdp { get; } = new();

    /// <summary>The protocols, each once; UNIX sockets are listed only if you ask for them.</summary>
    public ImmutableArray<Protocol> Protocols { get; init; } = [Protocol.Tcp, Protocol.Udp];

    /// <summary>The local ports; empty for all. With ports, UNIX sockets are not listed, because they have none.</summary>
    public ImmutableArray<PortSpan> Ports { get; init; } = [];

    /// <summary>
    /// The states; empty for all. <see cref="TcpState.Bound"/> is a TCP socket that is bound only; an unconnected UDP or UNIX socket is in
    /// <see cref="TcpState.Close"/>.
    /// </summary>
    public ImmutableArray<TcpState> States { get; init; } = [];

    /// <summary>The most sockets to list, 1 to <see cref="LargestMaximum"/>; the others are counted.</summary>
    public int Maximum { get; init; } = 1 << 16;

    /// <summary>Also finds the processes that hold the sockets, which reads the descriptors of all processes.</summary>
    public bool WithOwners { get; init; }

    /// <summary>Shows passwords, tokens and keys on the owners' command lines; false: masks them.</summary>
    public bool ShowSecrets { get; init; }

    /// <summary>Lists only what .NET itself can see, as on macOS and Windows: no UNIX sockets, no owners, no bound-only sockets.</summary>
    public bool Portable { get; init; }

    /// <exception cref="ArgumentException">It names nothing to list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is not in its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Maximum, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Maximum, LargestMaximum);
        if (Protocols.IsDefaultOrEmpty)
            throw new ArgumentException("The filter names no protocol: there is nothing to list.");
        if (Ports.IsDefault || States.IsDefault)
            throw new ArgumentException("A list of the filter is not initialised: write [] for all.");
        if (Ports.Any(static span => span.Last < span.First))
            throw new ArgumentException("A span of ports of the filter ends before it begins.");
        if (!Protocols.All(Enum.IsDefined) || !States.All(Enum.IsDefined))
            throw new ArgumentException("The filter names an unknown protocol or state.");
    }
}
