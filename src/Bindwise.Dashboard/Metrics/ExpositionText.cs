using System.Buffers;

namespace Bindwise.Dashboard.Metrics;

internal enum ExpositionFormat : byte
{
    /// <summary>Prometheus' own, version 0.0.4.</summary>
    Plain,

    OpenMetrics,
}

/// <summary>Metrics as text, in the format that is asked for.</summary>
internal static class ExpositionText
{
    private const string Total = "_total";

    public static string TypeOf(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>
    /// The format that a client likes best (RFC 9110, 12.5.1). Who takes anything gets the older one, as other exporters do: promtool reads
    /// no other.
    /// </summary>
    /// <param name="accept">The header Accept; empty where there is none.</param>
    public static ExpositionFormat Choose(string accept)
    {
        double open = 0, plain = 0;
        foreach (var range in accept.Split(',', StringSplitOptions.TrimEntries))
        {
            var words = range.Split(';', StringSplitOptions.TrimEntries);
            var quality = words.Select(Quality).FirstOrDefault(static one => one is not null) ?? 1;
            if (words[0].Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase)
                && !words.Any(static word => word.StartsWith("version=", StringComparison.OrdinalIgnoreCase)
                    && word[8..].Trim('"') is not ("1.0.0" or "0.0.1")))
                open = Math.Max(open, quality);
            else if (words[0].ToLowerInvariant() is "text/plain" or "text/*")
                plain = Math.Max(plain, quality);
        }
        return open > 0 && open >= plain ? ExpositionFormat.OpenMetrics : ExpositionFormat.Plain;
    }

    public static void Write(IBufferWriter<byte> output, ImmutableArray<MetricFamily> families, ExpositionFormat format)
    {
        var text = new StringBuilder();
        foreach (var family in families)
            Write(text, family, format);
        // A comment to the older format.
        text.Append("# EOF\n");
        foreach (var chunk in text.GetChunks())
            Encoding.UTF8.GetBytes(chunk.Span, output);
    }

    private static void Write(StringBuilder text, MetricFamily family, ExpositionFormat format)
    {
        // OpenMetrics names a counter without the ending of its samples.
        var name = format == ExpositionFormat.OpenMetrics && family.Kind == MetricKind.Counter ? family.Name[..^Total.Length] : family.Name;
        text.Append("# HELP ").Append(name).Append(' ').Append(Escape(family.Help, isValue: false)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(family.Kind == MetricKind.Counter ? "counter" : "gauge").Append('\n');
        if (family.Unit is { } unit && format == ExpositionFormat.OpenMetrics)
            text.Append("# UNIT ").Append(name).Append(' ').Append(unit).Append('\n');
        foreach (var sample in family.Samples)
        {
            text.Append(family.Name);
            for (var i = 0; i < family.Labels.Length; i++)
                text.Append(i == 0 ? '{' : ',').Append(family.Labels[i]).Append("=\"").Append(Escape(sample.Labels[i], isValue: true))
                    .Append('"');
            text.Append(family.Labels.IsEmpty ? " " : "} ").Append(sample.Value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    private static string Escape(string text, bool isValue)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isValue ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static double? Quality(string word) => word.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
        ? double.TryParse(word.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : 0 : null;
}
