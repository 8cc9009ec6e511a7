namespace Bindwise;

/// <summary>How an <see cref="OutgoingConnector"/> opens connections. Immutable; checked when the connector is made.</summary>
public sealed record OutgoingOptions
{
    /// <summary>
    /// The addresses of this host to connect from, in turn; those of the destination's family. Empty: the system chooses, and nothing is
    /// bound. With several, each gives its whole range of ports to each destination.
    /// </summary>
    public ImmutableArray<IPAddress> Sources { get; init; } = [];

    /// <summary>
    /// The source ports to use: net.ipv4.ip_local_port_range or a part of it (IP_LOCAL_PORT_RANGE, ip(7); Linux 6.3). Null: all of that
    /// range. The whole range by its numbers, or any source, also lets connect() take the ports in turn: without, the second half of a
    /// range takes it forty times as long (Linux 6.8).
    /// </summary>
    public PortRange? Ports
    {
        get;
        [SupportedOSPlatform("linux")]
        init;
    }

    /// <summary>
    /// Ports of the range that are kept for listeners: no connection gets one as its source port. The same on the whole host is
    /// net.ipv4.ip_local_reserved_ports. Linux 6.3.
    /// </summary>
    public ImmutableArray<PortRange> KeptForListeners
    {
        get;
        [SupportedOSPlatform("linux")]
        init;
    } = [];

    /// <summary>TCP_NODELAY of each connection (tcp(7)), as <see cref="System.Net.Http.SocketsHttpHandler"/> sets it.</summary>
    public bool NoDelay { get; init; } = true;

    /// <summary>
    /// How a stream of this connector closes its connection when it is disposed, in the background: with <see
    /// cref="CloseStrategy.PeerFirst"/> the other end closes first where it will, and keeps TIME_WAIT there. Null: close(). Sockets are the
    /// caller's to close.
    /// </summary>
    public CloseStrategy? Close { get; init; }

    /// <summary>
    /// Whether a failure for want of a port includes its diagnosis, which takes a walk of the socket table; false: only the error.
    /// </summary>
    public bool ExplainFailures { get; init; } = true;

    /// <summary>
    /// The connector's name in the meter (<see cref="BindwiseTelemetry.ConnectorTag"/>), its own; null: a number, which the next connector
    /// gets once this one is disposed.
    /// </summary>
    public string? Name { get; init; }

    // By hand: EquatableArray is in Bindwise.Model, which a start that works does not load.
    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(OutgoingOptions? other) => other is not null
        && Sources.AsSpan().SequenceEqual(other.Sources.AsSpan())
        && KeptForListeners.AsSpan().SequenceEqual(other.KeptForListeners.AsSpan())
        && (Ports, NoDelay, Close, ExplainFailures, Name) == (other.Ports, other.NoDelay, other.Close, other.ExplainFailures, other.Name);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Sources.IsDefault ? 0 : Sources.Length, Ports, NoDelay, Close, ExplainFailures, Name);

    /// <summary>A mapped address as IPv4: .NET's sockets of IPv6 take none by default.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <exception cref="ArgumentException">It contradicts itself.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no ranges of ports for one socket.</exception>
    internal void Check()
    {
        if (Sources.IsDefault || KeptForListeners.IsDefault)
            throw new ArgumentException("A list of the options is not initialised: write [] for none.", "options");
        foreach (var source in Sources)
        {
            if (source is null || source.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
                || Plain(source).Equals(IPAddress.Any) || source.Equals(IPAddress.IPv6Any))
                throw new ArgumentException("A source is an address of this host; leave Sources empty to let the system choose.",
                    "options");
        }
        foreach (var range in Ports is { } own ? KeptForListeners.Add(own) : KeptForListeners)
        {
            if (range.First == 0)
                throw new ArgumentException($"{range} is no range of source ports: it begins with 1 at least.", "options");
        }
        if ((Ports is not null || !KeptForListeners.IsEmpty) && !OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException(
                "Only Linux gives one socket a range of source ports: leave Ports and KeptForListeners out.");
    }
}
