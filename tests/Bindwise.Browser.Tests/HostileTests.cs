using System.Text;

namespace Bindwise.Browser.Tests;

/// <summary>Whatever comes in ends with a sentence, and the next call is answered.</summary>
[Collection(PublishedCollection.Name)]
public sealed class HostileTests(PublishedModel published) : IDisposable
{
    private const int MostBytes = 8 * 1024 * 1024;
    private const string TooLarge = "the input is larger than 8 MiB";

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-browser-").FullName;

    private NodeModel Model => published.Model;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NodeTheory]
    [InlineData("parse")]
    [InlineData("play")]
    [InlineData("trace")]
    [InlineData("readError")]
    [InlineData("why")]
    [InlineData("explain")]
    public async Task Text_OfMoreThan8MiB_IsRefused(string method)
    {
        Assert.Equal(TooLarge, await Model.RejectionAsync(method, new { file = FileOf(new string('a', MostBytes + 1)) }));
        // Two bytes a letter.
        Assert.Equal(TooLarge, await Model.RejectionAsync(method, new { file = FileOf(new string('ä', MostBytes / 2 + 1)) }));
        await AnswersAsync();
    }

    [NodeFact]
    public async Task Scenario_Of8MiB_IsRefusedOrReadInTime()
    {
        await RejectsAsync("play", "larger than 8 MiB", string.Concat(Enumerable.Repeat("a = tcp\n", MostBytes / 8 + 1)));
        await RejectsAsync("trace", "10000", string.Concat(Enumerable.Repeat("a = tcp\n", 20_000)));
        await RejectsAsync("play", "", new string('"', MostBytes));
        await RejectsAsync("play", "", "{\"steps\":[" + new string(' ', MostBytes - 20));
    }

    [NodeTheory]
    [InlineData("play")]
    [InlineData("why")]
    public async Task Json_OfManyLevels_IsRefused(string method)
    {
        await RejectsAsync(method, "", new string('[', 1_000_000));
        await RejectsAsync(method, "", "{\"steps\":" + string.Concat(Enumerable.Repeat("{\"a\":", 200_000)));
        await RejectsAsync(method, "", "{\"schema\":\"bindwise.snapshot/1\",\"entries\":" + new string('[', 200_000) + new string(']', 200_000) + "}");
    }

    // 4,096 sockets stand on ports, and a range without a free one is searched again and again.
    [NodeFact]
    public async Task Scenario_ThatTakesTooLong_IsEndedAndTheNextCallAnswered()
    {
        var text = new StringBuilder("sysctl net.ipv4.ip_local_port_range = \"10000 13999\"\n");
        for (var socket = 0; socket < 4_000; socket++)
            text.Append($"s{socket} = tcp 0.0.0.0:{10_000 + socket}\n");
        text.Append("new = tcp\n");
        for (var retry = 0; retry < 10; retry++)
            text.Append("retry 10ms for 99s bind new 127.0.0.1:0\n");
        // As on a page, but for the time, in which every other test would wait as well; a worker's first call takes a second or more beside load.
        using var hurried = await NodeModel.StartAsync(PublishedModel.Module, "UTC", seconds: 20);

        Assert.Equal("this takes the model longer than 20 s", await hurried.RejectionAsync("play", new { file = FileOf(text.ToString()) }));

        Assert.Single((await hurried.CallAsync("play", "a = tcp"))["steps"]!.AsArray());
    }

    [NodeFact]
    public async Task Call_OnAPage_MayTakeTenSeconds() =>
        Assert.Contains("const CALL_SECONDS = 10;", await File.ReadAllTextAsync(PublishedModel.Module), StringComparison.Ordinal);

    [NodeFact]
    public async Task Trace_WithMoreLinesThanAPageShows_IsRefused()
    {
        var text = string.Concat(Enumerable.Range(0, 400).Select(static index => $"s{index} = tcp 127.0.0.1:{2000 + index} listen\n"));
        await RejectsAsync("trace", "the trace has more than 40000 lines", text);
        await Model.CallAsync("play", text);
    }

    [NodeFact]
    public async Task Snapshot_OfRandomBytes_IsRefused()
    {
        var random = new Random((int)Bindwise.Tests.Seed.Number);
        for (var count = 0; count < 20; count++)
        {
            var bytes = new byte[random.Next(1, 2_000)];
            random.NextBytes(bytes);
            var file = Path.Combine(_folder, "random");
            await File.WriteAllBytesAsync(file, bytes);
            Assert.Contains("is not a snapshot: ", await Model.RejectionAsync("why", new { bytes = file }), StringComparison.Ordinal);
        }
        await AnswersAsync();
    }

    [NodeFact]
    public async Task Values_OfOtherKinds_AreTakenAsTextOrRefused()
    {
        await Model.RejectionAsync("play", [null]);
        await Model.RejectionAsync("play", 42);
        await Model.RejectionAsync("play", "a = tcp", new { kernel = new[] { 1, 2 }, system = 7 });
        await Model.RejectionAsync("why", 42);
        await Model.RejectionAsync("why", new object());
        await Model.RejectionAsync("matrix", new { first = new string('x', 100_000) });
        await Model.RejectionAsync("matrix", new { options = string.Join(',', Enumerable.Repeat("none", 1_000)) });
        await Model.RejectionAsync("cellScenario", new object());
        await AnswersAsync();
    }

    private async Task RejectsAsync(string method, string because, string text)
    {
        Assert.Contains(because, await Model.RejectionAsync(method, new { file = FileOf(text) }), StringComparison.Ordinal);
        await AnswersAsync();
    }

    private async Task AnswersAsync() => Assert.Single((await Model.CallAsync("play", "a = tcp"))["steps"]!.AsArray());

    private string FileOf(string text)
    {
        var file = Path.Combine(_folder, "input");
        File.WriteAllText(file, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return file;
    }
}
