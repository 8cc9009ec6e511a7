using Bindwise.Linux.Sysctls;

namespace Bindwise;

/// <summary>The source ports that a connector may use, as ranges that one socket can be given (IP_LOCAL_PORT_RANGE).</summary>
internal sealed class SourcePorts
{
    // include/uapi/linux/in.h
    private const int LevelIPv4 = 0;
    private const int BindAddressNoPort = 24;
    private const int LocalPortRange = 51;

    private static volatile bool s_isRangeUnknown;

    private SourcePorts(ImmutableArray<PortRange> ranges, bool isWholeRange, int reserved)
    {
        Ranges = ranges;
        IsWholeRange = isWholeRange;
        Count = Math.Max(1, ranges.Sum(static span => span.Last - span.First + 1) - reserved);
    }

    /// <summary>The ranges, the largest first; one at least.</summary>
    public ImmutableArray<PortRange> Ranges { get; }

    /// <summary>All of the system's range, and nobody asked for it by numbers: nothing has to be set.</summary>
    public bool IsWholeRange { get; }

    /// <summary>How many ports connect() may take: net.ipv4.ip_local_reserved_ports are left out. One at least.</summary>
    public int Count { get; }

    /// <summary>Reads the system's range and takes out what is not to be used.</summary>
    /// <exception cref="ArgumentException">Nothing is left, or the ports asked for are outside the system's
    /// range, where the kernel would ignore them.</exception>
    public static SourcePorts Of(OutgoingOptions options)
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
        return new SourcePorts([.. ranges.OrderByDescending(static span => span.Last - span.First)],
            options.Ports is null && ranges is [var only] && only == system,
            ranges.Sum(span => settings?.CountReserved(span) ?? 0));
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
