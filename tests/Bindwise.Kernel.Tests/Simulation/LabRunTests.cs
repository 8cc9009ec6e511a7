using System.Diagnostics;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Simulation;

/// <summary>`bindwise lab run` on the kernel, as its users meet it.</summary>
[Trait("Lane", "second")]
public sealed class LabRunTests
{
    private const string Answered = "a = tcp 127.0.0.1:8080 listen -> ok\nb = tcp 127.0.0.1:8080 -> EADDRINUSE BW004 by a\n";

    [KernelFact]
    public async Task LabRun_TakenPortOfTheSystem_IsFreeInTheScenario()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        var outcome = await host.RunAsAsync(0, Answered, Programs.Bindwise, "lab", "run", "--on", "both", "-");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.EndsWith("  5 steps: model and kernel agree\n", outcome.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task LabRun_OnBothAsJson_HasWhatEachSays()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(0, Answered + "expect ENOSOCK\n", Programs.Bindwise, "lab", "run", "--on", "both", "--json", "-");
        Assert.True(outcome is { ExitCode: 1, Error: "" }, outcome.ToString());
        using var answer = JsonDocument.Parse(outcome.Output);
        Assert.False(answer.RootElement.GetProperty("mismatch").GetBoolean());
        var steps = answer.RootElement.GetProperty("steps").EnumerateArray().ToList();
        foreach (var column in new[] { "result", "model", "kernel" })
            Assert.Equal(["ok", "ok", "ok", "ok", "ok", "EADDRINUSE", "ok", "EXPECT"], steps.Select(step => step.GetProperty(column).GetString()));
        Assert.Equal("a", steps[5].GetProperty("blockers")[0].GetString());
    }

    [KernelFact]
    public async Task LabRun_WriterThatWaitsForEachAnswer_GetsIt()
    {
        await using var host = await TestHost.OpenAsync();
        var program = host.Start(0, "/bin/sh", "-c", $$"""
            { for name in one two three; do
                echo '{"name":"'$name'","steps":[{"op":"open","socket":"a","protocol":"tcp","family":"ipv4"},{"op":"bind","socket":"a","address":"127.0.0.1","port":8080}]}'
                while [ ! -e {{host.Folder}}/$name ]; do sleep 0.05; done
              done; } | {{Programs.Bindwise}} lab run --on kernel --json -
            """);
        foreach (var name in new[] { "one", "two", "three" })
        {
            Assert.StartsWith($"{{\"name\":\"{name}\",", await program.LineAsync(), StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(host.Folder, name), "");
        }
        await program.EndAsync();
        Assert.Equal((0, ""), (program.ExitCode, program.Error.Trim()));
    }

