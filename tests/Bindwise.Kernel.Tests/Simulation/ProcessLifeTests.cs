using System.Globalization;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Simulation;

/// <summary>The processes of `bindwise lab run`: real ones, which nothing and nobody survives.</summary>
[Trait("Lane", "second")]
public sealed class ProcessLifeTests
{
    private const string Waiting = """
        a = tcp in shop 127.0.0.1:8080 listen
        b = tcp in bank user 1000 127.0.0.1:8081 listen
        wait 66s

        """;

    private const string Restart = """
        a = tcp in shop 127.0.0.1:8080 listen -> ok
        c = tcp in user connect a             -> ok
        s = accept a                          -> ok
        signal shop INT; exit user            -> ok
        a = tcp in shop 127.0.0.1:8080        -> EADDRINUSE by TIME_WAIT

        """;

    [KernelFact]
    public async Task Processes_OfAScenario_AreChildrenInGroupsOfTheirOwnWithItsSockets()
    {
        await using var host = await TestHost.OpenAsync();
        var (run, programs) = await BeginAsync(host);
        foreach (var program in programs)
        {
            Assert.Equal((run.Pid, program.Id), (program.Parent, program.Group));
            // One of the two listeners is its own; they stand in the scenario's network, which is not this one.
            var own = await host.RunAsync("/bin/sh", "-c", $"for i in $(grep ':1F9[01] .* 0A ' /proc/{program.Id}/net/tcp | awk '{{ print $10 }}'); do readlink /proc/{program.Id}/fd/* | grep -c \"^socket:.$i.$\"; done | sort");
            Assert.Equal("0\n1\n", own.Output);
            var networks = await host.RunAsync("/bin/sh", "-c", $"readlink /proc/{program.Id}/ns/net /proc/1/ns/net | uniq | wc -l");
            Assert.Equal("2\n", networks.Output);
        }
        await host.SignalAsync(run.Pid, "KILL");
        await run.EndAsync();
    }

    [KernelTheory]
    [InlineData("KILL", 137)]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Run_EndedInTheMiddle_LeavesNoProcess(string signal, int exitCode)
    {
        await using var host = await TestHost.OpenAsync();
        var (run, programs) = await BeginAsync(host);
        await host.SignalAsync(run.Pid, signal);
        await run.EndAsync();
        Assert.Equal(exitCode, run.ExitCode);
        foreach (var program in programs)
            await Patience.UntilAsync(() => host.StateOf(program.Id) is '-' or 'Z', $"the end of process {program.Id}");
        Assert.Empty(Directory.GetFiles(host.Folder, "dotnet-diagnostic*"));
    }

    [KernelFact]
    public async Task Process_KilledByAStranger_IsToldAndEndsTheScenarioOnly()
    {
        await using var host = await TestHost.OpenAsync();
        var (run, programs) = await BeginAsync(host, "wait 60s\nclose a");
        await host.SetUpAsync($"/bin/kill -KILL {programs[0].Id} {programs[1].Id}");
        await run.EndAsync();
        Assert.Equal(2, run.ExitCode);
        Assert.EndsWith(": step 7: a scenario's process ended unexpectedly", run.Error.TrimEnd(), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Processes_ThatNeverEnd_EndWithTheScenario()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(0, Waiting.Replace("wait 66s", "", StringComparison.Ordinal), Programs.Bindwise, "lab", "run", "--on", "kernel", "-");
        Assert.True(outcome is { ExitCode: 0, Error: "" }, outcome.ToString());
        Assert.Empty(Read(host));
    }

    [KernelFact]
    public async Task Processes_WithoutRoot_PlayInAUserNamespace()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(TestHost.Nobody, Restart, "unshare", "-Urn", Programs.Bindwise, "lab", "run", "--on", "both", "-");
        Assert.True(outcome is { ExitCode: 0, Error: "" }, outcome.ToString());
        Assert.EndsWith(": model and kernel agree\n", outcome.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Processes_OfAProgramThatTheRuntimeRuns_PlayToo()
    {
        await using var host = await TestHost.OpenAsync();
        var managed = Path.Combine(AppContext.BaseDirectory, "Bindwise.Cli.dll");
        var outcome = await host.RunAsAsync(0, Restart, Environment.ProcessPath is { } own && Path.GetFileName(own) == "dotnet" ? own : "dotnet", managed, "lab", "run", "--on", "both", "-");
        Assert.True(outcome is { ExitCode: 0, Error: "" }, outcome.ToString());
    }

    [KernelFact]
    public async Task Actor_StartedByHand_PlaysNothing()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(0, "", Programs.Bindwise, "lab-actor", "1");
        Assert.Equal(2, outcome.ExitCode);
    }

    private static async Task<(TestProgram Run, List<ActorRow> Programs)> BeginAsync(TestHost host, string end = "wait 1h")
    {
        var file = Path.Combine(host.Folder, "shops.bind");
        await File.WriteAllTextAsync(file, Waiting.Replace("wait 66s", end, StringComparison.Ordinal));
        var run = host.Start(0, "/bin/sh", "-c", $"echo '{{\"pid\":'$$'}}'; exec {Programs.Bindwise} lab run --on kernel {file}");
        await run.ReadyAsync();
        await Patience.UntilAsync(() => Read(host).Count == 2, "its processes");
        // Both listen.
        await Patience.UntilAsync(() => Listeners(host) == "2\n", "their listeners");
        return (run, Read(host));
    }

    private static string Listeners(TestHost host) =>
        host.RunAsync("/bin/sh", "-c", "for p in $(grep -lz '^lab-actor$' /proc/[0-9]*/cmdline); do grep -c ':1F9[01] .* 0A ' ${p%/cmdline}/net/tcp; break; done")
            .GetAwaiter().GetResult().Output;

    // By their command lines, with the parent and the group of /proc/PID/stat.
    private static List<ActorRow> Read(TestHost host)
    {
        var outcome = host.RunAsync("/bin/sh", "-c", "for p in $(grep -lz '^lab-actor$' /proc/[0-9]*/cmdline); do cat ${p%/cmdline}/stat; done").GetAwaiter().GetResult();
        var rows = new List<ActorRow>();
        foreach (var line in outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            if (words[0] != "Z")
                rows.Add(new ActorRow(Number(line[..line.IndexOf(' ', StringComparison.Ordinal)]), Number(words[1]), Number(words[2])));
        }
        return rows;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed record ActorRow(int Id, int Parent, int Group);
}
