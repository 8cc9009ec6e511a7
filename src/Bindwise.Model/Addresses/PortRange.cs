using System.Diagnostics.CodeAnalysis;

namespace Bindwise;

/// <summary>
/// Consecutive ports, both ends included; a single port is a range with equal ends, and 0 to 0 lets the system pick. Always valid:
/// <c>default</c> is 0 to 0.
/// </summary>
public readonly record struct PortRange : IParsable<PortRange>
{
    /// <summary>A range.</summary>
    /// <param name="first">The first port, 0 to 65535.</param>
    /// <param name="last">The last port, <paramref name="first"/> to 65535.</param>
    /// <exception cref="ArgumentException">An end is no port, or the last is below the first.</exception>
    public PortRange(int first, int last)
    {
        if (!AreEnds(first, last))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{first}-{last} is not a range of ports: give ports from 0 to 65535, the lower one first."), nameof(last));
        (First, Last) = (first, last);
    }

    /// <summary>The first port, 0 to 65535.</summary>
    public int First { get; }

    /// <summary>The last port, not below <see cref="First"/>.</summary>
    public int Last { get; }

    internal static bool AreEnds(int first, int last) => first >= 0 && first <= last && last <= ushort.MaxValue;

    /// <summary>Whether the port lies in the range.</summary>
    /// <param name="port">The port.</param>
    public bool Contains(int port) => port >= First && port <= Last;

    /// <summary>Reads the text form: <c>8080</c> or <c>8090-8099</c>. Blanks around a port do not matter.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static PortRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var range) ? range : throw new FormatException(
            $"'{text.Trim()}' is not a port or range of ports; write ports from 0 to 65535, such as 8080 or 8090-8099");
    }

    /// <summary>Reads the text form; false if it is another.</summary>
    /// <param name="text">The text.</param>
    /// <param name="range">The range.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out PortRange range)
    {
        var ends = (text ?? "").Split('-', 2, StringSplitOptions.TrimEntries);
        var isRange = TryReadPort(ends[0], out var first) & TryReadPort(ends[^1], out var last) && last >= first;
        range = isRange ? new PortRange(first, last) : default;
        return isRange;
    }

    /// <summary>The text form, which <see cref="Parse(string)"/> reads.</summary>
    public override string ToString() =>
        First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    static PortRange IParsable<PortRange>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<PortRange>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PortRange result) =>
        TryParse(s, out result);

    private static bool TryReadPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
}
