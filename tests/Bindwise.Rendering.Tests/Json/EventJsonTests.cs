using System.Text.Json;
using Bindwise.Rendering.Json;

namespace Bindwise.Rendering.Tests.Json;

public class EventJsonTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1));

    private static PortEvent Plain => new() { Time = Time, Kind = PortEventKind.Bind, ProcessId = 7, Address = "[::1]:8080" };

    private static PortEvent Failed => Plain with
    {
        Kind = PortEventKind.BindFailed,
        Protocol = Protocol.Tcp,
        Call = PortEventCall.Bind,
        Result = "EADDRINUSE",
        Program = "web\u001b[2J",
        Command = "web --token ***",
        UserId = 1000,
        NetworkNamespace = 4026531840,
        Cgroup = "/app.slice",
        Options = ["SO_REUSEADDR"],
        Cause = "listener",
        Summary = "8080/tcp is taken",
        Count = 3,
        LastTime = Time.AddSeconds(1),
        Limits = ["one"],
        Diagnosis = Samples.All["listener"],
    };

    private static IEnumerable<PortEvent> Events =>
    [
        .. Enum.GetValues<PortEventKind>().Select(kind => Plain with { Kind = kind }),
        .. new[] { Protocol.Tcp, Protocol.Udp, Protocol.Unix }.Select(protocol => Plain with { Protocol = protocol }),
        .. Enum.GetValues<PortEventCall>().Select(call => Failed with { Call = call, Diagnosis = null }),
        Plain with { Address = null },
        Plain with { Kind = PortEventKind.OptionSet, Reason = "SO_REUSEADDR" },
        Plain with { Kind = PortEventKind.OwnerChanged, PreviousProcessId = 6 },
        Failed,
    ];

    [Fact]
    public void Json_OfEveryEvent_KeepsToTheSchemaAndMeetsAllOfIt()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Repository.File("docs/schema/event.schema.json")));
        var checker = new SchemaChecker(schema.RootElement);
        foreach (var one in Events)
            Assert.Empty(checker.Check(JsonDocument.Parse(EventJson.Render(one)).RootElement));
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Json_IsOneLineInTheOrderOfTheSchema() => Assert.Equal(
        """{"schema":"bindwise.event/1","time":"2026-01-02T02:04:05.000000Z","pid":7,"event":"bind","protocol":null,"call":null,"address":"[::1]:8080","result":"ok","reason":null,"cause":null,"summary":null,"previousPid":null,"program":null,"command":null,"userId":null,"networkNamespace":null,"cgroup":null,"options":null,"count":1,"lastTime":null,"limits":[],"diagnosis":null}""",
        EventJson.Render(Plain));

    [Fact]
    public void Json_OfAFailure_EndsWithTheDiagnosisAsWhyPrintsIt()
    {
        var line = EventJson.Render(Failed);
        Assert.EndsWith($"\"diagnosis\":{DiagnosisJson.Render(Samples.All["listener"])}}}", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.Contains("web\\u001b[2J", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_OfEveryKindAndCall_AreReadBack()
    {
        Assert.All(Enum.GetValues<PortEventKind>(), static kind => Assert.Equal(kind, PortEventWords.KindOf(PortEventWords.Of(kind))));
        Assert.All(Enum.GetValues<PortEventCall>(), static call => Assert.Equal(call, PortEventWords.CallOf(PortEventWords.Of(call))));
        Assert.Null(PortEventWords.KindOf("never"));
        Assert.Null(PortEventWords.CallOf("never"));
    }

    [Fact]
    public void Page_NamesEveryFieldAndWord()
    {
        var page = File.ReadAllText(Repository.File("docs/json.md"));
        var section = page[page.IndexOf("## Events", StringComparison.Ordinal)..page.IndexOf("## An audit", StringComparison.Ordinal)];
        Assert.All(JsonDocument.Parse(EventJson.Render(Plain)).RootElement.EnumerateObject(),
            field => Assert.Contains($"| `{field.Name}` |", section, StringComparison.Ordinal));
        Assert.All(Enum.GetValues<PortEventKind>(),
            kind => Assert.Contains($"`{PortEventWords.Of(kind)}`", section, StringComparison.Ordinal));
    }
}
