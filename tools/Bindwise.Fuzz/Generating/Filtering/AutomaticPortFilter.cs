using System.Globalization;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating.Filtering;

/// <summary>
/// Keeps out what hangs on a port that the kernel chose at random (inet_csk_find_open_port, __inet_hash_connect, udp_lib_get_port).
/// A choice is free, among thousands of ports, and then nothing names a port of the ephemeral range; or it is narrow, and then what
/// the kernel chooses is known: of up to three ports TCP takes the odd offset first for bind and the even one first for connect.
/// </summary>
internal sealed class AutomaticPortFilter
{
    /// <summary>The first port of a narrow range; a range of at most <see cref="NarrowPorts"/> starts here or just above.</summary>
    public const ushort NarrowFirst = 40_000;

    /// <summary>The most ports of a narrow range: of four, bind(0) would have two odd offsets to choose from.</summary>
    public const int NarrowPorts = 3;

    private const int DefaultFirst = HostSettings.DefaultLocalPortFirst;
    private const int DefaultLast = HostSettings.DefaultLocalPortLast;

    private int _first = DefaultFirst;
    private int _last = DefaultLast;
    private int _privileged = 1024;
    private bool _isFreeUsed;
    private bool _isEphemeralNamed;
    private bool _isSpread;
    private bool _isUneven;

    /// <summary>Why a step may not name this port; null when it may.</summary>
    public string? OfNamed(Protocol protocol, ushort port)
    {
        if (!IsEphemeral(port))
            return null;
        if (_isFreeUsed)
            return "a port of the ephemeral range beside one that the kernel chose freely";
        return protocol == Protocol.Udp && _isSpread ? "a port of a range from which UDP took any" : null;
    }

    /// <summary>A step names this port.</summary>
    public void Name(Protocol protocol, ushort port)
    {
        if (!IsEphemeral(port))
            return;
        _isEphemeralNamed = true;
        _isUneven |= protocol == Protocol.Udp;
    }

    /// <summary>Whether the kernel's choice for this socket is a narrow one.</summary>
    public bool IsNarrow(SocketTrace socket)
    {
        var (first, last) = RangeOf(socket);
        return IsNarrow(first, last);
    }

    /// <summary>Whether the kernel's choice for this socket is a narrow one that may fall on this port.</summary>
    public bool MayBe(SocketTrace socket, ushort port)
    {
        var (first, last) = RangeOf(socket);
        return IsNarrow(first, last) && first <= port && port <= last;
    }

    /// <summary>Why this socket may not get a port by the kernel's choice now; null when it may.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="isBind">Chosen by bind or listen; otherwise by connect or send.</param>
    /// <param name="address">The address that it is bound to, or will be.</param>
    public string? OfChoice(SocketTrace socket, bool isBind, IpAddress address)
    {
        var (first, last) = RangeOf(socket);
        if (!IsNarrow(first, last))
            return _isEphemeralNamed ? "a free choice of the kernel beside a port of the ephemeral range" : null;
        if (_isFreeUsed)
            return "a narrow range beside a port that the kernel chose freely";
        if (first == last)
            return null;
        if (socket.Protocol == Protocol.Tcp)
            return isBind || socket.PortRange == 0 ? null : "connect takes any port of IP_LOCAL_PORT_RANGE";
        return isBind && address.IsAny && !_isUneven && !IsUneven(socket) ? null : "UDP takes any port of the range";
    }

    /// <summary>The kernel chooses a port for this socket: the ports that it may be, none where the choice is free.</summary>
    public IEnumerable<ushort> Choose(SocketTrace socket)
    {
        var (first, last) = RangeOf(socket);
        if (!IsNarrow(first, last))
        {
            _isFreeUsed = true;
            return [];
        }
        _isEphemeralNamed = true;
        _isSpread |= socket.Protocol == Protocol.Udp && first != last;
        return Enumerable.Range(first, last - first + 1).Select(static port => (ushort)port);
    }

    /// <summary>Why a UDP socket may not differ from the others (in family, address or options); null when it may.</summary>
    public string? OfUneven() => _isSpread ? "UDP sockets that differ, after a random choice among few ports" : null;

    /// <summary>A UDP socket differs from the others.</summary>
    public void BeUneven() => _isUneven = true;

    /// <summary>Why this sysctl may not be written; null when it may.</summary>
    public string? OfSysctl(SysctlStep step)
    {
        if (step.Name == "net.ipv4.ip_unprivileged_port_start")
            return int.TryParse(step.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
                && start is > DefaultFirst and <= ushort.MaxValue
                ? "privileged ports in the ephemeral range" : null;
        if (step.Name != "net.ipv4.ip_local_port_range" || Parse(step.Value) is not { } range)
            return null;
        if (_isSpread)
            return "another range after a random choice among few ports";
        return IsNarrow(range.First, range.Last) || range is (DefaultFirst, DefaultLast) ? null
            : "a range that is neither narrow nor the default";
    }

    /// <summary>A sysctl is written.</summary>
    public void Write(SysctlStep step)
    {
        if (step.Name == "net.ipv4.ip_local_port_range" && Parse(step.Value) is { } range)
            (_first, _last) = range;
        if (step.Name == "net.ipv4.ip_unprivileged_port_start"
            && int.TryParse(step.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var start) && start <= _first)
            _privileged = start;
    }

    private static bool IsUneven(SocketTrace socket) =>
        socket.ReuseAddress || socket.ReusePort || socket.HasDevice || socket.PortRange != 0;

    private static bool IsEphemeral(int port) => port is >= DefaultFirst and <= DefaultLast;

    private static bool IsNarrow(int first, int last) =>
        first >= NarrowFirst && last <= NarrowFirst + NarrowPorts && last - first < NarrowPorts;

    // A range as ipv4_local_port_range() takes it; null for one that it refuses.
    private (int First, int Last)? Parse(string value)
    {
        var parts = value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first >= 1 && first <= last && last <= ushort.MaxValue && first >= _privileged
            ? (first, last) : null;
    }

    // inet_sk_get_local_port_range(): each end counts only where it lies within the sysctl's range.
    private (int First, int Last) RangeOf(SocketTrace socket)
    {
        var (first, last) = (_first, _last);
        var (low, high) = ((int)(socket.PortRange & 0xffff), (int)(socket.PortRange >> 16));
        if (first <= low && low <= last)
            first = low;
        if (first <= high && high <= last)
            last = high;
        return (first, last);
    }
}
