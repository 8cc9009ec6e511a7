using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Microsoft.OpenApi;

namespace Bindwise.Dashboard.Tests;

/// <summary>The OpenAPI document is valid, and every answer is what it says.</summary>
[Trait("Lane", "second")]
public sealed class OpenApiTests
{
    private const string Scenario = "a = tcp 127.0.0.1:80 listen\nb = connect a\nc = accept a\nclose c\nclose b\nd = tcp 127.0.0.1:80";

    [IsolatedFact]
    public Task Document_IsValid_AndHasASchemaForEachAnswer() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        var text = (await served.GetAsync("/api/v1/openapi.json")).Body;
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var read = await OpenApiDocument.LoadAsync(stream, "json");
        Assert.Empty(read.Diagnostic!.Errors.Select(static one => one.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(static one => one.ToString()));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        var operations = read.Document!.Paths.SelectMany(static path => path.Value.Operations!.Values).ToList();
        Assert.Equal(operations.Count, operations.Select(static one => one.OperationId).Distinct().Count());

        var document = JsonNode.Parse(text)!;
        var schemas = document["components"]!["schemas"]!.AsObject();
        // What is referred to is there, and no answer is just any object.
        foreach (var reference in text.Split("\"$ref\":\"#/components/schemas/")[1..])
            Assert.Contains(reference[..reference.IndexOf('"', StringComparison.Ordinal)], schemas.Select(static one => one.Key));
        foreach (var (path, operation) in Operations(document))
        {
            if (path != "/api/v1/openapi.json" && operation["responses"]!["200"] is { } answer)
                Assert.NotEqual("""{"type":"object"}""", answer["content"]!.AsObject().Single().Value!["schema"]!.ToJsonString());
        }
    });

    [IsolatedFact]
    public Task EachAnswer_FitsItsSchema() => Body.RunAsync(static async () =>
    {
        var record = Path.Combine(Path.GetTempPath(), "record");
        using var recorder = Process.Start(ProgramUnderTest.Path, ["record", "--dir", record]);
        await using var served = await ServedProgram.StartAsync("--allow-actions", "--dir", record);
        await using var stream = await EventStream.OpenAsync(served);
        using var holder = new TcpListener(IPAddress.Loopback, 8080);
        holder.Start();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, 8080);
        var api = await ApiSchemas.OfAsync(served);

        api.Check("get", "/api/v1/events", (await stream.NextAsync("127.0.0.1:8080")).Data, "event");
        for (var began = Stopwatch.StartNew(); (await served.GetAsync("/api/v1/history")).Json["events"]!.AsArray().Count == 0; await Task.Delay(100))
            Assert.True(began.Elapsed < ServedProgram.Patience, "nothing was recorded");
        foreach (var (path, query) in new[]
        {
            ("why", "?target=8080"), ("why", "?target=9090"), ("ports", ""), ("history", ""), ("states", ""), ("pressure", ""), ("session", ""), ("scenarios", ""),
            ("model/about", ""), ("model/matrix", "?on=all"), ("model/cell", "?first=127.0.0.1:8080&second=0.0.0.0:8080"), ("model/explain", "?word=TIME_WAIT"),
        })
            api.Check("get", "/api/v1/" + path, (await served.GetAsync($"/api/v1/{path}{query}")).Json);
        api.Check("get", "/api/v1/scenarios/{name}", (await served.GetAsync("/api/v1/scenarios/server-broken")).Json);
        api.Check("post", "/api/v1/free", (await served.SendAsync(HttpMethod.Post, "/api/v1/free", """{"target": "8080", "dryRun": true}""")).Json);
        foreach (var (path, text) in new[] { ("parse", Scenario), ("parse", "no scenario"), ("trace", Scenario), ("targets", "listen tcp :8080: bind: address already in use") })
            api.Check("post", "/api/v1/model/" + path, (await PostAsync(path, text)).Json);
        var saved = Path.Combine(Path.GetTempPath(), "saved.json");
        Assert.Equal(1, (await ServedProgram.RunAsync("why", "8080", "--save-snapshot", saved)).Code);
        api.Check("post", "/api/v1/model/why", (await PostAsync("why", await File.ReadAllTextAsync(saved))).Json);
        api.Check("get", "/api/v1/why", (await served.GetAsync("/api/v1/why")).Json, "problem");
        api.Check("post", "/api/v1/model/trace", (await PostAsync("trace", "no scenario")).Json, "problem");
        // What does not fit is told.
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => api.Check("get", "/api/v1/states", new JsonObject { ["takenAt"] = "now" }));
        // The fleet's have a test of their own; these two give something else than JSON.
        Assert.Equal(["/api/v1/fleet", "/api/v1/fleet/ports/{port}", "/api/v1/openapi.json", "/metrics"], api.Unchecked);
        recorder.Kill();
        await recorder.WaitForExitAsync();

        Task<Answer> PostAsync(string path, string text) => served.SendAsync(HttpMethod.Post, "/api/v1/model/" + path, text, "text/plain");
    });

    [IsolatedFact("prometheus")]
    public Task FleetsAnswers_FitTheirSchemas() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--prometheus", "http://127.0.0.1:9090");
        var folder = Directory.CreateTempSubdirectory("prometheus-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), $$"""
            global: {scrape_interval: 5s, scrape_timeout: 5s}
            scrape_configs: [{job_name: bindwise, static_configs: [{targets: ['{{served.Address.Authority}}']}]}]
            """);
        using var prometheus = Process.Start("prometheus",
            [$"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:9090", "--log.level=error"]);
        var port = served.Address.Port;
        var api = await ApiSchemas.OfAsync(served);
        api.Check("get", "/api/v1/fleet/ports/{port}", await UntilAsync($"/api/v1/fleet/ports/{port}", static one => one["holders"]!.AsArray().Count == 1));
        api.Check("get", "/api/v1/fleet", await UntilAsync("/api/v1/fleet", static one => one["hosts"]!.AsArray().Count == 1 && one["changes"]!.AsArray().Count > 0));
        prometheus.Kill();
        await prometheus.WaitForExitAsync();

        // Prometheus has nothing to tell before its first scrape, nor after one that a busy machine held up.
        async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> holds)
        {
            for (var began = Stopwatch.StartNew(); ; await Task.Delay(200))
            {
                var answer = await served.GetAsync(path);
                if (answer.Status == HttpStatusCode.OK && holds(answer.Json))
                    return answer.Json;
                Assert.True(began.Elapsed < ServedProgram.Patience, answer.Body);
            }
        }
    });

    private static IEnumerable<(string Path, JsonNode Operation)> Operations(JsonNode document) =>
        document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject().Select(one => (path.Key, one.Value!)));

    /// <summary>The schemas of a server's document, and which of them have been used.</summary>
    private sealed class ApiSchemas(JsonNode document)
    {
        private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

        private readonly HashSet<string> _checked = [];

        /// <summary>The paths none of whose answers was checked.</summary>
        public IEnumerable<string> Unchecked =>
            Operations(document).Where(static one => one.Operation["responses"]!["200"] is not null).Select(static one => one.Path).Distinct().Except(_checked).Order();

        public static async Task<ApiSchemas> OfAsync(ServedProgram served) => new((await served.GetAsync("/api/v1/openapi.json")).Json);

        /// <summary>Holds an answer to what the document says of it.</summary>
        /// <param name="method">In lower case.</param>
        /// <param name="path">As the document has it.</param>
        /// <param name="answer">The answer.</param>
        /// <param name="named">One of its schemas by name; null for that of the answer 200.</param>
        public void Check(string method, string path, JsonNode answer, string? named = null)
        {
            var schema = named is null
                ? document["paths"]![path]![method]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!.DeepClone()
                : new JsonObject { ["$ref"] = "#/components/schemas/" + named };
            if (named != "problem")
                _checked.Add(path);
            // The components as definitions of this schema: JSON Schema has no other place for them.
            var whole = new JsonObject
            {
                ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
                ["allOf"] = new JsonArray(schema),
                ["$defs"] = document["components"]!["schemas"]!.DeepClone(),
            };
            var text = whole.ToJsonString().Replace("\"#/components/schemas/", "\"#/$defs/", StringComparison.Ordinal);
            using var instance = JsonDocument.Parse(answer.ToJsonString());
            var result = JsonSchema.FromText(text).Evaluate(instance.RootElement, Options);
            Assert.True(result.IsValid, $"{method} {path}: {string.Join("; ", (result.Details ?? []).Where(static one => one.Errors is { Count: > 0 })
                .SelectMany(static one => one.Errors!.Select(error => $"{one.InstanceLocation} {error.Value}")))}");
        }
    }
}
