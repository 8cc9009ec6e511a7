using System.Globalization;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Filtering;

/// <summary>The value of IP_LOCAL_PORT_RANGE (ip(7)): the last port shifted by 16, or'ed with the first.</summary>
internal static class PortRangeWord
{
    /// <summary>The word of two ports.</summary>
    public static OptionValue Of(ushort first, ushort last) => new((long)last << 16 | first);

    /// <summary>The word of a value as the kernel takes it; null where it says EINVAL.</summary>
    public static uint? Read(OptionValue value)
    {
        if (value.Text is { } text)
        {
            var parts = text.Split('-');
            if (parts.Length != 2 || !ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var low)
                || !ushort.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var high))
                return null;
            value = Of(low, high);
        }
        if (value.Number is < 0 or > uint.MaxValue)
            return null;
        var word = (uint)value.Number;
        var (first, last) = (word & 0xffff, word >> 16);
        return first != 0 && last != 0 && first > last ? null : word;
    }
}
