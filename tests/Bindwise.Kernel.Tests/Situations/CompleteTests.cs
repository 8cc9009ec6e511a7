using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>complete: what a shell offers after Tab. It has to come soon; so it is asked again where a busy machine had no time.</summary>
public sealed class CompleteTests
{
    private const string Servers = "tcp 0.0.0.0 8080 listen and tcp :: 9090 dual listen and udp 127.0.0.1 5353";

    [KernelFact]
    public async Task Complete_Ports_AreThoseInUseWithTheirOwners()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Servers);
        var about = $"hold.py (pid {server.Pid})";
        await UntilAsync(host, $"8080\t{about}\n9090\t{about}\n5353/udp\t{about}\n");
    }

    [KernelFact]
    public async Task Complete_Ports_OfHostileNames_AreHarmless()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hostile_name.py", "8080");
        await UntilAsync(host, output => output.StartsWith("8080\t", StringComparison.Ordinal) && output.EndsWith($" (pid {server.Pid})\n", StringComparison.Ordinal)
            && output.Count(static letter => char.IsControl(letter)) == 2);
    }

    [KernelFact]
    public async Task Complete_BesideAnOwnerThatHoldsUpWhoLooks_StillGivesThePorts()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("stick.py", "0 1 tcp 0.0.0.0 8080 listen");
        await UntilAsync(host, static output => output.StartsWith("8080\t", StringComparison.Ordinal));
    }

    private static Task UntilAsync(TestHost host, string expected) => UntilAsync(host, output => output == expected);

    private static Task UntilAsync(TestHost host, Func<string, bool> isExpected)
    {
        Outcome? last = null;
        return Patience.UntilAsync(() =>
        {
            last = host.RunAsync(Programs.Bindwise, "complete", "ports").GetAwaiter().GetResult();
            Assert.True(last.ExitCode == 0 && last.Error.Length == 0, last.ToString());
            return isExpected(last.Output);
        }, "the ports");
    }
}
