using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Bindwise.Model.Auditing;
using Bindwise.Rendering.Auditing;
using Bindwise.Rendering.Tests.Json;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Tests.Auditing;

/// <summary>An audit as JSON, SARIF and text.</summary>
public class AuditFormsTests
{
    private static readonly IpEndpoint Here = new(IpAddress.LoopbackIPv4, 8080);
    private static readonly CodePlace Place = new("/usr/bin/se rver", 0x1234, "start");

    private static readonly ImmutableArray<AuditEvent> Events =
    [
        About(AuditAct.Socket) with { Place = Place with { Symbol = null } },
        About(AuditAct.Option) with { Option = "SO_REUSEADDR", Value = 1 },
        About(AuditAct.Bind) with { Asked = Here, Error = "EADDRINUSE" },
        About(AuditAct.Bind) with { Asked = Here, Local = Here, Place = Place },
        About(AuditAct.Bind) with { Socket = 0, Protocol = Protocol.Unix, Family = null, Path = "/tmp/\u001b[31mred", IsOutcomeKnown = false },
        About(AuditAct.Bind) with { Protocol = Protocol.Udp, Family = IpFamily.IPv6, Asked = new IpEndpoint(IpAddress.AnyIPv6, 0), Local = new IpEndpoint(IpAddress.AnyIPv6, 40_000) },
        About(AuditAct.Listen) with { Local = Here, Backlog = 16 },
        About(AuditAct.Execute) with { Socket = 0, Protocol = null, Family = null, File = "/bin/sh", Inherits = [new PassedListener(3, 5, Here)] },
    ];

    private static readonly AuditRecord Record = new()
    {
        Command = "./server",
        Events = Events,
        EventsCut = 2,
        OtherSockets = 1,
        Duration = TimeSpan.FromSeconds(1.5),
        ExitCode = 7,
        FilesLeft = ["/tmp/\u001b[31mred"],
        Connections = [new EndedConnections(Here, 3, 2)],
        Unseen = ["something"],
    };

    [Fact]
    public void Json_OfEveryKindOfAudit_KeepsToTheSchemaAndMeetsAllOfIt()
    {
        using var schema = JsonDocument.Parse(Repository.Read("docs/schema/audit.schema.json"));
        var checker = new SchemaChecker(schema.RootElement);
        foreach (var end in Enum.GetValues<AuditEnd>())
        {
            var record = Record with { End = end, ExitCode = end == AuditEnd.Running ? null : 7 };
            Assert.Empty(checker.Check(JsonDocument.Parse(Json(record, [.. AuditJudge.Judge(record), Error])).RootElement));
        }
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Sarif_OfAnAudit_NamesRulesAndPlaces()
    {
        var buffer = new ArrayBufferWriter<byte>();
        AuditSarif.Write(buffer, AuditJudge.Judge(Record), "1.0");
        var run = JsonDocument.Parse(buffer.WrittenMemory).RootElement.GetProperty("runs")[0];
        var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray().Select(static rule => rule.GetProperty("id").GetString()).ToList();
        foreach (var result in run.GetProperty("results").EnumerateArray())
            Assert.Equal(result.GetProperty("ruleId").GetString(), rules[result.GetProperty("ruleIndex").GetInt32()]);
        var late = run.GetProperty("results").EnumerateArray().Single(static one => one.GetProperty("ruleId").GetString() == "BWA005");
        Assert.Equal("warning", late.GetProperty("level").GetString());
        Assert.Empty(late.GetProperty("locations").EnumerateArray());
    }

    [Fact]
    public void Sarif_OfAPlaceInAFile_IsAnOffsetAndAFunction()
    {
        var buffer = new ArrayBufferWriter<byte>();
        AuditSarif.Write(buffer, [Error], "1.0");
        var place = JsonDocument.Parse(buffer.WrittenMemory).RootElement.GetProperty("runs")[0].GetProperty("results")[0].GetProperty("locations")[0];
        Assert.Equal("file:///usr/bin/se%20rver", place.GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(0x1234, place.GetProperty("physicalLocation").GetProperty("region").GetProperty("byteOffset").GetInt32());
        Assert.Equal("start", place.GetProperty("logicalLocations")[0].GetProperty("fullyQualifiedName").GetString());
    }

    [Theory]
    [InlineData(80)]
    [InlineData(20)]
    public void Text_OfAnAudit_FitsTheTerminalAndHasNoControlCharacter(int columns)
    {
        var rendered = AuditText.Render(Record, AuditJudge.Judge(Record), new TextOptions(columns));
        var lines = rendered.Select(static line => line.ToString()).ToList();
        Assert.DoesNotContain(lines, static line => line.Any(char.IsControl));
        // Lines of code are to be copied, and never broken.
        if (columns == 80)
            Assert.All(rendered.Where(static line => line.Spans.All(static span => span.Role != TextRole.Command)), static line => Assert.True(line.ToString().Length <= 80, line.ToString()));
        Assert.StartsWith("3 findings (1 warning, 2 notes); the program ended with 7 after 1.5 s", string.Join(' ', lines.Select(static line => line.Trim())), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_Quiet_IsOneLine() =>
        Assert.Equal(["no findings; the program ended with 7 after 1.5 s"], AuditText.Render(Record, [], new TextOptions(40, Detail.Quiet)).Select(static line => line.ToString()));

    private static AuditFinding Error => new(AuditRuleBook.ErrorIgnored, AuditSeverity.Error, "bind() failed", "Check it.") { Code = "x();\ny();", Language = Runtime.Go, Event = Events[3] };

    private static string Json(AuditRecord record, ImmutableArray<AuditFinding> findings)
    {
        var buffer = new ArrayBufferWriter<byte>();
        AuditJson.Write(buffer, record, findings);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static AuditEvent About(AuditAct act) => new()
    {
        At = TimeSpan.FromSeconds(0.25),
        Act = act,
        Process = 7,
        Thread = 8,
        Program = "ser\nver",
        Socket = 5,
        Protocol = Protocol.Tcp,
        Family = IpFamily.IPv4,
        Options = new AuditOptions(true, false, null, false),
    };
}
