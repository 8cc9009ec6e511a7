using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.AspNetCore.Tests.Documentation;

/// <summary>docs/hand-over.md against the code: its blocks compile, and its program hands over.</summary>
[SupportedOSPlatform("linux")]
public sealed class HandOverPageTests
{
    [Fact]
    public void Blocks_OfCSharp_StandInCompiledSource() => PageTests.AssertCompiled("hand-over.md", 5);

    // Two instances in one process, as far as a path and descriptors go: the second takes over from the first.
    [IsolatedFact]
    public Task Example_HandsOverToItself() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-");
        var path = Path.Combine(folder.FullName, "hand-over.sock");
        var first = HandOverExamples.ServeAsync(path);
        Assert.Equal("hello\n", await AskAsync());
        _ = HandOverExamples.ServeAsync(path);
        await first.WaitAsync(TimeSpan.FromMinutes(4));
        Assert.Equal("hello\n", await AskAsync());
        folder.Delete(recursive: true);
    });

    private static async Task<string> AskAsync()
    {
        var answer = "";
        await Eventually.SucceedsAsync(async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, 8080);
            using var reader = new StreamReader(client.GetStream());
            answer = await reader.ReadToEndAsync();
        });
        return answer;
    }
}
