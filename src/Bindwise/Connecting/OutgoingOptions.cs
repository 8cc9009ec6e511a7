using Bindwise.Linux.Sysctls;

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

    internal void Check()
    {
        if (Sources.IsDefault || KeptForListeners.IsDefault)
            throw new ArgumentException("A list of the options is not initialised: write [] for none.", "options");
        if (Sources.Any(static source => source is not { AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 }
            || Plain(source).Equals(IPAddress.Any) || source.Equals(IPAddress.IPv6Any)))
            throw new ArgumentException("A source is an address of this host; leave Sources empty to let the system choose.", "options");
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

/// <summary>The source ports that a connector may use, as ranges that one socket can be given (IP_LOCAL_PORT_RANGE).</summary>
internal sealed class SourceRanges(ImmutableArray<PortRange> ranges, bool isWholeRange, HostSettings? settings)
{
    // include/uapi/linux/in.h
    private const int LevelIPv4 = 0;
    private const int BindAddressNoPort = 24;
    private const int LocalPortRange = 51;

    private static volatile bool s_isRangeUnknown;

    /// <summary>The ranges, the largest first; one at least.</summary>
    public ImmutableArray<PortRange> Ranges { get; } = ranges;

    /// <summary>All of the system's range, and nobody asked for it by numbers: nothing has to be set.</summary>
    public bool IsWholeRange { get; } = isWholeRange;

    /// <summary>How many ports connect() may take: net.ipv4.ip_local_reserved_ports are left out. One at least.</summary>
    public int Count { get; } = Math.Max(1, ranges.Sum(span => span.Last - span.First + 1 - (settings?.CountReserved(span) ?? 0)));

    /// <summary>Reads the system's range and takes out what is not to be used.</summary>
    public static SourceRanges Of(OutgoingOptions options)
    {
        var settings = OperatingSystem.IsLinux() ? HostSettingsReader.Read(SettingParts.EphemeralRange) : null;
        var system = settings?.LocalPorts ?? new PortRange(49152, ushort.MaxValue);
        var own = options.Ports ?? system;
        if (own.First < system.First || own.Last > system.Last)
            throw new ArgumentException(
                $"Ports {own} are not all in net.ipv4.ip_local_port_range ({system}), and the kernel gives a connection no others.",
                nameof(options));
        List<PortRange> ranges = [own];
        foreach (var kept in options.KeptForListeners)
            ranges = [.. ranges.SelectMany(span => Without(span, kept))];
        if (ranges.Count == 0)
            throw new ArgumentException($"KeptForListeners leaves no source port of {own}.", nameof(options));
        return new SourceRanges([.. ranges.OrderByDescending(static span => span.Last - span.First)],
            options.Ports is null && ranges is [var only] && only == system, settings);
    }

    /// <summary>How many of its ports connect() can be given where these are bound. One at least.</summary>
    /// <param name="bound">A bit for each port.</param>
    public int CountWithout(ReadOnlySpan<ulong> bound)
    {
        var taken = 0;
        foreach (var span in Ranges)
        {
            for (var port = span.First; port <= span.Last; port++)
                taken += (bound[port >> 6] >> (port & 63) & 1) != 0 && settings?.IsReserved(port) != true ? 1 : 0;
        }
        return Math.Max(1, Count - taken);
    }

    /// <summary>Sets a range on a socket, before it is bound or connected.</summary>
    /// <exception cref="PlatformNotSupportedException">The kernel is older than Linux 6.3.</exception>
    public static void Set(Socket socket, PortRange span)
    {
        try
        {
            socket.SetRawSocketOption(LevelIPv4, LocalPortRange, BitConverter.GetBytes((uint)span.First | ((uint)span.Last << 16)));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ProtocolOption)
        {
            throw new PlatformNotSupportedException("Ports and KeptForListeners need Linux 6.3 (IP_LOCAL_PORT_RANGE): leave them out.",
                exception);
        }
    }

    /// <summary>
    /// connect() then takes the ports in turn. Without a range of the socket's own it looks at every second port first
    /// (inet_hash_connect(), net/ipv4/inet_hashtables.c, Linux 6.8): once those are used, at all of them again for each connection, which
    /// takes forty times as long. Ports beyond the system's range are left out of the socket's, so this one is the system's, also after
    /// that changes.
    /// </summary>
    public static void TakeInTurn(Socket socket)
    {
        if (s_isRangeUnknown)
            return;
        try
        {
            socket.SetRawSocketOption(LevelIPv4, LocalPortRange, BitConverter.GetBytes(1u | ((uint)ushort.MaxValue << 16)));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ProtocolOption)
        {
            // Before Linux 6.3: it connects as well, only slower.
            s_isRangeUnknown = true;
        }
    }

    /// <summary>bind() then chooses the address alone, and connect() the port: one that is free for that destination (ip(7)).</summary>
    public static void LeavePortToConnect(Socket socket) =>
        socket.SetRawSocketOption(LevelIPv4, BindAddressNoPort, BitConverter.GetBytes(1));

    public override string ToString() =>
        $"{(Ranges.Length == 1 && Ranges[0].First == Ranges[0].Last ? "port" : "ports")} "
            + $"{string.Join(", ", Ranges.OrderBy(static span => span.First))}";

    private static List<PortRange> Without(PortRange span, PortRange kept)
    {
        if (kept.First > span.Last || kept.Last < span.First)
            return [span];
        var left = new List<PortRange>();
        if (span.First < kept.First)
            left.Add(new PortRange(span.First, kept.First - 1));
        if (kept.Last < span.Last)
            left.Add(new PortRange(kept.Last + 1, span.Last));
        return left;
    }
}
