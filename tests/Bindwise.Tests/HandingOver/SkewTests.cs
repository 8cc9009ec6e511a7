using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.HandingOver;

/// <summary>
/// Instances of different releases, the built 0.1 among them (ZeroOne/README.md), and servers that are no instances. "2" stands for a release to come
/// that no longer understands the version 1 of the protocol.
/// </summary>
[Trait("Lane", "second")]
[SupportedOSPlatform("linux")]
public sealed class SkewTests
{
    private const string Failed = "attempt failed: ";

    // Whoever asks, and whoever answers, may be held up for some of it: it asks twice all the same.
    private const int Seconds = 20;

    // With pauses that double to 2.5 s, each shortened by up to a half: HandOverPatienceTests has the exact ones.
    private const int MostAsks = 25;

    private static readonly IPEndPoint Server = new(IPAddress.Loopback, 8080);
    private static readonly (string, string) OnlyTwo = ("INSTANCE_VERSIONS", "2");
    private static readonly (string, string) Wait = ("INSTANCE_WAIT", $"{Seconds}");

    // 0.1, this, 0.1, and so on: five hand-overs, and before each of them a successor that crashes, and one that is killed.
    [IsolatedFact]
    public Task ZeroOneAndThis_UnderLoad_HandOverToEachOther() => Body.RunAsync(static async () =>
    {
        var current = await Instance.ReadyZeroOneAsync("0");
        using var clients = new Clients(Server);
        for (var number = 1; number <= 5; number++)
        {
            await clients.AnsweredAsync(50);
            var isThisNext = number % 2 == 1;
            await using var crashing = Instance.Start("crashing", "fail");
            Assert.Equal(0, await crashing.EndAsync());
            await using var killed = isThisNext ? Instance.Start("killed", "idle") : Instance.StartZeroOne("killed", "idle");
            await killed.SaysAsync("received 1");
            killed.Kill();
            Assert.NotEqual(0, await killed.EndAsync());
            await current.SaysAsync("ended before it was ready");
            await clients.AnsweredAsync(50);
            var next = isThisNext ? await Instance.ReadyAsync($"{number}") : await Instance.ReadyZeroOneAsync($"{number}");
            Assert.Contains($"received 1 from {current.Id}", next.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Failed, next.Text, StringComparison.Ordinal);
            Assert.Equal(0, await current.EndAsync());
            // What it says of an attempt that failed may come late, and stand in between.
            Assert.Matches($"handed over to {next.Id}\n(.*\n)*drained", current.Text);
            await current.DisposeAsync();
            current = next;
        }
        await clients.AnsweredAsync(50);
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
        Assert.Contains("5", clients.Names);
        await current.DisposeAsync();
    });

