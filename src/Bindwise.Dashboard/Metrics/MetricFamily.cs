namespace Bindwise.Dashboard.Metrics;

internal enum MetricKind : byte
{
    Gauge,

    /// <summary>What happened since a beginning: it only grows.</summary>
    Counter,
}

/// <param name="Name">As its samples have it, a counter's with <c>_total</c>.</param>
internal sealed record MetricFamily(
    string Name, MetricKind Kind, string Help, ImmutableArray<string> Labels, ImmutableArray<MetricSample> Samples)
{
    /// <summary>The unit, which the name ends with, as <c>seconds</c>; null for a number of things.</summary>
    public string? Unit { get; init; }
}

/// <param name="Labels">The values of the labels, in the order of their names.</param>
internal sealed record MetricSample(ImmutableArray<string> Labels, double Value);

/// <summary>Samples of a bounded number of label sets: the largest stay, the rest is summed.</summary>
internal static class LargestSamples
{
    /// <summary>What stands in each label of the rest.</summary>
    public const string Other = "(other)";

    /// <summary>What stands in a label whose value is not known.</summary>
    public const string Unknown = "(unknown)";

    /// <summary>The samples, the largest first; those with the same labels are one.</summary>
    /// <param name="rest">What was not even listed.</param>
    public static ImmutableArray<MetricSample> Of(IEnumerable<MetricSample> samples, int most, double rest = 0)
    {
        var sums = new Dictionary<string, MetricSample>(StringComparer.Ordinal);
        ImmutableArray<string> names = [];
        foreach (var sample in samples)
        {
            names = sample.Labels;
            var key = string.Join('\0', sample.Labels);
            sums[key] = sums.TryGetValue(key, out var sum) ? sum with { Value = sum.Value + sample.Value } : sample;
        }
        var sorted = sums.OrderByDescending(static one => one.Value.Value).ThenBy(static one => one.Key, StringComparer.Ordinal)
            .Select(static one => one.Value).ToList();
        rest += sorted.Skip(most).Sum(static one => one.Value);
        var isCut = sorted.Count > most || rest > 0;
        var other = new MetricSample([.. Enumerable.Repeat(Other, Math.Max(1, names.Length))], rest);
        return [.. isCut ? sorted.Take(most).Append(other) : sorted];
    }
}