    [KernelTheory]
    [InlineData("-S -n 128", 400)]
    [InlineData("-n 300", 300)]
    public async Task LabRun_FewDescriptors_LetFewerWaitAtOnce(string limit, int scenarios)
    {
        await using var host = await TestHost.OpenAsync();
        host.Limit = Patience.OfManyWaits;
        string[] command = ["/bin/sh", "-c", $"ulimit {limit}; exec {Programs.Bindwise} lab run --on both --json -"];
        var outcome = await host.RunAsAsync(0, Waiting(scenarios, 1), command);
        Assert.True(outcome is { ExitCode: 0, Error: "" }, outcome.ToString());
        Assert.Equal(scenarios, outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [KernelFact]
    public async Task LabRun_ManyThatWait_AnnounceItOnceAndWaitTogether()
    {
        await using var host = await TestHost.OpenAsync();
        // One after the other they would wait for longer than the program may run.
        host.Limit = Patience.OfManyWaits;
        Assert.True(host.Limit < TimeSpan.FromSeconds(50 * 20));
        var clock = Stopwatch.StartNew();
        var outcome = await host.RunAsAsync(0, Waiting(50, 20), Programs.Bindwise, "lab", "run", "--on", "both", "-");
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(20), TimeSpan.MaxValue);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Equal("bindwise: standard input:1: it waits 20 s on the kernel (--on model does not wait)\n", outcome.Error);
    }

    [KernelTheory]
    [InlineData("", "wait 1h\nclose a\n", "it waits 1 h (3600 s) on the kernel (--on model does not wait)")]
    [InlineData("--json", "wait 1h\nclose a\n", "it waits 1 h (3600 s) on the kernel (--on model does not wait)")]
    [InlineData("", "a = tcp 127.0.0.1:8080 listen; b = tcp; wait 1s\nretry 1s for 70m bind b 127.0.0.1:8080\n", "it waits 1 to 4201 s (up to 1 h 10 min 1 s) on the kernel (--on model does not wait)")]
    public async Task LabRun_ThatWouldWaitForAnHour_SaysSoFirst(string option, string text, string notice)
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "hour.bind");
        await File.WriteAllTextAsync(file, text);
        var program = host.Start(0, "/bin/sh", "-c", $"echo '{{\"pid\":'$$'}}'; exec {Programs.Bindwise} lab run --on both {option} {file}");
        await program.ReadyAsync();
        await Patience.UntilAsync(() => program.Error.Contains("on the kernel", StringComparison.Ordinal), "its notice");
        Assert.Equal($"bindwise: {file}:1: {notice}", program.Error.Trim());
        Assert.False(program.HasEnded);
        await host.SignalAsync(program.Pid, "INT");
        await program.EndAsync();
    }

    [KernelFact]
    public async Task LabRun_InterruptedWhileItWaits_EndsAtOnceAndLeavesNothing()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "waits.bind");
        await File.WriteAllTextAsync(file, "x = udp device v0\na = tcp 127.0.0.1:8080 listen\nwait 110s\n");
        var program = host.Start(0, "/bin/sh", "-c", $"echo '{{\"pid\":'$$'}}'; exec {Programs.Bindwise} lab run --on both {file}");
        await program.ReadyAsync();
        // By then the one in which it tried whether it can is gone.
        await Patience.UntilAsync(() => program.Error.Contains("it waits", StringComparison.Ordinal), "its notice");
        await Patience.UntilAsync(() => NetworksOn(host) > 1, "a namespace of the scenario");
        await host.SignalAsync(program.Pid, "INT");
        await program.EndAsync();
        Assert.Equal(130, program.ExitCode);
        Assert.Equal($"bindwise: {file}:1: it waits 110 s on the kernel (--on model does not wait)", program.Error.Trim());
        Assert.Equal('-', host.StateOf(program.Pid));
        await Patience.UntilAsync(() => NetworksOn(host) == 1, "no namespace of its own");
    }

    [KernelFact]
    public async Task LabRun_WithoutRoot_PlaysInAUserNamespaceOfItsOwn()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(TestHost.Nobody, Answered, Programs.Bindwise, "lab", "run", "--on", "both", "-");
        Assert.True(outcome is { ExitCode: 0, Error: "" }, outcome.ToString());
        Assert.EndsWith("  5 steps: model and kernel agree\n", outcome.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task LabRun_WithoutRootAsAnotherUser_SaysThatItNeedsRoot()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(TestHost.Nobody, "a = tcp user 1000 127.0.0.1:8080 -> ok\n", Programs.Bindwise, "lab", "run", "--on", "both", "-");
        Assert.True(outcome is { ExitCode: 2, Output: "" }, outcome.ToString());
        Assert.Equal("bindwise: standard input:1: step 0: the user 1000 does not exist in this user namespace: run it as root\n", outcome.Error);
    }

    // It starts itself anew by execve(), which a thread that is being started at that moment does not survive.
    [KernelFact]
    public async Task LabRun_WithoutRootAgainAndAgain_NeverDies()
    {
        await using var host = await TestHost.OpenAsync();
        for (var run = 0; run < 40; run++)
        {
            var outcome = await host.RunAsAsync(TestHost.Nobody, Answered, Programs.Bindwise, "lab", "run", "--on", "kernel", "-");
            Assert.True(outcome is { ExitCode: 0, Error: "" }, outcome.ToString());
        }
    }

    [KernelFact("setpriv")]
    public async Task LabRun_WithoutRootNorUserNamespaces_SaysWhatIsMissing()
    {
        await using var host = await TestHost.OpenAsync();
        const string Bare = "echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --bounding-set -all --inh-caps -all ";
        var outcome = await host.RunAsAsync(TestHost.Nobody, Answered, "unshare", "-Ur", "/bin/sh", "-c", $"{Bare} {Programs.Bindwise} lab run --on both -");
        Assert.True(outcome is { ExitCode: 2, Output: "" }, outcome.ToString());
        Assert.Equal(
            "bindwise: running on the kernel needs the right to create network namespaces: run it as root; user namespaces are not allowed here (unshare: unshare failed: No space left on device)\n",
            outcome.Error);
    }

    [KernelFact]
    public async Task LabRun_WithoutRightsInAUserNamespace_Plays()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(TestHost.Nobody, Answered, "unshare", "-Urn", Programs.Bindwise, "lab", "run", "--on", "both", "-");
        Assert.True(outcome is { ExitCode: 0, Error: "" }, outcome.ToString());
    }

    private static string Waiting(int scenarios, int seconds) => string.Concat(Enumerable.Repeat(
        $$"""{"name":"w","steps":[{"op":"open","socket":"a","protocol":"udp","family":"ipv4"},{"op":"wait","seconds":{{seconds}}},{"op":"bind","socket":"a","address":"127.0.0.1","port":8080}]}""" + "\n",
        scenarios));

    // Those of a thread, and those that a descriptor keeps.
    private static int NetworksOn(TestHost host) =>
        host.RunAsync("/bin/sh", "-c", "readlink /proc/[0-9]*/task/[0-9]*/ns/net /proc/[0-9]*/fd/* | grep ^net: | sort -u")
            .GetAwaiter().GetResult().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
}
