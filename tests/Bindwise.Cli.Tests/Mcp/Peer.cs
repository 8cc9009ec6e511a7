using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bindwise.Cli.Tests.Mcp;

/// <summary>The other end of <c>bindwise mcp</c>, line by line: what no proper client would send can be sent as well.</summary>
internal sealed class Peer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Task<string> _errors;
    private int _lastId;

    public Peer(params string[] options)
    {
        Process = Bindwise.StartWaiting(["mcp", .. options]);
        _errors = Process.StandardError.ReadToEndAsync();
    }

    public Process Process { get; }

    /// <summary>Shakes hands, and gives the server's result.</summary>
    public JsonNode Initialize(string version = "2025-06-18")
    {
        var result = Request("initialize", new JsonObject
        {
            ["protocolVersion"] = version,
            ["capabilities"] = new JsonObject(),
            ["clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
        })["result"]!;
        Send("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return result;
    }

    /// <summary>Sends a request and reads its answer; notifications in between are left out.</summary>
    public JsonNode Request(string method, JsonNode? parameters = null) => Answer(Begin(method, parameters));

    /// <summary>Sends a request; gives its id.</summary>
    public int Begin(string method, JsonNode? parameters = null)
    {
        var id = ++_lastId;
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method };
        if (parameters is not null)
            request["params"] = parameters;
        Send(request.ToJsonString());
        return id;
    }

    /// <summary>Calls a tool.</summary>
    public JsonNode Call(string tool, string arguments) => Request("tools/call", new JsonObject { ["name"] = tool, ["arguments"] = JsonNode.Parse(arguments) });

    /// <summary>The text of a tool's result.</summary>
    public static string TextOf(JsonNode answer) => answer["result"]!["content"]![0]!["text"]!.GetValue<string>();

    /// <summary>Sends a line as it is.</summary>
    public void Send(string line)
    {
        Process.StandardInput.Write(line + "\n");
        Process.StandardInput.Flush();
    }

    /// <summary>The next message, of which each must be a line of JSON.</summary>
    public JsonNode? Next()
    {
        var reading = Process.StandardOutput.ReadLineAsync();
        Assert.True(reading.Wait(Patience), "no message");
        if (reading.Result is not { } line)
            return null;
        var message = JsonNode.Parse(line)!;
        Assert.Equal("2.0", message["jsonrpc"]!.GetValue<string>());
        return message;
    }

    /// <summary>The answer to a request.</summary>
    public JsonNode Answer(int id)
    {
        while (true)
        {
            var message = Next() ?? throw new InvalidOperationException("the output ended without an answer");
            if (message["id"] is { } found && found.GetValueKind() == JsonValueKind.Number && found.GetValue<int>() == id)
                return message;
        }
    }

    /// <summary>Ends the input, and gives the exit code and what was written to standard error.</summary>
    public (int ExitCode, string Errors) End()
    {
        Process.StandardInput.Close();
        return Ended();
    }

    /// <summary>Waits for its end.</summary>
    public (int ExitCode, string Errors) Ended()
    {
        Assert.True(Process.WaitForExit(Patience), "it did not end");
        return (Process.ExitCode, _errors.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill();
        Process.Dispose();
    }
}
