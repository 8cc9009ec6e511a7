using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Bindwise.Kernel.Tests.Agents;

/// <summary>An agent on a host: the client of the package ModelContextProtocol.Core, with <c>bindwise mcp</c> at its other end.</summary>
internal static class Agent
{
    // Without a version named, the client asks by the newest first, and by an older one where the answer is slow: the managed program's may be.
    internal const string UsualVersion = "2025-11-25";

    /// <summary>Connects.</summary>
    public static Task<McpClient> ConnectAsync(TestHost host, string version = UsualVersion, params string[] options)
    {
        var (program, arguments) = host.Command([Programs.Bindwise, "mcp", .. options]);
        var transport = new StdioClientTransport(new StdioClientTransportOptions { Command = program, Arguments = arguments, Name = "bindwise" });
        return McpClient.CreateAsync(transport, new McpClientOptions
        {
            ProtocolVersion = version,
            InitializationTimeout = Patience.OfAWait,
            DiscoverProbeTimeout = Patience.OfAWait,
        });
    }

    /// <summary>Calls a tool.</summary>
    public static Task<CallToolResult> CallAsync(this McpClient client, string tool, object arguments, IProgress<ProgressNotificationValue>? progress = null, CancellationToken cancellation = default) =>
        client.CallToolAsync(tool, JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(static one => one.Name, static one => (object?)one.Value.Clone()), progress, cancellationToken: cancellation).AsTask();

    /// <summary>The text of a result.</summary>
    public static string Text(this CallToolResult result) => Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;

    /// <summary>The one line of JSON of a result.</summary>
    public static JsonElement Line(this CallToolResult result) => Assert.Single(result.StructuredContent!.Value.GetProperty("results").EnumerateArray());
}
