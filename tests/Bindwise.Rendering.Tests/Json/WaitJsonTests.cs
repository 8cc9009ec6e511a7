using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Tests.Json;

public class WaitJsonTests
{
    private static readonly Target Local = new() { Text = "127.0.0.1:8080", Protocol = Protocol.Tcp, Host = "127.0.0.1", Port = 8080 };

    private static readonly HeldSocket Listener = new() { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Local = new IpEndpoint(IpAddress.LoopbackIPv4, 8080) };

    private static ImmutableArray<WaitOutcome> Outcomes =>
    [
        new(Local, 8080, "free", IsMet: false, TimeSpan.FromSeconds(1.25)) { Diagnosis = Samples.All["time-wait"] },
        new(Local, 8080, "listening", IsMet: true, TimeSpan.FromSeconds(2)) { Listeners = [Listener, Listener] },
        new(new Target { Text = "/run/app.sock", Protocol = Protocol.Unix, Path = "/run/app.sock" }, null, "closed", IsMet: true, TimeSpan.Zero),
    ];

    [Fact]
    public void Json_OfEveryOutcome_KeepsToTheSchemaAndMeetsAllOfIt()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Repository.File("docs/schema/wait.schema.json")));
        var checker = new SchemaChecker(schema.RootElement);
        foreach (var outcome in Outcomes)
            Assert.Empty(checker.Check(Write(outcome)));
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Json_SaysTheTimeAndEachListenerOnce()
    {
        var document = Write(Outcomes[1]);
        Assert.Equal("2.000", document.GetProperty("secondsWaited").GetRawText());
        Assert.Equal(["127.0.0.1:8080"], document.GetProperty("listeners").EnumerateArray().Select(static one => one.GetString()));
    }

    [Fact]
    public void Text_OfATargetThatIsNotMet_SaysWhy()
    {
        Assert.StartsWith("timed out after 1.3 s: ", WaitText.TimedOut(Outcomes[0], 0), StringComparison.Ordinal);
        Assert.EndsWith(" (and 2 more)", WaitText.Sentence(Outcomes[0], 2), StringComparison.Ordinal);
        var whole = Outcomes[0] with { Diagnosis = Outcomes[0].Diagnosis! with { Summary = "It is taken." } };
        Assert.Equal("waiting: It is taken (and 1 more).", WaitText.Sentence(whole, 1));
        Assert.Equal("timed out after 1.3 s: It is taken (and 1 more).", WaitText.TimedOut(whole, 1));
        Assert.Equal("timed out after 1.3 s: It is taken.", WaitText.TimedOut(whole, 0));
        Assert.Equal("free in 40 s: 127.0.0.1:8080/tcp (and 1 more)", WaitText.Line(Outcomes[0], 1, Samples.TakenAt, Samples.TakenAt));
        var listening = Outcomes[1] with { IsMet = false, Listeners = [] };
        Assert.Equal("timed out after 2 s: nothing listens on 127.0.0.1:8080/tcp", WaitText.TimedOut(listening, 0));
        Assert.Equal("timed out after 2 s: the listener on 127.0.0.1:8080/tcp takes no connection", WaitText.TimedOut(listening with { Listeners = [Listener] }, 0));
        Assert.Equal("waiting 3 s for a listener on 127.0.0.1:8080/tcp", WaitText.Line(listening, 0, Samples.TakenAt.AddSeconds(3), Samples.TakenAt));
        Assert.Equal("nothing listens on /run/app.sock (after 0 ms)", WaitText.Met(Outcomes[2]));
    }

    private static JsonElement Write(WaitOutcome outcome)
    {
        var buffer = new ArrayBufferWriter<byte>();
        WaitJson.Write(buffer, outcome);
        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }
}
