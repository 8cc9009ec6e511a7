using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bindwise.Browser.Tests;

/// <summary>play/model.js as it is published, in Node.js: with its worker, the runtime and the model, which know nothing of a page.</summary>
public sealed class NodeModel : IDisposable
{
    // So long nothing takes that ends: each call has a limit of its own, and the start of a new worker before it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Process _node;

    private NodeModel(Process node) => _node = node;

    /// <summary>How long it took until the first call could be made.</summary>
    public TimeSpan Start { get; private set; }

    /// <summary>Starts one.</summary>
    /// <param name="module">The path of model.js.</param>
    /// <param name="zone">The time zone of the reader.</param>
    /// <param name="seconds">How long a call may take: longer than on a page, or a busy machine would answer in its place.</param>
    public static async Task<NodeModel> StartAsync(string module, string zone, int seconds = 120)
    {
        var scripts = Path.Combine(AppContext.BaseDirectory, "Node");
        var start = new ProcessStartInfo("node", ["--import", Path.Combine(scripts, "worker.mjs"), Path.Combine(scripts, "calls.mjs"), module, $"{seconds}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TZ"] = zone;
        var model = new NodeModel(Process.Start(start)!);
        model.Start = TimeSpan.FromMilliseconds((double)(await model.ReplyAsync())["value"]!["milliseconds"]!);
        return model;
    }

    public void Dispose()
    {
        _node.StandardInput.Close();
        if (!_node.WaitForExit(Patience))
            _node.Kill();
        _node.Dispose();
        _turn.Dispose();
    }

    /// <summary>What a call resolves to.</summary>
    public async Task<JsonNode> CallAsync(string method, params object?[] args)
    {
        var reply = await AskAsync(method, args);
        Assert.True(reply["error"] is null, $"{method} rejects: {reply["error"]}");
        return reply["value"]!;
    }

    /// <summary>The sentence with which a call rejects.</summary>
    public async Task<string> RejectionAsync(string method, params object?[] args)
    {
        var reply = await AskAsync(method, args);
        Assert.True(reply["error"] is not null, $"{method} resolves to {reply["value"]?.ToJsonString()}");
        Assert.True((bool)reply["isError"]!);
        var sentence = (string)reply["error"]!;
        Assert.InRange(sentence.Length, 1, 299);
        Assert.DoesNotContain('\n', sentence);
        return sentence;
    }

    private async Task<JsonObject> AskAsync(string method, object?[] args)
    {
        await _turn.WaitAsync();
        try
        {
            await _node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { method, args }));
            await _node.StandardInput.FlushAsync();
            return await ReplyAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<JsonObject> ReplyAsync()
    {
        var line = await _node.StandardOutput.ReadLineAsync().WaitAsync(Patience)
            ?? throw new InvalidOperationException("Node.js ended: " + await _node.StandardError.ReadToEndAsync());
        return JsonNode.Parse(line)!.AsObject();
    }
}
