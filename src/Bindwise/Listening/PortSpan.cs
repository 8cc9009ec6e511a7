using System.Globalization;

namespace Bindwise;

/// <summary>Ports that follow each other; one port is a span with both ends the same, and 0 to 0 is the system's choice.</summary>
/// <param name="First">The first port, 0 to 65535.</param>
/// <param name="Last">The last port, not below <paramref name="First"/>.</param>
public readonly record struct PortSpan(ushort First, ushort Last)
{
    /// <summary><c>8080</c> or <c>8090-8099</c>.</summary>
    public override string ToString() => First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    internal static PortSpan Of(int first, int last)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, ushort.MaxValue);
        return new PortSpan((ushort)first, (ushort)last);
    }
}
