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
        new(Samples.All["time-wait"].Target, 8080, "free", IsMet: false, TimeSpan.FromSeconds(1.25)) { Diagnosis = Samples.All["time-wait"] },
        new(Local, 8080, "listening", IsMet: true, TimeSpan.FromSeconds(2)) { Listeners = [Listener, Listener] },
        new(new Target { Text = "/run/app.sock", Protocol = Protocol.Unix, Path = "/run/app.sock" }, null, "closed", IsMet: true, TimeSpan.Zero),
    ];

    [Fact]
    public void Json_OfEveryOutcome_KeepsToTheSchemaAndMeetsAllOfIt()
    {
        using var schema = JsonDocument.Parse(Repository.Read("docs/schema/wait.schema.json"));
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
        // A summary ends with a full stop: nothing may follow it.
        Assert.Equal($"waiting for 3 targets: {Outcomes[0].Diagnosis!.Summary}", WaitText.Sentence(Outcomes[0], 2));
        Assert.Equal($"timed out after 1.3 s with 3 targets left: {Outcomes[0].Diagnosis!.Summary}", WaitText.TimedOut(Outcomes[0], 2));
        // What was told when there was more time left is not told again.
        var told = System.Text.RegularExpressions.Regex.Replace(Outcomes[0].Diagnosis!.Summary, "[0-9]+ s\\b", "59 s");
        Assert.Equal("timed out after 1.3 s: 8080/tcp is still not free, for another 40 s", WaitText.TimedOut(Outcomes[0], 0, told));
        Assert.Equal("free in 40 s: 8080/tcp (and 1 more)", WaitText.Line(Outcomes[0], 1, Samples.TakenAt, Samples.TakenAt));
        var listening = Outcomes[1] with { IsMet = false, Listeners = [] };
        Assert.Equal("timed out after 2 s: nothing listens on 127.0.0.1:8080/tcp", WaitText.TimedOut(listening, 0));
        var full = listening with { Listeners = [Listener] };
        Assert.Equal("timed out after 2 s: the listener on 127.0.0.1:8080/tcp takes no connection", WaitText.TimedOut(full, 0));
        Assert.Equal("waiting until the listener on 127.0.0.1:8080/tcp takes connections", WaitText.Sentence(full, 0));
        Assert.Equal("timed out after 2 s: no connection to the listener on 127.0.0.1:8080/tcp (no answer)", WaitText.TimedOut(full with { ConnectFault = "no answer" }, 0));
        var remote = listening with { ConnectFault = "Network is unreachable" };
        Assert.Equal("timed out after 2 s: no connection to 127.0.0.1:8080/tcp (Network is unreachable)", WaitText.TimedOut(remote, 0));
        Assert.Equal("no connection to 127.0.0.1:8080/tcp (Network is unreachable)", Write(remote).GetProperty("summary").GetString());
        Assert.Equal("waiting until something listens on 127.0.0.1:8080/tcp (and 2 more)", WaitText.Sentence(listening, 2));
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
