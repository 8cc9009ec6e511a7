using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>--address and --port close an address: a program that wants it all the same gets the other one, or an error.</summary>
[Trait("Lane", "second")]
public sealed partial class HostileAddressTests
{
    private const int OrdinaryPort = 8080;
    private const int PrivilegedPort = 80;

    // A program that races with itself may lose now and then.
    private const int MostTries = 10;

    // Where the kernel may lack the way.
    private static readonly string[] Rare = ["secret", "device", "ring", "ring-listen", "bind32", "socketcall", "bind-x32"];

    // Not the supervisor's to see, or not its to do, or both.
    public static TheoryData<string, int> Ways => new()
    {
        { "whole", 0 },
        { "capability", 0 },
        { "namespace", 0 },
        { "namespace", TestHost.Nobody },
        { "landlock", 0 },
        { "landlock", TestHost.Nobody },
        { "unspecified", 0 },
        { "mapped", 0 },
        { "both", 0 },
        { "short", 0 },
        { "secret", TestHost.Nobody },
        { "device", 0 },
        { "undumpable", TestHost.Nobody },
        { "rewrite", 0 },
        { "rewrite-whole", 0 },
        { "rewrite-family", TestHost.Nobody },
        { "rewrite-option", 0 },
        { "descriptor", TestHost.Nobody },
        { "ring", TestHost.Nobody },
        { "bind32", TestHost.Nobody },
        { "socketcall", TestHost.Nobody },
        { "bind-x32", TestHost.Nobody },
    };

    public static TheoryData<string, int> WaysWithoutBind => new() { { "listen", TestHost.Nobody }, { "ring-listen", TestHost.Nobody } };

    [KernelTheory(Hostile.Compiler)]
    [MemberData(nameof(Ways))]
    [MemberData(nameof(WaysWithoutBind))]
    public async Task ClosedAddress_IsNeverBound(string way, int user)
    {
        var wanted = way is "short" ? "::=::1" : "0.0.0.0=127.0.0.1";
        string[] supervisors = [$"run --address {wanted}", $"run --hold --restart=never --address {wanted}"];
        await AskAsync(way, user, supervisors, static (word, _) => ClosedAddress().IsMatch(word));
    }

    [KernelTheory(Hostile.Compiler)]
    [MemberData(nameof(Ways))]
    public async Task ClosedPort_IsNeverBound(string way, int user)
    {
        var ports = $"{PortOf(way, user)}=8082";
        string[] supervisors = [$"run --port {ports}", $"run --hold --restart=never --port {ports}"];
        await AskAsync(way, user, supervisors, static (word, port) => word.EndsWith($":{port}", StringComparison.Ordinal));
    }

    // "namespace" is root of its own.
    private static int PortOf(string way, int user) => user == 0 || way == "namespace" ? PrivilegedPort : OrdinaryPort;

    private static async Task AskAsync(string way, int user, string[] supervisors, Func<string, int, bool> isClosed)
    {
        var port = PortOf(way, user);
        string[] command = [Hostile.File("closed_address"), way, "0.0.0.0", $"{port}"];
        await using var host = await TestHost.OpenAsync();
        var bare = "";
        for (var tries = 0; tries < MostTries && !Shows(bare); tries++)
            bare = await Hostile.WordAsync(host, user, Hostile.Bare, command);
        Assert.True(Shows(bare), bare);
        foreach (var under in supervisors)
        {
            var word = await Hostile.WordAsync(host, user, under, command);
            Assert.False(isClosed(word, port), $"{under}: {word}");
            Assert.True(word == "elsewhere" || word == "unbound" || Refusal().IsMatch(word) || Place().IsMatch(word), $"{under}: {word}");
        }

        bool Shows(string word) => isClosed(word, port) || (Rare.Contains(way) && Refusal().IsMatch(word));
    }

    [GeneratedRegex(@"^(0\.0\.0\.0|\[::ffff:0\.0\.0\.0\]|\[::\]):")]
    private static partial Regex ClosedAddress();

    [GeneratedRegex("^E[A-Z0-9]+$")]
    private static partial Regex Refusal();

    [GeneratedRegex(@"^\S+:\d+$")]
    private static partial Regex Place();
}
