using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Staging;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>The probe does no harm: not to other probes, not to a server that starts, and it leaves nothing.</summary>
public sealed class ProbeTests
{
    [KernelFact]
    public async Task Why_HundredRunsSideBySideOnAFreePort_AllSayFreeAndLeaveNothing()
    {
        await using var stage = await Stage.OpenAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => stage.RunAsync(Programs.Bindwise, "why", "8080", "--json")));
        foreach (var outcome in outcomes)
        {
            Assert.True(outcome.ExitCode == 0, outcome.ToString());
            Assert.Single(Asking.Answers(outcome)).Is("free", null, "free");
        }

        Assert.Empty(stage.Sockets.StatesOn(8080));
        Assert.Empty(Directory.EnumerateFileSystemEntries(stage.Folder));
    }

    [KernelFact]
    public async Task Why_ThousandRunsWhileAServerRestarts_FailFewerThanOneStartInAThousand()
    {
        // A rate of one in a thousand cannot be told from a few thousand starts: three failures among them may be chance.
        const int StartsToCount = 10_000, MaximumRounds = 12;
        await using var stage = await Stage.OpenAsync();
        var (starts, failures, rounds) = (0, 0, 0);
        for (; starts < StartsToCount && rounds < MaximumRounds; rounds++)
        {
            var server = await stage.ActAsync("restart.py", "8080");
            await AskThousandTimesAsync(stage);
            server.EndInput();
            using var counted = JsonDocument.Parse(await server.LineAsync());
            starts += counted.RootElement.GetProperty("starts").GetInt32();
            failures += counted.RootElement.GetProperty("failures").GetInt32();
        }

        Assert.True(starts > 500 * rounds, string.Create(CultureInfo.InvariantCulture, $"only {starts} starts in {rounds} rounds"));
        Assert.True(failures * 1000 <= starts, string.Create(CultureInfo.InvariantCulture, $"{failures} of {starts} starts failed"));
    }

    private static async Task AskThousandTimesAsync(Stage stage)
    {
        // The native program runs a thousand times; the other one, which takes 40 times as long to start, answers as often.
        var (runs, targets) = Programs.IsNative ? (1000, 1) : (40, 25);
        var command = new[] { Programs.Bindwise, "why", "--json" }.Concat(Enumerable.Repeat("0.0.0.0:8080", targets)).ToArray();
        var answers = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, runs), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
        {
            var outcome = await stage.RunAsync(command);
            Assert.True(outcome.ExitCode is 0 or 1, outcome.ToString());
            Interlocked.Add(ref answers, Asking.Answers(outcome).Count);
        });
        Assert.Equal(1000, answers);
    }

    [KernelFact]
    public async Task Why_FreePathAndPort_LeaveNoFileAndNoSocket()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.RunAsync(Programs.Bindwise, "why", "8080", "8080/udp", Path.Combine(stage.Folder, "a.sock"), "@a", "0", "[::1]:8080");
        Assert.Empty(Directory.EnumerateFileSystemEntries(stage.Folder));
        Assert.Empty(stage.Sockets.StatesOn(8080));
        (await stage.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_NoProbe_PredictsEverything()
    {
        await using var stage = await Stage.OpenAsync();
        var answer = await stage.WhyAsync("8080 --no-probe");
        answer.Has(answer.Attempts.All(static attempt => attempt.Bind.How == "predicted"), "nothing was tried");
    }

    [KernelFact]
    public async Task Why_UdpSocketThatReceives_GetsEveryDatagramWhileItIsAskedAbout()
    {
        await using var stage = await Stage.OpenAsync();
        var receiver = await stage.ActAsync("count_datagrams.py", "8080 400");
        for (var i = 0; i < 3; i++)
        {
            await stage.RunAsync(Programs.Bindwise, "why", "8080/udp", "--json");
            await stage.RunAsync(Programs.Bindwise, "why", "8080/udp", "--reuse-address", "--reuse-port", "--json");
        }

        receiver.EndInput();
        using var counted = JsonDocument.Parse(await receiver.LineAsync());
        Assert.Equal(counted.RootElement.GetProperty("sent").GetInt32(), counted.RootElement.GetProperty("received").GetInt32());
    }
}
