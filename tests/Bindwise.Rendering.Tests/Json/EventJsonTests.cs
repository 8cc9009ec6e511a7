using System.Buffers;
using System.Text;
using System.Text.Json;
using Bindwise.Rendering.Json;

namespace Bindwise.Rendering.Tests.Json;

public class EventJsonTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1));

    private static IEnumerable<ProgramEvent> Events =>
        from name in new[] { "bind", "listen", "bind-failed", "option-set", "moved", "held", "started", "exited", "restarted" }
        from address in new IpEndpoint?[] { new IpEndpoint(IpAddress.LoopbackIPv6, 8080), null }
        from reason in new[] { null, "SO_REUSEADDR" }
        select new ProgramEvent(Time, 7, name, address, "ok", reason);

    [Fact]
    public void Json_OfEveryEvent_KeepsToTheSchemaAndMeetsAllOfIt()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Repository.File("docs/schema/event.schema.json")));
        var checker = new SchemaChecker(schema.RootElement);
        foreach (var one in Events)
            Assert.Empty(checker.Check(JsonDocument.Parse(Write(one)).RootElement));
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Json_IsOneLineInTheOrderOfTheSchema() => Assert.Equal(
        """{"schema":"bindwise.event/1","time":"2026-01-02T02:04:05.000000Z","pid":7,"event":"bind","address":"[::1]:8080","result":"ok","reason":null}""", Write(Events.First()));

    private static string Write(ProgramEvent one)
    {
        var buffer = new ArrayBufferWriter<byte>();
        EventJson.Write(buffer, one);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
