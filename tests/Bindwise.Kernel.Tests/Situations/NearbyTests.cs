using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>The port to take instead: free by the kernel's table, and bound here to prove it.</summary>
[Trait("Lane", "second")]
public sealed class NearbyTests
{
    private const string Bind = "import socket,sys; s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, int(sys.argv[3])); s.bind((sys.argv[1], int(sys.argv[2])))";

    [KernelTheory]
    [InlineData("tcp 0.0.0.0 8080 listen", "8080", 8081)]
    [InlineData("tcp 0.0.0.0 8080 listen and tcp 127.0.0.1 8081 listen and tcp ::1 8082", "8080", 8083)]
    [InlineData("tcp :: 8080 listen and tcp :: 8081 listen and udp :: 8082", "127.0.0.1:8080", 8082)]
    [InlineData("udp 0.0.0.0 5453 and udp ::1 5454 and tcp :: 5455 listen", "5453/udp", 5455)]
    [InlineData("tcp 0.0.0.0 6664 listen", "6664", 6670)]
    [InlineData("tcp 0.0.0.0 32767 listen", "32767", 32768)]
    [InlineData("tcp 0.0.0.0 32760 listen and tcp 0.0.0.0 32761", "32760", 32762)]
    [InlineData("tcp 0.0.0.0 65535 listen", "65535", 65520)]
    public async Task Why_TakenPort_ComesWithOneThatCanBeBound(string held, string target, int expected)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", held);
        Assert.Equal(expected, await NearbyAsync(host, 0, target));
        var type = target.EndsWith("/udp", StringComparison.Ordinal) ? "2" : "1";
        foreach (var address in new[] { "0.0.0.0", "::" })
        {
            var bound = await host.RunAsync("python3", "-c", Bind, address, expected.ToString(CultureInfo.InvariantCulture), type);
            Assert.True(bound.ExitCode == 0, bound.ToString());
        }
    }

    [KernelFact]
    public async Task Why_NeighbourWithNothingButTimeWait_IsTakenToo()
    {
        await Passing.PlayAsync(static async host =>
        {
            await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
            await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8081 then server.close client.close listener.close");
            await host.Sockets.UntilAsync(8081, "TIME_WAIT");
        }, static async host => Assert.Equal(8082, await NearbyAsync(host, 0, "8080")));
    }

    [KernelFact]
    public async Task Why_ReservedPorts_AreNotOffered()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_reserved_ports", "8081-8090");
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        Assert.Equal(8091, await NearbyAsync(host, 0, "8080"));
    }

    [KernelTheory]
    [InlineData("tcp 0.0.0.0 80 listen", 80, 8080)]
    [InlineData("tcp 0.0.0.0 80 listen and tcp 127.0.0.1 8080 listen", 80, 8081)]
    [InlineData("tcp 0.0.0.0 443 listen", 443, 8443)]
    [InlineData("tcp 0.0.0.0 22 listen", 22, 8022)]
    public async Task Why_PortThatNeedsAPrivilege_ComesWithOneThatDoesNot(string held, int port, int expected)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", held);
        Assert.Equal(expected, await NearbyAsync(host, TestHost.Nobody, port.ToString(CultureInfo.InvariantCulture)));
    }

    [KernelFact]
    public async Task Why_FreePort_ComesWithoutAnother()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        Assert.Null(await NearbyAsync(host, 0, "8081"));
        Assert.Null(await NearbyAsync(host, 0, "8081 --verbose"));
        Assert.Null(await NearbyAsync(host, 0, "192.0.2.1:8080"));
    }

    private static async Task<int?> NearbyAsync(TestHost host, int user, string words)
    {
        var outcome = await host.RunAsAsync(user, null, [Programs.Bindwise, "why", .. words.Split(' '), "--save-snapshot", $"{host.Folder}/snapshot.json", "--json"]);
        var answer = Assert.Single(Asking.Answers(outcome));
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync($"{host.Folder}/snapshot.json"));
        var snapshot = document.RootElement.GetProperty("entries")[0].GetProperty("snapshot");
        answer.Has(!snapshot.TryGetProperty("sockets", out var sockets)
            || sockets.EnumerateArray().Select(static s => s.GetProperty("local").GetString()!).All(local => local.EndsWith(":" + answer.Target.Port, StringComparison.Ordinal)), "no neighbours among the sockets");
        return snapshot.TryGetProperty("freeNearby", out var port) && port.ValueKind == JsonValueKind.Number ? port.GetInt32() : null;
    }
}
