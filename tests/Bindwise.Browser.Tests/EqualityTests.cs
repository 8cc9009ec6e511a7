using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using Bindwise.Fuzz.Generating;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Rendering.Scenarios;
using Bindwise.Tests.Tables;

namespace Bindwise.Browser.Tests;

/// <summary>The model that a page loads gives the same results, rules, sockets and states as the native one.</summary>
[Collection(PublishedCollection.Name)]
public sealed class EqualityTests(PublishedModel published)
{
    private const int UsualCount = 1_000;

    private static readonly int Count = CommandLine.Number("BINDWISE_BROWSER_SCENARIOS", UsualCount);
    private static readonly KernelRelease[] Releases = [.. KernelRelease.Played];

    private int _compared;

    [NodeFact]
    public async Task Scenarios_OfTheRepository_GiveTheSame()
    {
        var files = new[] { "", "found", "programs" }
            .SelectMany(static folder => Directory.GetFiles(Repository.File("scenarios/" + folder), "*.bind")).Order(StringComparer.Ordinal).ToList();
        Assert.True(files.Count > 40);
        foreach (var file in files)
            await AlikeAsync(file, await File.ReadAllTextAsync(file), KernelRelease.Documented);
    }

    // One in ten, or all where more random scenarios are played too.
    [NodeFact]
    public async Task Rows_OfTheTablesOfRules_GiveTheSame()
    {
        foreach (var (index, row) in RuleTables.Read().Index().Where(static row => Count > UsualCount || row.Index % 10 == 0))
            await AlikeAsync(row.At, row.Text.Replace("; ", "\n", StringComparison.Ordinal), Releases[index % Releases.Length]);
    }

    [NodeFact]
    public async Task Cases_OfEveryClaim_GiveTheSame()
    {
        Assert.Equal(44, ScenarioCatalogue.Claims.Count);
        foreach (var id in ScenarioCatalogue.Claims)
        {
            foreach (var part in ClaimText.Parse(ScenarioCatalogue.ClaimText(id)!).Claim!.Cases)
                await AlikeAsync($"{id}, {part.Name}", BindText.Write(part.Scenario), KernelRelease.Documented);
        }
    }

    // In both forms, on every release; one in eight waits for a TIME_WAIT or a FIN_WAIT2.
    [NodeFact]
    [Trait("Seed", "any")]
    public async Task RandomScenarios_GiveTheSame()
    {
        for (var index = 0; index < Count; index++)
        {
            var profile = (index % 8) switch { 3 => ScenarioProfile.TimeWait, 7 => ScenarioProfile.FinWait2, _ => ScenarioProfile.Quick };
            var scenario = ScenarioGenerator.Generate(Bindwise.Tests.Seed.Number, index, profile);
            // Nobody plays a file without a step.
            if (scenario.Steps.IsEmpty)
                continue;
            var text = index % 2 == 0 ? BindText.Write(scenario) : ScenarioJson.Write(scenario);
            await AlikeAsync($"seed {Bindwise.Tests.Seed.Number}, index {index}", text, Releases[index % Releases.Length]);
        }
    }

    // What their documents tell, where nothing is run: the claims' cases on every system.
    [NodeFact]
    public async Task Cases_OnOtherSystems_GiveWhatTheirDocumentsTell()
    {
        foreach (var (index, id) in ScenarioCatalogue.Claims.Index())
        {
            var platform = PlatformProfiles.All[1 + index % (PlatformProfiles.All.Length - 1)];
            var scenario = ClaimText.Parse(ScenarioCatalogue.ClaimText(id)!).Claim!.Cases[0].Scenario;
            var native = ScenarioHosts.DocumentsOf(platform).Play(scenario);
            var play = await published.Model.CallAsync("play", BindText.Write(scenario), new { system = platform.Id });
            Same($"{id} on {platform.Id}", Json(native), play);
            var trace = await published.Model.CallAsync("trace", BindText.Write(scenario), new { system = platform.Id });
            var expected = native.Steps.Where(static outcome => outcome.Step is not ExpectStep).Select(static outcome => $"{outcome.Result} {outcome.Rule}");
            var steps = trace["steps"]!.AsArray();
            Assert.Equal(expected, steps.Select(static step => $"{step!["result"]} {step["rule"]}"));
            Assert.All(steps, static step => Assert.Empty(step!["segments"]!.AsArray()));
        }
    }

