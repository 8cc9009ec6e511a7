using System.Buffers;
using System.Text;
using System.Text.Json;
using Bindwise.Model.Planning;
using Bindwise.Rendering.Planning;
using Bindwise.Rendering.Tests.Json;
using Bindwise.Rendering.Text;

namespace Bindwise.Planning.Tests;

public sealed class RenderingTests
{
    private static readonly HostSettings Settings = new();

    private static PortPlan Shop => new TestFolder(
        ("compose.yaml", "services:\n  web:\n    ports: ['8080:80', '443:443']\n  api:\n    ports: ['8080:3000', '40000:1']\n    profiles: [dev]\n"),
        ("app.socket", "[Socket]\nListenStream=@a.sock\nListenStream=@a.sock\n"),
        ("web/Properties/launchSettings.json", "{\"profiles\": {\"http\": {\"applicationUrl\": \"http://localhost:8080\"}}}"),
        ("k8s/s.yaml", "apiVersion: v1\nkind: Service\nspec: {type: NodePort, ports: [{port: 1, nodePort: 30001}]}\n"),
        ("k8s/p.yaml", "apiVersion: v1\nkind: Pod\nspec: {containers: [{ports: [{containerPort: 1, hostPort: 9100}]}]}\n"),
        ("Procfile", "web: x\n")).Plan();

