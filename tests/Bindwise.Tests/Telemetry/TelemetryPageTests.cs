using System.Globalization;
using System.Reflection;

namespace Bindwise.Tests.Telemetry;

/// <summary>docs/telemetry.md against the constants: each has its row, and no row is of another.</summary>
public sealed class TelemetryPageTests
{
    private static readonly string[] Rows = File.ReadAllLines(Repository.File("docs/telemetry.md"));

    [Fact]
    public void Instruments_HaveTheirRows()
    {
        var names = Constants(typeof(BindwiseTelemetry)).Where(static one => one.Name is not (nameof(BindwiseTelemetry.MeterName) or nameof(BindwiseTelemetry.ActivitySourceName)))
            .Select(static one => (string)one.GetRawConstantValue()!).Order();
        var tables = Rows.TakeWhile(static row => row != "## Log events").Where(static row => row.StartsWith("| ", StringComparison.Ordinal)).Select(static row => row.Split('|')[1].Trim());
        Assert.Equal(names, tables.Where(static name => name is not ("instrument" or "activity" or "attribute" or "---")).Order());
    }

    [Fact]
    public void Events_HaveTheirRows()
    {
        var events = Constants(typeof(BindLogEvents)).Where(static one => one.FieldType == typeof(int)).Select(static one => $"{one.GetRawConstantValue()} {one.Name}").Order();
        Assert.Equal(events, Rows.Where(static row => row.Split('|') is [_, var id, ..] && int.TryParse(id, CultureInfo.InvariantCulture, out _)).Select(static row => $"{row.Split('|')[1].Trim()} {row.Split('|')[2].Trim()}").Order());
    }

    private static IEnumerable<FieldInfo> Constants(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(static one => one.IsLiteral);
}
