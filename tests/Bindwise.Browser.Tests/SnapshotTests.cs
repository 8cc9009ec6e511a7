using System.Text.Json.Nodes;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Browser.Tests;

/// <summary>A saved snapshot, opened by a reader, gives what <c>why --snapshot</c> prints, byte for byte, in every time zone.</summary>
[Collection(PublishedCollection.Name)]
public sealed class SnapshotTests(PublishedModel published)
{
    private static readonly string Folder = Repository.File("tests/Bindwise.Browser.Tests/Snapshots");

    public static TheoryData<string> Recorded => [.. Directory.GetFiles(Folder, "*.json").Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [NodeTheory]
    [MemberData(nameof(Recorded))]
    public async Task Snapshot_InTheBrowser_GivesTheCommandLinesTextAndJson(string name)
    {
        var file = FileOf(name);
        foreach (var (zone, model) in new[] { ("UTC", published.Model), ("Asia/Shanghai", await published.InShanghaiAsync()) })
        {
            await SameAsync(model, zone, file, new { });
            await SameAsync(model, zone, file, new { verbose = true }, "--verbose");
            await SameAsync(model, zone, file, new { json = true }, "--json");
        }
    }

    // A recording for each cause; one that another recording has as well may stand beside it under another name.
    [NodeFact]
    public async Task Causes_AllAreRecorded()
    {
        foreach (var cause in CauseBook.All)
        {
            var answer = await published.Model.CallAsync("why", new { bytes = FileOf(cause.Id()) }, new { json = true });
            Assert.Equal(cause.Id(), (string)JsonNode.Parse((string)answer["text"]!)!["cause"]!);
        }
    }

    [NodeFact]
    public async Task Target_OfASnapshot_IsAnsweredAlone()
    {
        var file = FileOf("several-targets");
        var all = (string)(await published.Model.CallAsync("why", new { bytes = file }, new { json = true }))["text"]!;
        foreach (var line in all.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var target = (string)JsonNode.Parse(line)!["target"]!["text"]!;
            await SameAsync(published.Model, "UTC", file, new { target }, target);
        }
        var said = await CommandLine.RunAsync("UTC", "", "why", "--snapshot", file, "127.0.0.9:9");
        Assert.Equal(said.FirstError, await published.Model.RejectionAsync("why", new { bytes = file }, new { target = "127.0.0.9:9" }));
    }

    [NodeFact]
    public async Task Snapshot_AsTextOrBytes_IsTheSame()
    {
        var file = FileOf("time-wait");
        Assert.True(JsonNode.DeepEquals(await published.Model.CallAsync("why", new { bytes = file }), await published.Model.CallAsync("why", new { file })));
    }

    [NodeFact]
    public async Task Snapshot_CutOff_IsToldAsTheCommandLineDoes()
    {
        var text = await File.ReadAllTextAsync(FileOf("listener"));
        Assert.Equal("this file is not a snapshot: it is cut off (at byte 1000)", await published.Model.RejectionAsync("why", text[..1000]));
        Assert.Equal("this file is not a snapshot: it is not JSON (at byte 0)", await published.Model.RejectionAsync("why", "a = tcp"));
    }

    private static string FileOf(string name) => Path.Combine(Folder, name + ".json");

    private static async Task SameAsync(NodeModel model, string zone, string file, object options, params string[] words)
    {
        var said = await CommandLine.RunAsync(zone, "", ["why", "--snapshot", file, .. words]);
        Assert.Equal("", said.Errors);
        var answer = await model.CallAsync("why", new { bytes = file }, options);
        Assert.Equal((said.ExitCode, said.Output), ((int)answer["exit"]!, (string)answer["text"]!));
        Assert.Equal(2, answer.AsObject().Count);
    }
}
