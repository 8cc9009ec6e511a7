using System.Text;
using System.Text.Json;
using Bindwise.Model.Events;
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
        using var schema = JsonDocument.Parse(Repository.Read("docs/schema/event.schema.json"));
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
    public void Diagnosis_OfAnEvent_IsTheWholeOneWhereNothingIsLong() => Assert.All(
        Samples.All.Values.Where(static one => one.Blockers.Length <= EventDiagnosis.MostOfEach
            && one.Blockers.All(static blocker => blocker.Owners.Length <= EventDiagnosis.MostOfEach)),
        static one => Assert.Equal(DiagnosisJson.Render(one), DiagnosisJson.Render(EventDiagnosis.Of(one))));

    [Fact]
    public void Diagnosis_OfAnEvent_SaysHowManySocketsAndDetailsAreLeftOut()
    {
        var many = Samples.All["listener"] with
        {
            Blockers = [.. Enumerable.Repeat(Samples.All["listener"].Blockers[0], 1150)],
            Why = [.. Enumerable.Repeat("because", 18)],
        };
        var cut = EventDiagnosis.Of(many);
        Assert.Equal((EventDiagnosis.MostOfEach, EventDiagnosis.MostOfEach), (cut.Blockers.Length, cut.Why.Length));
        Assert.Equal(["1150 sockets are in the way; the first 16 are listed.",
            "2 more details are left out, as of holders: an event has no room for more."],
            cut.Limits.Where(static remark => remark.Id == EventDiagnosis.Cut).Select(static remark => remark.Text));
        Assert.Equal(many.Summary, cut.Summary);
    }

    [Fact]
    public void Json_OfAnEventWhateverProgramsDo_IsShorterThanALineMayBe()
    {
        // Each byte of a name may become six.
        static string Harmful(int length) => new('\u0001', length);
        var parents = Enumerable.Range(2, 200).Select(static id => new ProcessRecord
        {
            Id = id,
            ParentId = id - 1,
            Name = Harmful(15),
            Arguments = [Harmful(65536)],
        }).ToList();
        var owners = Enumerable.Range(1000, 40).Select(static id => new Owner
        {
            Role = OwnerRole.Holder,
            Descriptors = [3],
            Process = new ProcessRecord
            {
                Id = id,
                ParentId = 201,
                Name = Harmful(15),
                Arguments = [.. Enumerable.Repeat(Harmful(1024), 64)],
                Executable = Harmful(4095),
                WorkingDirectory = Harmful(4095),
                Cgroup = Harmful(4095),
                ProjectFolder = Harmful(4095),
            },
            StartedFrom = new ProcessProvenance { ProjectFolder = Harmful(4095) },
        }).ToList();
        var blocker = Samples.All["unix"].Blockers.Concat(Samples.All["listener"].Blockers).First() with { Owners = [.. owners] };
        var worst = Samples.All["listener"] with
        {
            Blockers = [.. Enumerable.Range(1, 4000).Select(inode => blocker with
            {
                Socket = blocker.Socket with { Inode = (ulong)inode, Path = Harmful(107) },
                Peer = new Peer { Socket = blocker.Socket, Owners = [.. owners] },
            })],
            Why = [.. Enumerable.Repeat(Harmful(4096), 100)],
            Warnings = [.. Enumerable.Repeat(Remark.Of("x", Harmful(4096)), 100)],
            Disagreement = Harmful(1 << 20),
            Processes = [.. parents, .. owners.Select(static owner => owner.Process)],
            Elsewhere = [.. Enumerable.Repeat(new ElsewhereRecord { Socket = blocker.Socket, Process = owners[0].Process }, 1000)],
        };
        var line = Encoding.UTF8.GetByteCount(EventJson.Render(Failed with
        {
            Address = Harmful(107),
            Command = Harmful(2048),
            Cgroup = Harmful(4095),
            Diagnosis = EventDiagnosis.Of(worst),
        }));
        Assert.InRange(line, 1, (1 << 20) - 1);
        Assert.NotEmpty(EventDiagnosis.Of(worst).Blockers[0].Owners);
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
        var page = Repository.Read("docs/json.md");
        var section = page[page.IndexOf("## Events", StringComparison.Ordinal)..page.IndexOf("## An audit", StringComparison.Ordinal)];
        Assert.All(JsonDocument.Parse(EventJson.Render(Plain)).RootElement.EnumerateObject(),
            field => Assert.Contains($"| `{field.Name}` |", section, StringComparison.Ordinal));
        Assert.All(Enum.GetValues<PortEventKind>(),
            kind => Assert.Contains($"`{PortEventWords.Of(kind)}`", section, StringComparison.Ordinal));
    }
}
