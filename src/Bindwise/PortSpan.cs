using System.Globalization;

namespace Bindwise;

/// <summary>Consecutive ports; one port is a span with equal ends, and 0 to 0 lets the system pick.</summary>
/// <param name="First">The first port, 0 to 65535.</param>
/// <param name="Last">The last port, not below <paramref name="First"/>.</param>
public readonly record struct PortSpan(ushort First, ushort Last)
{
    /// <summary>The text form that <see cref="PortPolicy.Parse"/> reads: <c>8080</c> or <c>8090-8099</c>.</summary>
    public override string ToString() => First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    /// <summary>Reads that form. Blanks around a port do not matter.</summary>
    internal static PortSpan? TryParse(string text)
    {
        var ends = text.Split('-', 2, StringSplitOptions.TrimEntries);
        return TryReadPort(ends[0], out var first) && TryReadPort(ends[^1], out var last) && last >= first ? new PortSpan(first, last) : null;
    }

    /// <summary>Consecutive ports, of parameters of these names.</summary>
    internal static PortSpan Of(int first, int last, string firstParameter = "first", string lastParameter = "last")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first, lastParameter);
        return new PortSpan(Checked(first, firstParameter), Checked(last, lastParameter));
    }

    private static bool TryReadPort(string text, out ushort port) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static ushort Checked(int port, string parameter) => port is >= 0 and <= ushort.MaxValue
        ? (ushort)port
        : throw new ArgumentOutOfRangeException(parameter, port, "A port is a number from 0 to 65535.");
}

/// <summary>Which transports a listener serves; both at once share one port number.</summary>
[Flags]
public enum Transports
{
    /// <summary>TCP, which listens and accepts connections (tcp(7)).</summary>
    Tcp = 1,

    /// <summary>UDP, which receives datagrams without listening (udp(7)).</summary>
    Udp = 2,

    /// <summary>TCP and UDP on the same port number, like DNS.</summary>
    TcpAndUdp = Tcp | Udp,
}
