using System.Buffers;
using System.Text;
using System.Text.Json;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Rendering.Tests.Scenarios;

public class ScenarioResultJsonTests
{
    public static TheoryData<string> Names => [.. Results.All.Keys.Order()];

    [Theory]
    [InlineData("model", """{"name":"model","steps":[{"index":0,"result":"ok","rule":null,"blockers":[],"because":""},{"index":1,"result":"EADDRINUSE","rule":"BW005","blockers":["old by TIME_WAIT","other"],"because":"Any socket on the port keeps it, TIME_WAIT and connections included, unless both the old and the new socket set SO_REUSEADDR."},{"index":2,"result":"EXPECT","rule":null,"blockers":[],"because":"expected ok, was EADDRINUSE"}],"mismatch":false}""")]
    [InlineData("kernel", """{"name":"","steps":[{"index":0,"result":"EDESTADDRREQ","rule":null,"blockers":[],"because":""}],"mismatch":false}""")]
    [InlineData("mismatch", """{"name":"mismatch","steps":[{"index":0,"result":"ok","model":"EADDRINUSE","kernel":"ok","rule":"BW005","blockers":["old by TIME_WAIT","other"],"because":"Any socket on the port keeps it, TIME_WAIT and connections included, unless both the old and the new socket set SO_REUSEADDR."},{"index":1,"result":"ok","model":"EXPECT","kernel":"ok","rule":null,"blockers":[],"because":"expected ok, was EADDRINUSE"}],"mismatch":true}""")]
    [InlineData("error", """{"name":"error","error":"step 1: no further network namespace can be made"}""")]
    public void Write_Result_IsTheLineThatProgramsRead(string name, string line) => Assert.Equal(line, Render(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Write_AnyResult_IsOneLineOfJsonWithItsName(string name)
    {
        var line = Render(name);
        Assert.DoesNotContain(line, char.IsControl);
        using var document = JsonDocument.Parse(line);
        Assert.Equal(Results.All[name].Scenario.Name, document.RootElement.GetProperty("name").GetString());
    }

    // The lines of the lab have no schema: the page alone says what is in them.
    [Fact]
    public void Page_NamesEveryField()
    {
        var page = Repository.Read("docs/json.md");
        var run = page[page.IndexOf("### A line of lab run", StringComparison.Ordinal)..];
        foreach (var name in Results.All.Keys)
        {
            using var document = JsonDocument.Parse(Render(name));
            Assert.All(document.RootElement.EnumerateObject(), field => Assert.Contains($"| `{field.Name}` |", run, StringComparison.Ordinal));
            if (document.RootElement.TryGetProperty("steps", out var steps))
                Assert.All(steps.EnumerateArray().SelectMany(static step => step.EnumerateObject()), field => Assert.Contains($"`steps[].{field.Name}`", run, StringComparison.Ordinal));
        }
    }

    private static string Render(string name)
    {
        var buffer = new ArrayBufferWriter<byte>();
        ScenarioResultJson.Write(buffer, Results.All[name]);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
