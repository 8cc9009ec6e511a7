using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using IsolatedProcess;

namespace Bindwise.AspNetCore.Tests.Documentation;

/// <summary>docs/aspnetcore.md against the code: its blocks compile, its table is the options, its examples work.</summary>
public sealed partial class PageTests
{
    private static readonly string Page = Repository.Read("docs/aspnetcore.md");

    [Theory]
    [InlineData("aspnetcore.md", 5)]
    [InlineData("migration.md", 1)]
    public void Blocks_OfCSharp_StandInCompiledSource(string page, int least) => AssertCompiled(page, least);

    [Fact]
    public void Table_OfOptions_HasEachOfThem()
    {
        var named = Row().Matches(Page).Select(static match => match.Groups[1].Value.Split(':')[0]).Distinct();
        Assert.Equal(typeof(BindwiseOptions).GetProperties().Select(static one => one.Name).Order(), named.Order());
    }

    [IsolatedFact]
    public Task Examples_OfThePage_Work() => Body.RunAsync(static async () =>
    {
        using (var host = Examples.Worker([]))
        {
            await host.StartAsync();
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, 7000);
            await client.GetStream().WriteAsync(new byte[] { 42 });
            Assert.Equal(42, client.GetStream().ReadByte());
            // One client's reset ends its own connection alone.
            client.LingerState = new LingerOption(true, 0);
            client.Close();
            using var next = new TcpClient();
            await next.ConnectAsync(IPAddress.Loopback, 7000);
            await next.GetStream().WriteAsync(new byte[] { 43 });
            Assert.Equal(43, next.GetStream().ReadByte());
            await host.StopAsync();
        }
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var app = Examples.First([]);
        Assert.StartsWith("127.0.0.1:5000/tcp is taken (EADDRINUSE): Bindwise.AspNetCore.Tests.dll (dotnet, pid ", await Examples.Catching(app), StringComparison.Ordinal);
        await using var health = Examples.Health(["--urls=http://localhost:0"]);
        Assert.Null(await Examples.Catching(health));
        await health.StopAsync();
    });

    /// <summary>Fails unless every block of C# of a page stands in this folder or in a sample.</summary>
    internal static void AssertCompiled(string page, int least)
    {
        var sources = Flat(string.Join('\n', Directory.GetFiles(Repository.File("tests/Bindwise.AspNetCore.Tests/Documentation"), "*.cs")
            .Concat(Directory.GetFiles(Repository.File("samples/library"), "Program.cs", SearchOption.AllDirectories)).Select(File.ReadAllText)));
        var blocks = CSharpBlock().Matches(Repository.Read("docs/" + page)).Select(static match => match.Groups[1].Value).ToList();
        Assert.True(blocks.Count >= least);
        Assert.All(blocks, block => Assert.Contains(Flat(block), sources, StringComparison.Ordinal));
    }

    private static string Flat(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    [GeneratedRegex(@"^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"^\| `([A-Za-z:]+)`", RegexOptions.Multiline)]
    private static partial Regex Row();
}
