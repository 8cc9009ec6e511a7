using Bindwise.Model.Text;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Rendering.Tests.Scenarios;

public class ScenarioResultTextTests
{
    public static TheoryData<string> Names => [.. Results.All.Keys.Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Result_ReadsAsExpected(string name)
    {
        Expectation.Check($"scenario-{name}.80.txt", Show(name, null));
        Expectation.Check($"scenario-{name}.40.txt", Show(name, 40));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Result_FitsItsColumns(string name)
    {
        foreach (var width in new int?[] { null, 80, 100, 120 })
            Assert.All(Show(name, width).Split('\n'), line => Assert.True(CellWidth.Of(line) <= (width ?? 80), line));
        // A step is never broken, but results and rules have room at any width.
        foreach (var width in new[] { 40, 59, 60 })
            Assert.All(Show(name, width).Split('\n').Where(line => line.Contains(" BW", StringComparison.Ordinal)), line => Assert.True(CellWidth.Of(line) <= width, line));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Result_IsHarmlessOnATerminal(string name) =>
        Assert.All(Show(name, null).Replace("\n", "", StringComparison.Ordinal).EnumerateRunes(), rune => Assert.False(Escaper.IsHarmful(rune)));

    [Fact]
    public void Render_Mismatch_IsMarkedAtItsStepAlone()
    {
        var lines = Show("mismatch", null).Split('\n');
        Assert.Equal(["! ", "! "], lines.Where(line => line.StartsWith('!')).Select(line => line[..2]));
        Assert.DoesNotContain(Show("agreed", null).Split('\n'), line => line.StartsWith('!'));
    }

    private static string Show(string name, int? width) => string.Join("\n", ScenarioResultText.Render(Results.All[name], width).Select(line => line.ToString())) + "\n";
}