    private static PortPlan Running
    {
        get
        {
            var held = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Local = new IpEndpoint(IpAddress.AnyIPv4, 80), ReuseAddress = Fact.Yes, ReusePort = Fact.No };
            var listing = new PortListing { Ports = [new ListedPort { Protocol = Protocol.Tcp, Port = 80, Name = "ng\u001b[31minx", Unit = "nginx.service", Sockets = [held] }] };
            var input = new TestFolder(("haproxy.cfg", "frontend a\n  bind 127.0.0.1:80\n")).Found();
            return PortPlanner.Check(input.Ports, new PlanCircumstances { Running = listing }) with { Sources = input.Sources };
        }
    }

    [Fact]
    public void Text_At80Columns_IsConflictsThenWarningsThenWhatWasRead()
    {
        const string expected = """
            2 ports collide (4 pairs), among 10 entries in 6 files.
              port  8080/tcp is wanted twice (BW004)
                      compose.yaml:3  service web: 8080:80 on 0.0.0.0
                      web/Properties/launchSettings.json:1  launch profile http:
                        http://localhost:8080 on 127.0.0.1
              port  8080/tcp is wanted 3 times with profile dev (BW004)
                      compose.yaml:3  service web: 8080:80 on 0.0.0.0
                      compose.yaml:5  service api: 8080:3000 on 0.0.0.0
                      web/Properties/launchSettings.json:1  launch profile http:
                        http://localhost:8080 on 127.0.0.1
              path  @a.sock is wanted twice (BW052)
                      app.socket:2  app.socket: ListenStream=@a.sock
                      app.socket:3  app.socket: ListenStream=@a.sock
              rule  BW004: A listening socket keeps its address and port to itself;
                    SO_REUSEADDR does not change that. bindwise explain BW004
              rule  BW052: An abstract UNIX name belongs to one socket in the network
                    namespace until that socket is closed. bindwise explain BW052
              warn  compose.yaml:5  40000/tcp of service api is in the ephemeral range
                      32768-60999: a connection may take it first, unless
                      net.ipv4.ip_local_reserved_ports names it
              read  Procfile (procfile): 5000/tcp
                    app.socket (systemd-socket): @a.sock
                    compose.yaml (compose): 8080/tcp, 443/tcp (privileged), 40000/tcp
                    k8s/p.yaml (kubernetes): 9100/tcp
                    k8s/s.yaml (kubernetes): 30001/tcp
                    web/Properties/launchSettings.json (launch-settings): 8080/tcp
                    1 note left out; -v shows it
            """;
        Assert.Equal(expected, Text(Shop, 80));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(80)]
    public void Text_AtAnyWidth_WrapsAndIsEscaped(int width)
    {
        var lines = Text(Running, width).Split('\n');
        // A word that is too long is not broken: it can be copied.
        Assert.All(lines, line => Assert.True(line.Length <= width || !line.Trim().Contains(' ', StringComparison.Ordinal), line));
        Assert.DoesNotContain('\u001b', Text(Running, width));
        Assert.Contains("\\e[31minx", Text(Running, null), StringComparison.Ordinal);
    }

    /// <summary>Who is to take another port follows from those that collide: files of one folder do not.</summary>
    [Theory]
    [InlineData("listen 192.168.1.5:9000;\nlisten 192.168.1.6:9000", "0.0.0.0:9000", "0.0.0.0:9000", "those at b.socket:2 and c.socket:2")]
    [InlineData("listen 192.168.1.5:9000", "192.168.1.6:9000", "0.0.0.0:9000", "the one at c.socket:2")]
    [InlineData("listen 192.168.1.5:9000", "0.0.0.0:9000", "", "one of them")]
    public void Next_MovesThoseThatCollide(string nginx, string one, string other, string whom)
    {
        var input = new TestFolder(("nginx.conf", $"http {{ server {{ {nginx}; }} }}"), ("b.socket", $"[Socket]\nListenStream={one}\n"),
            ("c.socket", other.Length == 0 ? "[Socket]\n" : $"[Socket]\nListenStream={other}\n")).Found();
        var plan = PortPlanner.Check(input.Ports, new PlanCircumstances { InUse = new PortListing() });
        Assert.Contains($"\n  next  Give {whom} another port; 9001 is free in all files and on this host.\n", Text(plan, null), StringComparison.Ordinal);
    }

    [Fact]
    public void Next_OfFilesOfOneProgram_MovesTheOtherOne()
    {
        var input = new TestFolder(("f1/.env", "PORT=5000\n"), ("f1/.env.local", "PORT=5000\n"), ("f2/.env", "PORT=5000\n")).Found();
        var plan = PortPlanner.Check(input.Ports, new PlanCircumstances { InUse = new PortListing() });
        Assert.Contains("\n  next  Give the one at f2/.env:1 another port; 5001 is free", Text(plan, null), StringComparison.Ordinal);
    }

    [Fact]
    public void Running_KeeperOfAPort_IsNamedWithItsOwnPid()
    {
        static ProcessRecord Process(int id, params string[] words) => new() { Id = id, Name = "bindwise", Executable = "/usr/bin/bindwise", Arguments = [.. words] };
        var held = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Bound, Local = new IpEndpoint(IpAddress.AnyIPv4, 80), ReuseAddress = Fact.No, ReusePort = Fact.No };
        var owner = new Owner { Process = Process(31, "bindwise", "pick", "--hold-leases", "x", "--until-listening", "25", "sh"), Role = OwnerRole.Keeper, Descriptors = [3] };
        var listing = new PortListing { Ports = [new ListedPort { Protocol = Protocol.Tcp, Port = 80, Name = "bindwise", Owners = [owner], Sockets = [held] }] };
        var input = new TestFolder(("haproxy.cfg", "frontend a\n  bind 127.0.0.1:80\n")).Found();
        var plan = PortPlanner.Check(input.Ports, new PlanCircumstances { Running = listing });
        Assert.Contains("\n          bindwise (pid 31) keeps 0.0.0.0 for sh (pid 25)\n", Text(plan, null), StringComparison.Ordinal);
        var running = Json(plan).GetProperty("conflicts")[0].GetProperty("running");
        Assert.Equal(("bindwise", 31), (running.GetProperty("name").GetString(), running.GetProperty("pid").GetInt32()));
    }

    [Fact]
    public void Text_OfManyFiles_ShowsThoseWithPorts()
    {
        var files = Enumerable.Range(0, 50).Select(static at => ($"a{at}/package.json", "{}"));
        var text = Text(new TestFolder([.. files, ("z/.env", "PORT=5000\n")]).Plan(), null);
        Assert.Contains("z/.env (env): 5000/tcp\n", text, StringComparison.Ordinal);
        Assert.Contains("and 11 more files", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_QuietAndFree_AreOneLineAndGreen()
    {
        var free = new TestFolder(("compose.yaml", "services:\n  web:\n    ports: ['8080:80']\n")).Plan();
        Assert.Equal("No ports collide, among 1 entry in 1 file.", Assert.Single(PlanText.Render(free, Settings, new TextOptions(80, Detail.Quiet))).ToString());
        Assert.Equal(TextRole.Free, PlanText.Render(free, Settings, new TextOptions(80))[0].Spans[0].Role);
    }

    [Fact]
    public void Json_KeepsToTheSchema_AndMeetsAllOfIt()
    {
        var checker = new SchemaChecker(JsonDocument.Parse(Repository.Read("docs/schema/plan.schema.json")).RootElement);
        foreach (var plan in (PortPlan[])[Shop, Running, new PortPlan()])
            Assert.Empty(checker.Check(Json(plan)));
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void JsonPage_DocumentsEveryField()
    {
        var schema = JsonDocument.Parse(Repository.Read("docs/schema/plan.schema.json")).RootElement;
        var page = Repository.Read("docs/json.md");
        var section = page[page.IndexOf("## A plan of ports", StringComparison.Ordinal)..];
        var names = schema.GetProperty("$defs").EnumerateObject().SelectMany(static definition => definition.Value.GetProperty("properties").EnumerateObject()).Concat(schema.GetProperty("properties").EnumerateObject());
        Assert.Empty(names.Where(property => !section.Contains($"| `{property.Name}` |", StringComparison.Ordinal)).Select(static property => property.Name));
    }

    /// <summary>The parts of SARIF 2.1.0 that every reader needs (sections 3.13, 3.14, 3.19, 3.27 to 3.30 of the standard).</summary>
    private const string SarifSchema = """
        {
          "type": "object", "required": ["$schema", "version", "runs"],
          "properties": {
            "version": { "const": "2.1.0" },
            "$schema": { "type": "string", "pattern": "sarif-2.1.0.json$" },
            "runs": { "type": "array", "items": { "type": "object", "required": ["tool", "results"], "properties": {
              "columnKind": { "enum": ["utf16CodeUnits", "unicodeCodePoints"] },
              "tool": { "type": "object", "required": ["driver"], "properties": { "driver": { "type": "object", "required": ["name", "rules"], "properties": {
                "name": { "const": "bindwise" },
                "version": { "type": "string" },
                "rules": { "type": "array", "items": { "type": "object", "required": ["id", "shortDescription"], "properties": {
                  "id": { "type": "string", "pattern": "^[A-Za-z0-9-]+$" },
                  "shortDescription": { "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "pattern": "\\.$" } } } } } } } } } },
              "results": { "type": "array", "items": { "type": "object", "required": ["ruleId", "ruleIndex", "level", "message", "locations"], "properties": {
                "ruleId": { "type": "string" },
                "ruleIndex": { "type": "integer", "minimum": 0 },
                "level": { "enum": ["none", "note", "warning", "error"] },
                "message": { "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "pattern": ".{10}" } } },
                "locations": { "type": "array", "items": { "$ref": "#/$defs/location" } },
                "relatedLocations": { "type": "array", "items": { "$ref": "#/$defs/location" } } } } } } } }
          },
          "$defs": { "location": { "type": "object", "required": ["physicalLocation"], "properties": {
            "id": { "type": "integer", "minimum": 0 },
            "message": { "type": "object", "required": ["text"], "properties": { "text": { "type": "string" } } },
            "physicalLocation": { "type": "object", "required": ["artifactLocation", "region"], "properties": {
              "artifactLocation": { "type": "object", "required": ["uri"], "properties": { "uri": { "type": "string", "pattern": "^[A-Za-z0-9._~/%-]+$" } } },
              "region": { "type": "object", "required": ["startLine", "startColumn"], "properties": { "startLine": { "type": "integer", "minimum": 1 }, "startColumn": { "type": "integer", "minimum": 1 } } } } } } } }
        }
        """;

    [Fact]
    public void Sarif_KeepsToWhatTheStandardAsks()
    {
        var checker = new SchemaChecker(JsonDocument.Parse(SarifSchema).RootElement);
        foreach (var plan in (PortPlan[])[Shop, Running, new PortPlan()])
        {
            var document = Sarif(plan);
            Assert.Empty(checker.Check(document));
            var run = document.GetProperty("runs")[0];
            var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules");
            Assert.All(run.GetProperty("results").EnumerateArray(), result => Assert.Equal(result.GetProperty("ruleId").GetString(), rules[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString()));
        }
    }

    [Fact]
    public void Sarif_Conflict_IsAnErrorWithBothPlaces()
    {
        var plan = new TestFolder(("a b/compose.yaml", "services:\n  web:\n    ports: ['8080:80']\n  api:\n    ports: ['8080:81']\n")).Plan();
        var result = Sarif(plan).GetProperty("runs")[0].GetProperty("results")[0];
        Assert.Equal(("BW004", "error"), (result.GetProperty("ruleId").GetString(), result.GetProperty("level").GetString()));
        static string Place(JsonElement location) => $"{location.GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString()}:{location.GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32()}";
        Assert.Equal(("a%20b/compose.yaml:5", "a%20b/compose.yaml:3"), (Place(result.GetProperty("locations")[0]), Place(result.GetProperty("relatedLocations")[0])));
    }

    private static string Text(PortPlan plan, int? width) => string.Join('\n', PlanText.Render(plan, Settings, new TextOptions(width)).Select(static line => line.ToString()));

    private static JsonElement Json(PortPlan plan)
    {
        var bytes = new ArrayBufferWriter<byte>();
        PlanJson.Write(bytes, plan, Settings);
        Assert.EndsWith("}\n", Encoding.UTF8.GetString(bytes.WrittenSpan), StringComparison.Ordinal);
        return JsonDocument.Parse(bytes.WrittenMemory).RootElement;
    }

    private static JsonElement Sarif(PortPlan plan)
    {
        var bytes = new ArrayBufferWriter<byte>();
        PlanSarif.Write(bytes, plan, "0.1.0");
        return JsonDocument.Parse(bytes.WrittenMemory).RootElement;
    }
}