    private async Task AlikeAsync(string name, string text, KernelRelease kernel)
    {
        var parse = Assert.Single(ScenarioFile.Parse(text));
        Assert.True(parse.IsSuccess, $"{name}: {parse.Fault}");
        var scenario = parse.Scenario!;
        var rules = new { kernel = kernel.ToString() };
        var recorded = ModelRecorder.Play(scenario, kernel);
        var steps = (await published.Model.CallAsync("trace", text, rules))["steps"]!.AsArray();
        var (expected, told) = (Expected(scenario, recorded).ToList(), steps.Select(static step => Reported(step!)).ToList());
        Assert.True(expected.SequenceEqual(told), $"{name}\nnative  {string.Join("\n        ", expected)}\nbrowser {string.Join("\n        ", told)}");
        // Of one in four the other calls are compared too: a trace tells all but the expectations.
        if (_compared++ % 4 > 0)
            return;
        Same(name, Json(ScenarioHosts.ModelOf(kernel).Play(scenario)), await published.Model.CallAsync("play", text, rules));
        var listed = (await published.Model.CallAsync("parse", text))["steps"]!.AsArray();
        Assert.Equal(scenario.Steps.Where(static step => step is not ExpectStep).Select(static step => BindText.Write(step)), listed.Select(static step => (string)step!["text"]!));
    }

    private static void Same(string name, JsonNode expected, JsonNode given) =>
        Assert.True(JsonNode.DeepEquals(expected, given), $"{name}\nnative  {expected.ToJsonString()}\nbrowser {given.ToJsonString()}");

    private static JsonNode Json(ScenarioResult result)
    {
        var bytes = new ArrayBufferWriter<byte>();
        ScenarioResultJson.Write(bytes, result);
        return JsonNode.Parse(bytes.WrittenSpan)!;
    }

    /// <summary>One line a step: what it gave, the sockets after it, and what happened meanwhile.</summary>
    private static IEnumerable<string> Expected(Scenario scenario, RecordedPlay recorded)
    {
        for (var index = 0; index < scenario.Steps.Length; index++)
        {
            if (scenario.Steps[index] is ExpectStep)
                continue;
            var outcome = recorded.Result.Steps[index].Model!;
            var steps = recorded.Model!.Steps.Where(step => step.Index == index).ToList();
            yield return Line(outcome.Result, outcome.Rule, outcome.Because, steps[^1].End.TotalSeconds,
                steps[^1].Sockets.Select(static row => Row(row.Local.ToString(), row.Remote?.ToString(), TcpStateNames.Of(row.State, row.Protocol), row.Socket, row.Process, row.SecondsLeft is { } left ? Math.Round(left, 1) : null)),
                steps.SelectMany(static step => step.Events).OfType<SegmentEvent>().Select(static one => $"{one.From}>{one.To} {one.Bytes}"),
                steps.SelectMany(static step => step.Events).OfType<StateEvent>().Select(static one => $"{one.Socket} {one.Local} {Name(one.From)}-{Name(one.To)}"));
        }
    }

    private static string Reported(JsonNode step) => Line((string)step["result"]!, (string?)step["rule"], (string)step["because"]!, (double)step["time"]!,
        step["sockets"]!.AsArray().Select(static row => Row((string)row!["local"]!, (string?)row["remote"], (string)row["state"]!, (string?)row["socket"], (string?)row["process"], (double?)row["secondsLeft"])),
        step["segments"]!.AsArray().Select(static one => $"{one!["from"]}>{one["to"]} {(int?)one["bytes"] ?? 0}"),
        step["states"]!.AsArray().Select(static one => $"{one!["socket"]} {one["local"]} {one["from"]}-{one["to"]}"));

    private static string Line(string result, string? rule, string because, double time, IEnumerable<string> sockets, IEnumerable<string> segments, IEnumerable<string> states) =>
        string.Create(CultureInfo.InvariantCulture, $"{result} {rule} {because} at {time:R}: {string.Join(", ", sockets)}; {string.Join(", ", segments)}; {string.Join(", ", states)}");

    private static string Row(string local, string? remote, string state, string? socket, string? process, double? left) =>
        string.Create(CultureInfo.InvariantCulture, $"{local} {remote} {state} {socket} {process} {left:R}");

    private static string? Name(TcpSocketState? state) => state is { } known ? TcpStateNames.Of(known, Protocol.Tcp) : null;
}
