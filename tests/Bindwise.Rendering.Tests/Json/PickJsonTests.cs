using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Bindwise.Rendering.Json;

namespace Bindwise.Rendering.Tests.Json;

public class PickJsonTests
{
    private static ImmutableArray<PickOutcome> Outcomes =>
    [
        new(8123, [Protocol.Tcp], null, IsEphemeral: false, TimeSpan.FromSeconds(10), null),
        new(40000, [Protocol.Tcp, Protocol.Udp], IpAddress.LoopbackIPv6, IsEphemeral: true, TimeSpan.FromMilliseconds(1500), null),
        new(8124, [Protocol.Tcp], null, IsEphemeral: false, TimeSpan.Zero, TimeSpan.FromSeconds(60)),
    ];

    [Fact]
    public void Json_OfEveryOutcome_KeepsToTheSchemaAndMeetsAllOfIt()
    {
        using var schema = JsonDocument.Parse(Repository.Read("docs/schema/pick.schema.json"));
        var checker = new SchemaChecker(schema.RootElement);
        foreach (var outcome in Outcomes)
            Assert.Empty(checker.Check(JsonDocument.Parse(Write(outcome)).RootElement));
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Json_IsOneLineInTheOrderOfTheSchema() => Assert.Equal(
        """{"schema":"bindwise.pick/1","port":40000,"protocols":["tcp","udp"],"address":"::1","ephemeral":true,"leaseSeconds":1.5,"reservedSeconds":null}""", Write(Outcomes[1]));

    [Fact]
    public void Json_OfALinkLocalAddress_HasItsInterface() => Assert.Contains("\"address\":\"::1%eth0\",", Write(Outcomes[1] with { Scope = "eth0" }), StringComparison.Ordinal);

    private static string Write(PickOutcome outcome)
    {
        var buffer = new ArrayBufferWriter<byte>();
        PickJson.Write(buffer, outcome);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
