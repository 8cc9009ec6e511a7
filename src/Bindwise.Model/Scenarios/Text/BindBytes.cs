using System.Globalization;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>How much a stream carries: <c>1000</c>, <c>64KiB</c>, <c>300MiB</c>, <c>1GiB</c>.</summary>
internal static class BindBytes
{
    // Largest first.
    private static readonly (string Unit, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("", 1)];

    /// <summary>Reads a number of bytes; gives null, or what is wrong with it.</summary>
    public static string? Read(string text, out long bytes)
    {
        bytes = 0;
        foreach (var (unit, factor) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal) || !BindCursor.TryNumber(text[..^unit.Length], out var number))
                continue;
            if ((StepRules.OfStreamed(number) ?? StepRules.OfStreamed(number * factor)) is { } fault)
                return fault;
            bytes = (long)number * factor;
            return null;
        }
        return $"{Fault.Quote(text)} is not a number of bytes; give one with a unit, as in 300MiB, or without";
    }

    /// <summary>The number as it is written.</summary>
    public static string Of(long bytes)
    {
        var (unit, factor) = Array.Find(Units, row => bytes % row.Bytes == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor}{unit}");
    }
}
