using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Bindwise.Dashboard.Metrics;

namespace Bindwise.Fleet.Tests;

public class ExpositionTests
{
    [Theory]
    [InlineData("", "Plain")]
    [InlineData("*/*", "Plain")]
    [InlineData("text/plain", "Plain")]
    [InlineData("application/openmetrics-text", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=2.0.0, text/plain", "Plain")]
    [InlineData("application/openmetrics-text;q=0, text/plain", "Plain")]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "OpenMetrics")]
    [InlineData("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5", "Plain")]
    public void Choose_TakesWhatTheClientLikesBest(string accept, string format) => Assert.Equal(format, ExpositionText.Choose(accept).ToString());

    [Fact]
    public void Write_NamesAndEscapesAsEachFormatHasIt()
    {
        ImmutableArray<MetricFamily> families =
        [
            new("a_seconds_total", MetricKind.Counter, "What \\ it\nis.", ["program"], [new(["a\"b\\c\nd"], 1.5), new(["é"], 1e21)]) { Unit = "seconds" },
            new("b", MetricKind.Gauge, "Nothing.", [], [new([], 3)]),
        ];

        Assert.Equal("""
            # HELP a_seconds What \\ it\nis.
            # TYPE a_seconds counter
            # UNIT a_seconds seconds
            a_seconds_total{program="a\"b\\c\nd"} 1.5
            a_seconds_total{program="é"} 1E+21
            # HELP b Nothing.
            # TYPE b gauge
            b 3
            # EOF

            """, Text(families, ExpositionFormat.OpenMetrics));
        Assert.StartsWith("# HELP a_seconds_total What \\\\ it\\nis.\n# TYPE a_seconds_total counter\na_seconds_total{", Text(families, ExpositionFormat.Plain), StringComparison.Ordinal);
    }

    [Fact]
    public void Largest_SumsWhatIsAlike_AndTheRestInEachLabel()
    {
        MetricSample[] samples = [new(["a", "1"], 1), new(["b", "1"], 5), new(["a", "1"], 2), new(["c", "2"], 2), new(["d", "2"], 2)];

        Assert.Equal(["b,1=5", "a,1=3", "(other),(other)=4"], Shown(LargestSamples.Of(samples, 2)));
        Assert.Equal(["b,1=5", "a,1=3", "c,2=2", "d,2=2"], Shown(LargestSamples.Of(samples, 4)));
        Assert.Equal(["b,1=5", "a,1=3", "c,2=2", "d,2=2", "(other),(other)=7"], Shown(LargestSamples.Of(samples, 4, rest: 7)));
        Assert.Empty(LargestSamples.Of([], 4));
    }

    private static string Text(ImmutableArray<MetricFamily> families, ExpositionFormat format)
    {
        var output = new ArrayBufferWriter<byte>();
        ExpositionText.Write(output, families, format);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static IEnumerable<string> Shown(ImmutableArray<MetricSample> samples) =>
        samples.Select(static one => FormattableString.Invariant($"{string.Join(',', one.Labels)}={one.Value}"));
}