    [IsolatedFact]
    public Task ZeroOneThatAsksARelease_ThatNoLongerUnderstandsIt_EndsAtOnce() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old", variables: OnlyTwo);
        await using var next = Instance.StartZeroOne("next");
        Assert.Equal(0, await next.EndAsync());
        await next.SaysAsync("speaks version 2 of the hand-over's protocol, and this one version 1");
        await old.SaysAsync($"{Failed}Process {next.Id} asked for the listening sockets and was refused: version 1, this is 2. This instance serves on.");
        Assert.Equal(1, Count(old, Failed));
        Assert.Equal("old", await Clients.AskAsync(Server));
    });

    [IsolatedFact]
    public Task ZeroOneThatIsAskedByARelease_ThatItDoesNotUnderstand_IsAskedFewTimes() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyZeroOneAsync("old");
        await using var next = Instance.Start("next", variables: [OnlyTwo, Wait]);
        Assert.Equal(0, await next.EndAsync());
        // 0.1 writes a line for each question.
        Assert.InRange(Count(old, "speaks version 2 of the hand-over's protocol, and this one version 1"), 2, MostAsks);
        EndedAfterOneWarning(next, $"Process {old.Id} at {Instance.DefaultPath} closed the connection without an answer");
        Assert.Equal("old", await Clients.AskAsync(Server));
    });

    [IsolatedTheory]
    [InlineData("1", "2", "version 2, this is 1")]
    [InlineData("2", "1", "version 1, this is 2")]
    [InlineData("1-2", "3-4", "version 3 to 4, this is 1 to 2")]
    public Task VersionsThatDoNotMeet_AreToldInBothLogs(string oldVersions, string newVersions, string reason) => Body.RunAsync(static async (words) =>
    {
        await using var old = await Instance.ReadyAsync("old", variables: ("INSTANCE_VERSIONS", words[0]));
        var clock = Stopwatch.StartNew();
        await using var next = Instance.Start("next", variables: [("INSTANCE_VERSIONS", words[1]), Wait]);
        Assert.Equal(0, await next.EndAsync());
        EndedAfterOneWarning(next, $"The old instance (process {old.Id}) at {Instance.DefaultPath} refused: {words[2]}.");
        // One, and one more for each minute that it took.
        Assert.InRange(Count(old, Failed), 1, 1 + (int)clock.Elapsed.TotalMinutes);
        Assert.Contains($"{Failed}Process {next.Id} asked for the listening sockets and was refused: {words[2]}.", old.Text, StringComparison.Ordinal);
        Assert.Equal("old", await Clients.AskAsync(Server));
        // What was left out is counted at the end at the latest.
        old.Stop();
        Assert.Equal(0, await old.EndAsync());
        var lines = old.Text.Split('\n').Where(static line => line.StartsWith(Failed, StringComparison.Ordinal)).ToList();
        Assert.InRange(lines.Count, 2, 2 + (int)clock.Elapsed.TotalMinutes);
        Assert.Contains($"refused: {words[2]}.", lines[1], StringComparison.Ordinal);
    }, [oldVersions, newVersions, reason]);

    [IsolatedTheory]
    [InlineData("1-3", "2")]
    [InlineData("2", "1-3")]
    [InlineData("1-2", "1")]
    public Task VersionsThatMeet_HandOver(string oldVersions, string newVersions) => Body.RunAsync(static async (oldVersions, newVersions) =>
    {
        await using var old = await Instance.ReadyAsync("old", variables: ("INSTANCE_VERSIONS", oldVersions));
        await using var next = await Instance.ReadyAsync("next", variables: ("INSTANCE_VERSIONS", newVersions));
        Assert.Contains($"received 1 from {old.Id}", next.Text, StringComparison.Ordinal);
        Assert.Equal(0, await old.EndAsync());
        Assert.DoesNotContain(Failed, old.Text + next.Text, StringComparison.Ordinal);
    }, oldVersions, newVersions);

    [IsolatedFact]
    public Task VersionMismatch_ThatIsFinal_EndsTheStartAtOnce() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        await using var next = Instance.Start("next", "strict", variables: OnlyTwo);
        Assert.Equal(0, await next.EndAsync());
        await next.SaysAsync("HandOverException: The old instance");
        Assert.Contains("refused: version 2, this is 1.", next.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Failed, next.Text, StringComparison.Ordinal);
        await old.SaysAsync(Failed);
        Assert.Equal(1, Count(old, Failed));
    });

    [IsolatedFact]
    public Task OldOneOfAnotherVersion_ThatStopsMeanwhile_IsFollowed() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        await using var next = Instance.Start("next", variables: OnlyTwo);
        await next.SaysAsync("refused: version 2, this is 1.");
        old.Stop();
        Assert.Equal(0, await old.EndAsync());
        await next.SaysAsync("ready");
        Assert.Contains("received 0 from ,", next.Text, StringComparison.Ordinal);
        Assert.Equal("next", await Clients.AskAsync(Server));
    });

    [IsolatedTheory]
    [InlineData("", "closed the connection without an answer")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "sent something other than a hand-over's message")]
    public Task Impostor_IsAskedFewTimes_AndToldOfOnce(string answer, string told) => Body.RunAsync(static async (answer, told) =>
    {
        using var impostor = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        impostor.Bind(new UnixDomainSocketEndPoint(Instance.DefaultPath));
        impostor.Listen();
        var asked = 0;
        var answering = Task.Run(async () =>
        {
            while (true)
            {
                using var connection = await impostor.AcceptAsync();
                asked++;
                if (answer.Length > 0)
                    _ = await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes(answer));
            }
        });
        await using var next = Instance.Start("next", variables: Wait);
        Assert.Equal(0, await next.EndAsync());
        Assert.InRange(asked, 2, MostAsks);
        EndedAfterOneWarning(next, told);
        Assert.False(answering.IsCompleted);
    }, answer, told);

    // A release that asks without a pause, as 0.1 does where it gets no answer.
    [IsolatedFact]
    public Task ThousandsOfQuestions_AreOneLine_AndTheirNumber() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        var clock = Stopwatch.StartNew();
        for (var number = 0; number < 3_000; number++)
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(Instance.DefaultPath));
            _ = await client.SendAsync("BWH\u0009\u0001\0\0\0"u8.ToArray());
            var answer = new byte[64];
            var length = await client.ReceiveAsync(answer);
            Assert.StartsWith("BWH\u0001\u0007\0", System.Text.Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        }
        await using var next = await Instance.ReadyAsync("next");
        Assert.Equal(0, await old.EndAsync());
        var lines = old.Text.Split('\n').Where(static line => line.StartsWith(Failed, StringComparison.Ordinal)).ToList();
        // One, one more for each minute that it took, and one at the end.
        Assert.InRange(lines.Count, 2, 2 + (int)clock.Elapsed.TotalMinutes);
        var told = lines.Count + lines.Where(static line => line.Contains("Left out before it: ", StringComparison.Ordinal)).Sum(static line => int.Parse(line.Split("Left out before it: ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(3_000, told);
    });

    private static int Count(Instance instance, string words) => instance.Text.Split(words).Length - 1;

    // A start that is slow on a busy machine may take a pause more, but tells nothing more.
    private static void EndedAfterOneWarning(Instance instance, string reason)
    {
        var lines = instance.Text.Split('\n');
        Assert.Contains(reason, Assert.Single(lines, static line => line.StartsWith(Failed, StringComparison.Ordinal)), StringComparison.Ordinal);
        var last = Assert.Single(lines, static line => line.StartsWith("HandOverException: ", StringComparison.Ordinal));
        Assert.Contains(reason, last, StringComparison.Ordinal);
        Assert.Matches(@"This instance asked ([2-9]|1[0-9]|2[0-5]) times in \d", last);
    }
}
