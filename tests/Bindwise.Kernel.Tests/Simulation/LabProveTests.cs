using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Lab.Catalogue;

namespace Bindwise.Kernel.Tests.Simulation;

/// <summary>`bindwise lab prove` on the kernel, as its users meet it. The minute that the whole catalogue waits goes by beside the other tests.</summary>
[Trait("Lane", "second")]
public sealed class LabProveTests
{
    /// <summary>Only so that it ends.</summary>

    private const string Waiting = """
        claim own
        says "It takes a minute"
        case one "always"
        x = udp device v0
        a = tcp 127.0.0.1:8080 listen -> ok
        wait 110s
        close a -> ok claimed ok
        """;

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public async Task Prove_All_IsWhatIsRecordedOnKernelAndModel()
    {
        await using var host = await TestHost.OpenAsync();
        var end = DateTime.UtcNow + TimeSpan.FromMilliseconds(Patience.OfATestMilliseconds / 2);
        var faults = new List<string>();
        var outcome = await ProveAsync(host, ["--all"], ScenarioCatalogue.Claims, faults);
        // A machine that is too busy for all of them is left some rest, and proves nothing meanwhile.
        for (var left = Held(faults); left.Length > 0 && left.Length == faults.Count && DateTime.UtcNow < end; left = Held(faults))
        {
            faults.Clear();
            outcome = await ProveAsync(host, left, left, faults);
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Equal((0, ""), outcome);
    }

    private static string[] Held(List<string> faults) =>
        [.. faults.Select(static fault => JsonDocument.Parse(fault).RootElement)
            .Where(static proof => proof.GetProperty("error") is { ValueKind: JsonValueKind.String } error
                && error.GetString()!.Contains("this machine is too busy", StringComparison.Ordinal))
            .Select(static proof => proof.GetProperty("id").GetString()!)];

    private static async Task<(int, string)> ProveAsync(TestHost host, string[] which, IReadOnlyList<string> ids, List<string> faults)
    {
        var program = host.Start(0, [Programs.Bindwise, "lab", "prove", "--json", .. which]);
        foreach (var id in ids)
        {
            using var line = JsonDocument.Parse(await program.LineAsync(TimeSpan.FromMilliseconds(Patience.OfATestMilliseconds)));
            var proof = line.RootElement;
            Assert.Equal(id, proof.GetProperty("id").GetString());
            var isRight = proof.GetProperty("verdict").GetString() == proof.GetProperty("recorded").GetString()
                && proof.GetProperty("asRecorded").GetBoolean() && proof.GetProperty("agree").ValueKind == JsonValueKind.True
                && proof.GetProperty("kernel").GetArrayLength() == proof.GetProperty("model").GetArrayLength() && proof.GetProperty("kernel").GetArrayLength() > 0;
            if (!isRight)
                faults.Add(proof.GetRawText());
        }
        await program.EndAsync();
        return (program.ExitCode, program.Error.Trim());
    }

    [KernelFact]
    public async Task Prove_ClaimWhoseRecordedVerdictIsWrong_FailsTheRun()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "own.bind");
        await File.WriteAllTextAsync(file, """
            claim own
            says "It is free"
            verdict on linux: true
            case one "somebody listens"
            a = tcp 127.0.0.1:8080 listen -> ok
            b = tcp 127.0.0.1:8080 -> EADDRINUSE claimed ok
            """);
        var outcome = await host.RunAsAsync(0, "", Programs.Bindwise, "lab", "prove", file);
        Assert.True(outcome is { ExitCode: 1, Error: "" }, outcome.ToString());
        Assert.StartsWith("own: false\n", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("and the model agrees; recorded is true\n", outcome.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Prove_Fast_WaitsInVirtualTimeAndSaysSo()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "own.bind");
        await File.WriteAllTextAsync(file, Waiting.Replace("110s", "86400s", StringComparison.Ordinal));
        var outcome = await host.RunAsAsync(0, "", Programs.Bindwise, "lab", "prove", "--fast", file);
        Assert.True(outcome is { ExitCode: 0, Error: "" }, outcome.ToString());
        Assert.Contains("one case in virtual time on the model", outcome.Output.ReplaceLineEndings(" ").Replace("        ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Prove_InterruptedWhileItWaits_EndsAtOnceAndLeavesNothing()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "own.bind");
        await File.WriteAllTextAsync(file, Waiting);
        var program = host.Start(0, "/bin/sh", "-c", $"echo '{{\"pid\":'$$'}}'; exec {Programs.Bindwise} lab prove {file}");
        await program.ReadyAsync();
        await Patience.UntilAsync(() => program.Error.Contains("this takes up to 110 s", StringComparison.Ordinal), "its notice");
        await Patience.UntilAsync(() => NetworksOn(host) > 1, "a namespace of the case");
        await host.SignalAsync(program.Pid, "INT");
        await program.EndAsync();
        Assert.Equal(130, program.ExitCode);
        Assert.Equal('-', host.StateOf(program.Pid));
        await Patience.UntilAsync(() => NetworksOn(host) == 1, "no namespace of its own");
    }

    private static int NetworksOn(TestHost host) =>
        host.RunAsync("/bin/sh", "-c", "readlink /proc/[0-9]*/task/[0-9]*/ns/net /proc/[0-9]*/fd/* | grep ^net: | sort -u")
            .GetAwaiter().GetResult().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
}
