using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bindwise.Dashboard.Tests;

/// <summary>The API gives the documents of the command line, on the same kernel at the same time.</summary>
public sealed class ApiTests
{
    [IsolatedFact]
    public Task WhyPortsAndFree_AreTheCommandLinesDocuments() => Body.RunAsync(static async () =>
    {
        using var holder = new TcpListener(IPAddress.Loopback, 8080);
        holder.Start();
        await using var served = await ServedProgram.StartAsync("--allow-actions");

        foreach (var target in new[] { "8080", "127.0.0.1:8080", "9090", "listen tcp 127.0.0.1:8080: bind: address already in use" })
            Same((await CommandAsync("why", "--json", target)).Single(),
                (await served.GetAsync("/api/v1/why?target=" + Uri.EscapeDataString(target))).Json);
        var ports = (await served.GetAsync("/api/v1/ports?filter=tcp&filter=8000-8100")).Json;
        Same(new JsonArray([.. await CommandAsync("ls", "--json", "tcp", "8000-8100")]), ports["ports"]!);
        Assert.Single(ports["ports"]!.AsArray());
        Assert.Empty(ports["remarks"]!.AsArray());
        var plan = await served.SendAsync(HttpMethod.Post, "/api/v1/free", """{"target": "8080", "dryRun": true}""");
        Same((await CommandAsync("free", "--dry-run", "--json", "8080")).Single(), plan.Json);
        Assert.NotNull(plan.Tag);
        Assert.Empty((await served.GetAsync("/api/v1/ports?filter=nobody-has-this-name")).Json["ports"]!.AsArray());
        (await served.GetAsync("/api/v1/ports?filter=99999999")).IsProblem(400, "bad-request");
        (await served.GetAsync("/api/v1/why?target=70000")).IsProblem(400, "bad-request");
        var several = await served.GetAsync("/api/v1/why?target=7001%207002");
        several.IsProblem(400, "bad-request");
        Assert.EndsWith("ive each on its own: 7001 7002", ((string)several.Json["detail"]!).TrimEnd('.'), StringComparison.Ordinal);
        (await served.GetAsync("/api/v1/why")).IsProblem(400, "bad-request");
    });

    [IsolatedFact]
    public Task History_IsTheRecordsLines_AndWithoutARecorderARemark() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-record-").FullName;
        await using var served = await ServedProgram.StartAsync("--dir", folder);
        var none = (await served.GetAsync("/api/v1/history?target=8080")).Json;
        Assert.Empty(none["events"]!.AsArray());
        var remark = none["remarks"]!.AsArray().Single()!;
        Assert.Equal("no-recorder", (string)remark["id"]!);
        Assert.Contains("bindwise record", (string)remark["text"]!, StringComparison.Ordinal);

