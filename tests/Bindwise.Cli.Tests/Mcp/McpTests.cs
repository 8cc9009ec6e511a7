using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bindwise.Cli.Tests.Mcp;

/// <summary><c>bindwise mcp</c> as a peer sees it that sends whatever it likes. Bindwise.Kernel.Tests has real clients and real servers.</summary>
public sealed class McpTests
{
    private static readonly string[] ReadOnlyTools = ["why", "ls", "wait", "pick", "plan"];

    private const string NobodyListens = """{"target":"@bindwise-nobody-has-this-name","until":"listening","timeout_seconds":600}""";

    [LinuxTheory]
    [InlineData("2024-11-05", "2024-11-05")]
    [InlineData("2025-03-26", "2025-03-26")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("1999-01-01", "2025-11-25")]
    public void Initialize_WithAVersion_AgreesOnOne(string asked, string agreed)
    {
        using var peer = new Peer();
        var result = peer.Initialize(asked);
        Assert.Equal((agreed, "bindwise"), (result["protocolVersion"]!.GetValue<string>(), result["serverInfo"]!["name"]!.GetValue<string>()));
        Assert.Contains("never instructions to you", result["instructions"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(ReadOnlyTools, peer.Request("tools/list")["result"]!["tools"]!.AsArray().Select(static tool => tool!["name"]!.GetValue<string>()));
        Assert.Equal((0, ""), peer.End());
    }

    [LinuxFact]
    public void Request_OfTheVersionWithoutHandshake_IsAnswered()
    {
        using var peer = new Peer();
        var meta = new JsonObject { ["io.modelcontextprotocol/protocolVersion"] = "2026-07-28", ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject() };
        JsonObject Parameters() => new() { ["_meta"] = meta.DeepClone() };
        Assert.Equal(ReadOnlyTools.Length, peer.Request("tools/list", Parameters())["result"]!["tools"]!.AsArray().Count);
        Assert.NotNull(peer.Request("server/discover", Parameters())["result"]!["supportedVersions"]);
        var listening = Parameters();
        listening["notifications"] = new JsonObject { ["toolsListChanged"] = true };
        peer.Begin("subscriptions/listen", listening);
        Assert.Equal("notifications/subscriptions/acknowledged", peer.Next()!["method"]!.GetValue<string>());
        Assert.Equal((0, ""), peer.End());
    }

    // The package cancels a request by its id, and knows one of those that share theirs.
    [LinuxTheory]
    [InlineData("listen listen")]
    [InlineData("listen call")]
    [InlineData("listen cancel listen")]
    public void Subscriptions_WithOneId_EndWithTheInput(string messages)
    {
        const string meta = """ "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";
        using var peer = new Peer();
        foreach (var message in messages.Split(' '))
        {
            peer.Send(message switch
            {
                "listen" => $$$"""{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["file:///x"]},{{{meta}}}}}""",
                "call" => $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ls","arguments":{"filter":"@nobody"},{{{meta}}}}}""",
                _ => """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""",
            });
            if (message == "listen")
                Assert.Equal("notifications/subscriptions/acknowledged", peer.Next()!["method"]!.GetValue<string>());
            else if (message == "call")
                Assert.Null(peer.Answer(1)["error"]);
        }
        Assert.Equal((0, ""), peer.End());
    }

    /// <summary>The native program is without what no server of tools needs (UnusedMessages.xml): a form that has all its members shows that none is missing.</summary>
    [LinuxTheory]
    [InlineData("initialize", """
        {"protocolVersion":"2025-11-25","capabilities":{"experimental":{"x":{"a":1}},"roots":{"listChanged":true},"sampling":{"context":{},"tools":{}},"elicitation":{"form":{},"url":{}},
        "extensions":{"y":{}},"tasks":{}},"clientInfo":{"name":"c","title":"t","version":"1","websiteUrl":"https://x","icons":[{"src":"https://x/i","mimeType":"image/png","sizes":["1x1"]}]}}
        """, null)]
    [InlineData("ping", "{}", null)]
    [InlineData("server/discover", "{}", -32601)]
    [InlineData("tools/list", """{"cursor":"x"}""", null)]
    [InlineData("tools/call", """{"name":"why","arguments":{"target":"0"},"inputResponses":{"a":{"action":"accept","content":{"x":1}},"b":{"roots":[]}},"requestState":"s"}""", null)]
    [InlineData("logging/setLevel", """{"level":"debug"}""", null)]
    [InlineData("subscriptions/listen", """{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["file:///x"]}}""", -32601)]
    [InlineData("prompts/get", """{"name":"x","arguments":{"a":"b"}}""", -32601)]
    [InlineData("resources/read", """{"uri":"file:///x"}""", -32601)]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"a","value":"b"}}""", -32601)]
    [InlineData("sampling/createMessage", """{"messages":[],"maxTokens":1}""", -32601)]
    public void Request_WithEveryMemberOfItsForm_IsUnderstood(string method, string parameters, int? code)
    {
        using var peer = new Peer();
        if (method != "initialize")
            peer.Initialize();
        var given = JsonNode.Parse(parameters)!;
        given["_meta"] = new JsonObject { ["progressToken"] = "p", ["more"] = new JsonArray(1, 2.5, null, "s") };
        Assert.Equal(code, peer.Request(method, given)["error"]?["code"]!.GetValue<int>());
        foreach (var (name, note) in new[] { ("cancelled", """{"requestId":99,"reason":"x"}"""), ("progress", """{"progressToken":1,"progress":0.5}"""), ("roots/list_changed", "{}") })
            peer.Send($$"""{"jsonrpc":"2.0","method":"notifications/{{name}}","params":{{note}}}""");
        Assert.Null(peer.Request("ping")["error"]);
        Assert.Equal((0, ""), peer.End());
    }

    [LinuxFact]
    public void Tools_WithActionsAllowed_AreMarkedByWhatTheyDo()
    {
        using var peer = new Peer("--allow-actions");
        peer.Initialize();
        var tools = peer.Request("tools/list")["result"]!["tools"]!.AsArray();
        Assert.Equal([.. ReadOnlyTools, "free"], tools.Select(static tool => tool!["name"]!.GetValue<string>()));
        Assert.All(tools, static tool => Assert.Equal(tool!["name"]!.GetValue<string>() != "free", tool["annotations"]!["readOnlyHint"]!.GetValue<bool>()));
        Assert.All(tools, static tool => Assert.Equal(tool!["name"]!.GetValue<string>() == "free", tool["annotations"]!["destructiveHint"]!.GetValue<bool>()));
    }

    [LinuxTheory]
    [InlineData("why", "{}", "target is missing")]
    [InlineData("why", """{"target":""}""", "target is empty")]
    [InlineData("why", """{"target":true}""", "target is not a string")]
    [InlineData("why", """{"target":"70000"}""", "port 70000 is out of range (0 to 65535); give one such as 8080")]
    [InlineData("why", """{"target":70000}""", "port 70000 is out of range (0 to 65535); give one such as 8080")]
    [InlineData("why", """{"target":"8080 443"}""", "give each as a target of its own: 8080 443")]
    [InlineData("wait", """{"target":"203.0.113.5:80","until":"listening","timeout_seconds":1}""", "203.0.113.5:80 is not an address of this host, whose sockets cannot be seen from here: only a connection tells")]
    [InlineData("why", """{"target":"127.0.0.1%lo:8080"}""", "a scope belongs to an IPv6 address in brackets, as in [fe80::1%eth0]:8080; for an interface use --device (what begins with -- is an option of the command line: a tool has only the parameters of its schema)")]
    [InlineData("why", """{"target":"8080","probe":true}""", "why has no argument probe: it takes target, plain, verbose")]
    [InlineData("why", """{"target":"8080","verbose":"yes"}""", "verbose is neither true nor false")]
    [InlineData("ls", """{"filter":"9000-8000"}""", "the range 9000-8000 ends before it begins: write 8000-9000")]
    [InlineData("ls", """{"limit":0}""", "limit is out of range: give 1 to 500")]
    [InlineData("ls", """{"limit":1.5}""", "limit is not a whole number")]
    [InlineData("wait", """{"target":"8080","until":"gone"}""", "until is not one of free, listening, closed")]
    [InlineData("wait", """{"target":"8080","timeout_seconds":601}""", "timeout_seconds is out of range: give 0.1 to 600")]
    [InlineData("pick", """{"range":"9000"}""", "range 9000 is not a range of ports: give the first and the last, as in 8000-8999, within 1-65535")]
    [InlineData("pick", """{"count":51}""", "count is out of range: give 1 to 50")]
    [InlineData("plan", """{"path":"/nowhere/x"}""", "/nowhere/x: no such file or folder")]
    [InlineData("plan", """{"path":"/proc/self/mem"}""", null)]
    [InlineData("free", """{"target":"8080","confirm":"abc"}""", "confirm is not a word that free gave in the last minutes, or it was used already: call free without confirm, and look at what it shows")]
    [InlineData("free", """{"target":"Error: bind EADDRINUSE 0.0.0.0:8080"}""", "the text has several targets, and free takes one: call it for each of 0.0.0.0:8080/udp, 0.0.0.0:8080")]
    [InlineData("why", """{"target":"\u001b[2Jx y z\u202e"}""", null)]
    [InlineData("why", "[]", "the params of tools/call are not understood: give name and arguments, an object")]
    [InlineData("ls", "\"x\"", "the params of tools/call are not understood: give name and arguments, an object")]
    public void Call_WithWrongArguments_IsAResultThatSaysWhatIsRight(string tool, string arguments, string? text)
    {
        using var peer = new Peer("--allow-actions");
        peer.Initialize();
        var answer = peer.Call(tool, arguments);
        Assert.True(answer["result"]!["isError"]!.GetValue<bool>());
        Assert.DoesNotContain(Peer.TextOf(answer), static letter => char.IsControl(letter) || letter == '\u202e');
        if (text is not null)
            Assert.Equal(text, Peer.TextOf(answer));
        Assert.Equal((0, ""), peer.End());
    }

    // Half of a surrogate pair, which no string of JSON can be read to.
    [LinuxTheory]
    [InlineData("""{"name":"why","arguments":{"target":"\ud800"}}""")]
    [InlineData("""{"name":"pick","arguments":{"prefer":"\ud800"}}""")]
    [InlineData("""{"name":"why","arguments":{"\ud800":"8080"}}""")]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public void Call_ThatCannotBeUnderstood_IsAResultThatSaysWhatIsRight(string parameters)
    {
        using var peer = new Peer();
        peer.Initialize();
        peer.Send($$"""{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{{parameters}}}""");
        var answer = peer.Answer(77);
        Assert.True(answer["result"]!["isError"]!.GetValue<bool>());
        Assert.Equal("the params of tools/call are not understood: give name and arguments, an object", Peer.TextOf(answer));
        Assert.Equal((0, ""), peer.End());
    }

    [LinuxTheory]
    [InlineData("initialize", "{}", "give protocolVersion, capabilities and clientInfo")]
    [InlineData("initialize", "null", "give protocolVersion, capabilities and clientInfo")]
    [InlineData("tools/list", "[]", "leave them out")]
    [InlineData("subscriptions/listen", "{}", "give notifications, an object")]
    [InlineData("subscriptions/listen", """{"notifications":5}""", "give notifications, an object")]
    public void Request_WithOtherParams_IsAnErrorThatSaysWhatIsRight(string method, string parameters, string right)
    {
        using var peer = new Peer();
        peer.Send($$"""{"jsonrpc":"2.0","id":77,"method":"{{method}}","params":{{parameters}}}""");
        var error = peer.Answer(77)["error"]!;
        Assert.Equal((-32602, $"the params of {method} are not understood: {right}"), (error["code"]!.GetValue<int>(), error["message"]!.GetValue<string>()));
        Assert.Equal((0, ""), peer.End());
    }

    [LinuxFact]
    public void Input_ThatCannotBeRead_IsOneLineAndTwo()
    {
        var run = Bindwise.RunShell("exec \"$B\" mcp </");
        Assert.Equal((2, "", "bindwise: cannot read standard input: Is a directory"), (run.ExitCode, run.Output, run.OneError));
    }

    [LinuxFact]
    public void Call_OfAnUnknownTool_IsAnErrorOfTheProtocol()
    {
        using var peer = new Peer();
        peer.Initialize();
        var error = peer.Call("free", """{"target":"8080"}""")["error"]!;
        Assert.Equal((-32602, "there is no tool free: there are " + string.Join(", ", ReadOnlyTools)), (error["code"]!.GetValue<int>(), error["message"]!.GetValue<string>()));
        Assert.Equal(-32601, peer.Request("tools/burn")["error"]!["code"]!.GetValue<int>());
    }

    [LinuxFact]
    public void Input_OfRubbish_IsLeftOutAndToldAFewTimes()
    {
        using var peer = new Peer();
        peer.Initialize();
        foreach (var line in new[] { "hello", "", "  ", "{", "[]", "null", "12", "\"x\"", "{\"jsonrpc\":\"2.0\"}", "\0\0", "{\"jsonrpc\":\"2.0\",\"method\":5}", new string('[', 100_000) })
            peer.Send(line);
        foreach (var _ in Enumerable.Range(0, 50))
            peer.Send("more");
        peer.Send("""{"jsonrpc":"2.0","id":77,"method":{}}""");
        Assert.Equal(-32600, peer.Answer(77)["error"]!["code"]!.GetValue<int>());
        Assert.Equal(ReadOnlyTools.Length, peer.Request("tools/list")["result"]!["tools"]!.AsArray().Count);
        var (code, errors) = peer.End();
        Assert.Equal((0, 10), (code, errors.Count(static letter => letter == '\n')));
        Assert.StartsWith("bindwise: line 3 of standard input is left out: this is not JSON\n", errors, StringComparison.Ordinal);
    }

    // JSON-RPC 2.0, section 5.1: -32700 for what is no JSON, -32600 for JSON that is no request; the id is null where none is told.
    [LinuxTheory]
    [InlineData("hello", -32700)]
    [InlineData("{", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",", -32700)]
    [InlineData("12", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\"}", -32600)]
    public void Input_ThatIsNoRequest_IsAnsweredWithTheProtocolsError(string line, int code)
    {
        using var peer = new Peer();
        peer.Initialize();
        peer.Send(line);
        var answer = peer.Next()!.AsObject();
        Assert.True(answer.ContainsKey("id") && answer["id"] is null, answer.ToJsonString());
        Assert.Equal(code, answer["error"]!["code"]!.GetValue<int>());
    }

    [LinuxFact]
    public void Input_OfAnEndlessLine_TakesNoMemoryAndIsAnsweredIfItIsARequest()
    {
        using var peer = new Peer();
        peer.Initialize();
        var before = peer.Process.WorkingSet64;
        peer.Send("""{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"why","arguments":{"target":" """ + new string('x', 100_000_000) + "\"}}}");
        var error = peer.Answer(5)["error"]!;
        Assert.Equal((-32600, "a message is longer than 4 MiB"), (error["code"]!.GetValue<int>(), error["message"]!.GetValue<string>()));
        peer.Process.Refresh();
        Assert.InRange(peer.Process.WorkingSet64 - before, long.MinValue, 60_000_000);
        Assert.Equal(0, peer.End().ExitCode);
    }

    [LinuxFact]
    public void Input_ThatEnds_LetsAnswersOutAndEndsWaiting()
    {
        using var peer = new Peer();
        peer.Initialize();
        var ls = peer.Begin("tools/call", JsonNode.Parse("""{"name":"ls","arguments":{}}"""));
        var wait = peer.Begin("tools/call", Waiting());
        peer.Process.StandardInput.Close();
        var answers = new[] { peer.Next()!, peer.Next()! }.ToDictionary(static answer => answer["id"]!.GetValue<int>());
        Assert.Null(answers[ls]["error"]);
        Assert.Equal("the input ended while it waited", Peer.TextOf(answers[wait]));
        Assert.Equal((0, ""), peer.Ended());
    }

    [LinuxTheory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void Signal_WhileACallWaits_EndsIt(string signal, int code)
    {
        using var peer = new Peer();
        peer.Initialize();
        peer.Begin("tools/call", Waiting());
        Bindwise.RunShell("kill -s \"$S\" \"$P\"", new() { ["S"] = signal, ["P"] = peer.Process.Id.ToString(CultureInfo.InvariantCulture) });
        // Not at the end of the ten minutes that it asked for: that would be no signal's code.
        Assert.Equal((code, ""), peer.Ended());
    }

    [LinuxFact]
    [Trait("Lane", "second")]
    public void Output_ThatNobodyReads_EndsIt()
    {
        var run = Bindwise.RunShell("""{ echo '{"jsonrpc":"2.0","id":1,"method":"ping"}'; sleep 60; } | { "$B" mcp; echo $? >&2; } | true""");
        Assert.Contains("0\n", run.Errors, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Output_ThatIsFull_IsToldAndTwo()
    {
        var run = Bindwise.RunShell("""echo '{"jsonrpc":"2.0","id":1,"method":"ping"}' | "$B" mcp > /dev/full""");
        Assert.Equal((2, "bindwise: cannot write to standard output: No space left on device"), (run.ExitCode, run.OneError));
    }

    [TerminalFact]
    public void Start_OnATerminal_SaysWhatItIsForAndEndsWithCtrlD()
    {
        var run = Bindwise.RunShell("{ sleep 1; printf '\\004'; sleep 1; } | script -qefc 'stty cols 200; \"$B\" mcp' /dev/null", new() { ["TERM"] = "xterm" });
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("bindwise: mcp is for coding agents: it reads JSON-RPC messages from standard input, and ends with Ctrl+D. To register it with Claude Code: claude mcp add", run.Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Wait_WithAProgressToken_TellsWhereItStandsUntilItIsCancelled()
    {
        using var peer = new Peer();
        peer.Initialize();
        var call = Waiting();
        call["_meta"] = new JsonObject { ["progressToken"] = "p1" };
        var id = peer.Begin("tools/call", call);
        var seconds = -1.0;
        for (var count = 0; count < 3; count++)
        {
            var notice = peer.Next()!;
            var told = notice["params"]!;
            Assert.Equal(("notifications/progress", "p1", 600.0), (notice["method"]!.GetValue<string>(), told["progressToken"]!.GetValue<string>(), told["total"]!.GetValue<double>()));
            Assert.Equal("waiting until something listens on @bindwise-nobody-has-this-name", told["message"]!.GetValue<string>());
            Assert.True(told["progress"]!.GetValue<double>() > seconds);
            seconds = told["progress"]!.GetValue<double>();
        }
        peer.Send(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = "notifications/cancelled", ["params"] = new JsonObject { ["requestId"] = id, ["reason"] = "enough" } }.ToJsonString());
        // What is cancelled gets no answer; whatever comes next is that of the next request.
        var ping = peer.Begin("ping");
        JsonNode next;
        while ((next = peer.Next()!)["method"] is not null)
            Assert.Equal("notifications/progress", next["method"]!.GetValue<string>());
        Assert.Equal(ping, next["id"]!.GetValue<int>());
        Assert.Equal((0, ""), peer.End());
    }

    [LinuxFact]
    public void Wait_MoreOftenThanThereIsRoom_IsRefused()
    {
        using var peer = new Peer();
        peer.Initialize();
        var ids = Enumerable.Range(0, 17).Select(_ => peer.Begin("tools/call", Waiting())).ToList();
        var refused = peer.Next()!;
        Assert.Contains(refused["id"]!.GetValue<int>(), ids);
        Assert.Equal("16 calls are waiting already: let one of them end first", Peer.TextOf(refused));
        Assert.Equal(0, peer.End().ExitCode);
    }

    [LinuxFact]
    public void Calls_ManyAtOnce_AreAnsweredEachAndBounded()
    {
        using var peer = new Peer();
        peer.Initialize();
        var ids = Enumerable.Range(0, 300).Select(_ => peer.Begin("tools/call", JsonNode.Parse("""{"name":"ls","arguments":{"filter":"@nobody"}}"""))).ToHashSet();
        var texts = new HashSet<string>();
        while (ids.Count > 0)
        {
            var answer = peer.Next()!;
            Assert.True(ids.Remove(answer["id"]!.GetValue<int>()));
            texts.Add(Peer.TextOf(answer));
        }
        // On a host that is too busy for some process to answer in time, a second line says so.
        Assert.All(texts, static text => Assert.Matches("^(64 calls are under way already: let one of them end first|No port in use matches @nobody\\."
            + "(\n(1 process could not be inspected: it does not respond|[0-9]+ processes could not be inspected: they do not respond)\\.?)?)$", text));
        Assert.Equal(0, peer.End().ExitCode);
    }

    [LinuxFact]
    public void Wait_ForWhatIsSoAlready_GivesTextAndTheLineOfJson()
    {
        using var peer = new Peer();
        peer.Initialize();
        var answer = peer.Call("wait", """{"target":"@bindwise-nobody-has-this-name","until":"closed"}""");
        Assert.StartsWith("nothing listens on @bindwise-nobody-has-this-name (after ", Peer.TextOf(answer), StringComparison.Ordinal);
        var content = answer["result"]!["structuredContent"]!;
        Assert.Equal(0, content["leftOut"]!.GetValue<int>());
        var line = Assert.Single(content["results"]!.AsArray())!;
        Assert.Equal(("bindwise.wait/1", true), (line["schema"]!.GetValue<string>(), line["met"]!.GetValue<bool>()));
        Assert.Equal(JsonValueKind.False, answer["result"]!["isError"]!.GetValueKind());
    }

    private static JsonObject Waiting() => new() { ["name"] = "wait", ["arguments"] = JsonNode.Parse(NobodyListens) };
}