        using (var recorder = System.Diagnostics.Process.Start(ProgramUnderTest.Path, ["record", "--dir", folder]))
        {
            for (JsonNode? events = null; events is null || events.AsArray().Count == 0;)
                events = (await served.GetAsync("/api/v1/history?program=&failed=false")).Json["events"];
            using var kill = System.Diagnostics.Process.Start("kill", [$"{recorder.Id}"]);
            await recorder.WaitForExitAsync().WaitAsync(ServedProgram.Patience);
        }
        Same(new JsonArray([.. await CommandAsync("history", "--json", "--dir", folder)]), (await served.GetAsync("/api/v1/history")).Json["events"]!);
        (await served.GetAsync("/api/v1/history?since=yesterdayish")).IsProblem(400, "bad-request");
        (await served.GetAsync("/api/v1/history?failed=perhaps")).IsProblem(400, "bad-request");
    });

    [IsolatedFact]
    public Task History_TellsWhatFollowsFromTheRecord() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-record-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "20261124T010000000Z.jsonl"), """
            {"schema":"bindwise.event/1","time":"2026-11-24T01:00:00Z","pid":0,"event":"recorder-started","result":"ok","count":1,"limits":[],"diagnosis":null}
            {"schema":"bindwise.census/1","time":"2026-11-24T01:00:00.5Z","same":false,"sockets":[{"protocol":"tcp","address":"0.0.0.0:8080","state":"LISTEN","networkNamespace":1,"pid":184,"program":"python3","userId":0}],"states":{}}
            {"schema":"bindwise.event/1","time":"2026-11-24T03:00:00Z","pid":0,"event":"recorder-started","result":"ok","count":1,"limits":[],"diagnosis":null}
            {"schema":"bindwise.census/1","time":"2026-11-24T03:00:00.5Z","same":false,"sockets":[{"protocol":"tcp","address":"0.0.0.0:8081","state":"LISTEN","networkNamespace":1,"pid":201,"program":"python3","userId":0}],"states":{}}

            """);
        await using var served = await ServedProgram.StartAsync("--dir", folder);
        Assert.Equal("listen 184 was there already, closed 184 was gone when the recorder started", await InferredAsync("?target=8080"));
        Assert.Equal("listen 201 was there already", await InferredAsync("?target=8081"));
        // Without a target those that are told of.
        Assert.StartsWith("listen 184 was there already, closed 184", await InferredAsync(""), StringComparison.Ordinal);
        Assert.Equal("", await InferredAsync("?failed=true"));

        async Task<string> InferredAsync(string query) => string.Join(", ", (await served.GetAsync("/api/v1/history" + query)).Json["inferred"]!.AsArray()
            .Select(static one => $"{one!["event"]} {one["pid"]} {one["reason"]}"));
    });

    [IsolatedFact]
    public Task History_OfVeryManyEvents_TellsTheNewest() => Body.RunAsync(static async () =>
    {
        const int Most = 10_000;
        var folder = Directory.CreateTempSubdirectory("bindwise-record-").FullName;
        await File.WriteAllLinesAsync(Path.Combine(folder, "20261124T010000000Z.jsonl"), Enumerable.Range(0, Most + 2).Select(second =>
            $$"""{"schema":"bindwise.event/1","time":"{{At(second)}}","pid":{{second}},"event":"bind-failed","protocol":"tcp","address":"0.0.0.0:8080","result":"EADDRINUSE","count":1,"limits":[],"diagnosis":null}"""));
        await using var served = await ServedProgram.StartAsync("--dir", folder);
        var told = (await served.GetAsync("/api/v1/history")).Json;
        Assert.Equal(Enumerable.Range(2, Most), told["events"]!.AsArray().Select(static one => (int)one!["pid"]!));
        Assert.Equal("older-left-out", (string)told["remarks"]!.AsArray().Single()!["id"]!);
        Assert.Empty((await served.GetAsync("/api/v1/history?since=" + At(2))).Json["remarks"]!.AsArray());

        static string At(int second) => new DateTime(2026, 11, 24, 1, 0, 0, DateTimeKind.Utc).AddSeconds(second)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    });

    [IsolatedFact]
    public Task Paths_OfViewsArePages_AndNoOthersAre() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        var app = (await served.GetAsync("/app.js")).Body;
        var paths = System.Text.RegularExpressions.Regex.Matches(app, "path: '([a-z-]*)', name").Select(static match => match.Groups[1].Value).ToList();
        Assert.Equal(10, paths.Count);
        foreach (var path in paths)
            Assert.Contains("<main id=\"view\"", (await served.GetAsync("/" + path)).Body, StringComparison.Ordinal);
        foreach (var path in (string[])["nosuch", "metric", "healthz", "views", "states/"])
            (await served.GetAsync("/" + path)).IsProblem(404, "not-found");
        (await served.GetAsync("/api/v1/model/explain?word=nosuch")).IsProblem(404, "not-found");
        Assert.All((await served.GetAsync("/api/v1/scenarios")).Json["scenarios"]!.AsArray(), static one => Assert.NotEqual("", (string)one!["title"]!));
    });

    [IsolatedFact]
    public Task StatesAndPressure_CountWhatTheKernelHas() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 7777);
        listener.Start();
        await using var served = await ServedProgram.StartAsync();
        // One more each time: they last a minute, and on a busy machine the first has ended before the fifth is seen.
        JsonNode pressure;
        do
        {
            await LeaveATimeWaitAsync(listener);
            await Task.Delay(100);
            pressure = (await served.GetAsync("/api/v1/pressure")).Json;
        }
        while (Destination(pressure, "127.0.0.1:7777") is not { } use || (int)use["timeWait"]! < 5);
        Assert.InRange((int)pressure["ephemeralPorts"]!, 1, 65535);
        JsonArray states;
        do
        {
            await LeaveATimeWaitAsync(listener);
            await Task.Delay(100);
            states = (await served.GetAsync("/api/v1/states")).Json["tcp"]!.AsArray();
        }
        while (!states.Any(static one => (string)one!["state"]! == "TIME_WAIT" && (int)one["count"]! >= 5));
        Assert.Contains(states, static one => (string)one!["state"]! == "LISTEN" && (int)one["count"]! == 2);
        // As people type times, too.
        Assert.NotEmpty((await served.GetAsync("/api/v1/pressure?since=1h")).Json["samples"]!.AsArray());
        var last = (string)pressure["samples"]!.AsArray()[^1]!["time"]!;
        Assert.All((await served.GetAsync($"/api/v1/pressure?since={Uri.EscapeDataString(last)}")).Json["samples"]!.AsArray(),
            one => Assert.True(string.CompareOrdinal((string)one!["time"]!, last) > 0));
    });

    [IsolatedFact]
    public Task Model_AnswersThePlayersQuestions() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        var scenarios = (await served.GetAsync("/api/v1/scenarios")).Json["scenarios"]!.AsArray();
        Assert.True(scenarios.Count > 20);
        foreach (var one in scenarios.Take(3))
        {
            var text = (string)(await served.GetAsync($"/api/v1/scenarios/{one!["name"]}")).Json["text"]!;
            var parsed = await Post("parse", text);
            Assert.Empty(parsed.Json["faults"]!.AsArray());
            Assert.Equal(parsed.Json["steps"]!.AsArray().Count, (await Post("trace", text)).Json["steps"]!.AsArray().Count);
        }
        // Each case of a claim is a scenario of its own.
        Assert.Empty((await served.GetAsync($"/api/v1/scenarios/{scenarios[0]!["name"]}")).Json["cases"]!.AsArray());
        var cases = (await served.GetAsync("/api/v1/scenarios/reuse-time-wait")).Json["cases"]!.AsArray();
        Assert.Equal(["both-set", "new-only", "old-only"], cases.Select(static one => (string)one!["name"]!));
        foreach (var one in cases)
            Assert.NotEmpty((await Post("trace", (string)one!["text"]!)).Json["steps"]!.AsArray());
        var blocked = (await Post("trace?kernel=6.12", "a = tcp 127.0.0.1:80 listen\nb = tcp 127.0.0.1:80")).Json["steps"]!.AsArray();
        Assert.Equal("EADDRINUSE", (string)blocked[^1]!["result"]!);
        Same((await CommandAsync("explain", "--json", "TIME_WAIT")).Single(), (await served.GetAsync("/api/v1/model/explain?word=TIME_WAIT")).Json);
        Assert.NotEmpty((await served.GetAsync("/api/v1/model/matrix?on=linux&udp=true")).Json["cells"]!.AsArray());
        Assert.NotNull((await served.GetAsync("/api/v1/model/about")).Json["figure"]);
        Assert.Single((await Post("targets", "listen tcp :8080: bind: address already in use")).Json["targets"]!.AsArray());
        (await Post("trace", "no scenario")).IsProblem(400, "bad-request");
        // The fault names the parameter, or the body, and no option of the command line.
        foreach (var (fault, begin) in new[] { (await Post("trace?kernel=banana", "a = tcp"), "kernel banana is not"), (await Post("trace?system=beos", "a = tcp"), "system beos is not"), (await served.GetAsync("/api/v1/model/matrix?on=beos"), "on beos: "), (await Post("targets", ""), "the body is empty") })
        {
            fault.IsProblem(400, "bad-request");
            Assert.StartsWith(begin, (string)fault.Json["detail"]!, StringComparison.Ordinal);
        }
        (await served.SendAsync(HttpMethod.Post, "/api/v1/model/parse", "a = tcp")).IsProblem(415, "wrong-type");
        (await served.GetAsync("/api/v1/scenarios/nobody")).IsProblem(404, "not-found");

        Task<Answer> Post(string path, string text) => served.SendAsync(HttpMethod.Post, "/api/v1/model/" + path, text, "text/plain");
    });

    // Whoever closes first keeps TIME_WAIT: the client, on ephemeral ports.
    private static async Task LeaveATimeWaitAsync(TcpListener listener)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, 7777);
        using var accepted = await listener.AcceptTcpClientAsync();
        client.Close();
        Assert.Equal(0, await accepted.GetStream().ReadAsync(new byte[1]));
    }

    private static JsonNode? Destination(JsonNode pressure, string address) => pressure["samples"]!.AsArray() is [.., { } last]
        ? last["destinations"]!.AsArray().FirstOrDefault(one => (string)one!["destination"]! == address) : null;

    private static async Task<List<JsonNode?>> CommandAsync(params string[] arguments)
    {
        var run = await ServedProgram.RunAsync(arguments);
        Assert.True(run.Code is 0 or 1, run.Errors);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line))];
    }

    // But for when it was looked and how long that took.
    private static void Same(JsonNode? expected, JsonNode actual) => Assert.Equal(Timeless(expected!), Timeless(actual));

    private static string Timeless(JsonNode node)
    {
        var copy = node.DeepClone();
        Strip(copy);
        return copy.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var one in list)
                Strip(one);
        }
        else if (node is JsonObject fields)
        {
            foreach (var name in new[] { "takenAt", "milliseconds", "lookMilliseconds", "cost" })
                fields.Remove(name);
            foreach (var (_, value) in fields)
                Strip(value);
        }
    }
}
