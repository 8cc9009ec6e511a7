using System.Globalization;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>Programs with surroundings of their own, and many of them: what happens to them under a supervisor is what happens to them alone.</summary>
[Trait("Lane", "second")]
public sealed class HostileSurroundingsTests
{
    private static readonly string[] Everywhere = [Hostile.Bare, "run", "hold", "audit"];

    [KernelTheory(Hostile.Compiler)]
    [InlineData("whole")]
    [InlineData("ring")]
    [InlineData("bind32")]
    [InlineData("unspecified")]
    [InlineData("secret")]
    public async Task PrivilegedPort_InAnyWay_IsRefusedToAnOrdinaryUser(string way)
    {
        await using var host = await TestHost.OpenAsync();
        foreach (var under in Everywhere)
        {
            var word = await Hostile.WordAsync(host, TestHost.Nobody, under, Hostile.File("closed_address"), way);
            // Where the kernel has no such way: ENOSYS, or EINVAL of io_uring.
            Assert.True(word is "EACCES" or "ENOSYS" or "EINVAL" or "EPERM", $"{under}: {word}");
        }
    }

    [KernelTheory(Hostile.Compiler)]
    [InlineData("tcp4")]
    [InlineData("tcp6")]
    [InlineData("udp4")]
    [InlineData("unix")]
    public async Task AddressAtTheEndOfItsPage_IsReadAsTheKernelReadsIt(string kind)
    {
        await using var host = await TestHost.OpenAsync();
        var bare = await Hostile.WordAsync(host, 0, Hostile.Bare, Hostile.File("page_end"), kind);
        Assert.True(bare.Contains('F', StringComparison.Ordinal) && bare.Contains('O', StringComparison.Ordinal), bare);
        foreach (var under in Everywhere[1..].Append("run --port 8080=8081").Append("run --wait --events /dev/null"))
            Assert.Equal((under, bare), (under, await Hostile.WordAsync(host, 0, under, Hostile.File("page_end"), kind)));
    }

    [KernelTheory(Hostile.Compiler)]
    [InlineData(0)]
    [InlineData(TestHost.Nobody)]
    public async Task MountsOfItsOwn_MisleadNobody(int user)
    {
        foreach (var under in Everywhere)
        {
            await using var host = await TestHost.OpenAsync();
            Assert.Equal((under, "EADDRINUSE"), (under, await Hostile.WordAsync(host, user, under, Hostile.File("own_mounts"))));
        }
    }

    [KernelFact]
    public async Task Crash_EndsTheProgramAsAlone()
    {
        await using var host = await TestHost.OpenAsync();
        foreach (var under in Everywhere)
        {
            var command = string.Join(' ', Hostile.Command(under, "sh", "-c", "'kill -SEGV $$'"));
            var outcome = await host.RunAsync("sh", "-c", $"{command}; echo code $?");
            Assert.Contains(under == "audit" ? "ended with 139" : "code 139\n", outcome.Output, StringComparison.Ordinal);
        }
    }

    // The terminal stops a background job that sets its attributes (SIGTTOU), with all of the job's process group.
    [KernelFact(Hostile.Compiler)]
    public async Task BackgroundJob_IsStoppedAndGoesOnAsAlone()
    {
        await using var host = await TestHost.OpenAsync();
        var job = Hostile.File("background_job");
        foreach (var under in Everywhere)
        {
            var outcome = await host.RunAsync([job, .. Whole(Hostile.Command(under, job))]);
            Assert.True(outcome.Output.EndsWith(under == "audit" ? "stopped ended 0\n" : "stopped ended 7\n", StringComparison.Ordinal), $"{under}: {outcome}");
        }
    }

    [KernelTheory(Hostile.Compiler)]
    [InlineData(Hostile.Bare, 0)]
    [InlineData("run", 1)]
    public async Task ProcessInTheBackground_GoesOn(string under, int reuse)
    {
        await using var host = await TestHost.OpenAsync();
        var program = host.Start(0, Hostile.Command(under, Hostile.File("leave_child")));
        await program.ReadyAsync();
        Assert.Equal(reuse, program.Number("reuse"));
        Assert.NotEqual('-', host.StateOf(program.Pid));
        await host.SignalAsync(program.Pid, "KILL");
        bool HasSupervisor() => host.Processes.Commands().Values.Any(static one => one.Contains(" run --supervise", StringComparison.Ordinal));
        await Patience.UntilAsync(() => !HasSupervisor(), "the supervisor's end");
    }

    [KernelFact(Hostile.Compiler)]
    public async Task ProcessInTheBackground_UnderHold_IsEndedWithTheProgram()
    {
        await using var host = await TestHost.OpenAsync();
        var program = host.Start(0, Hostile.Command("hold", Hostile.File("leave_child")));
        await program.EndAsync();
        Assert.Equal(0, program.ExitCode);
        Assert.DoesNotContain(host.Processes.Commands().Values, static one => one.Contains("leave_child", StringComparison.Ordinal));
    }

    // BINDWISE_CHILDREN: how many, as 100,000 by hand.
    [KernelTheory(Hostile.Compiler)]
    [InlineData("run", " run --supervise")]
    [InlineData("hold", " run --hold")]
    [InlineData("audit", " audit ")]
    public async Task ManyProcesses_LeaveNoDescriptorAndNoProcess(string under, string words)
    {
        await using var host = await TestHost.OpenAsync();
        var count = Environment.GetEnvironmentVariable("BINDWISE_CHILDREN") ?? "2000";
        var program = host.Start(0, Hostile.Command(under, Hostile.File("many_children"), count));
        await program.ReadyAsync();
        var supervisor = host.Processes.Commands().Single(one => one.Value.Contains(words, StringComparison.Ordinal)).Key;
        var before = await UseAsync(host, supervisor);
        Assert.True(await program.ReportAsync("go\n"));
        Assert.Equal("{}", await program.LineAsync(TimeSpan.FromMinutes(20)));
        await Patience.UntilAsync(() => !host.Processes.All().Any(pid => host.StateOf(pid) == 'Z'), "no zombies");
        var after = await UseAsync(host, supervisor);
        // Of run --hold: a kept socket, which each of them takes, costs no more with each.
        Assert.True(after.Descriptors <= before.Descriptors + 8, $"descriptors: {before} before, {after} after");
        Assert.True(after.KiB <= before.KiB + 32 * 1024, $"memory: {before} before, {after} after");
    }

    [KernelTheory(Hostile.Compiler, "sudo")]
    [InlineData("sudo -n -u #65534", "run", "EACCES")]
    [InlineData("sudo -n", "run", "0.0.0.0:80")]
    [InlineData("sudo -n", "hold", "0.0.0.0:80")]
    [InlineData("sudo -n", "run --address 0.0.0.0=127.0.0.1", "127.0.0.1:80")]
    public async Task Sudo_GivesTheRightsOfItsUser(string sudo, string under, string expected)
    {
        await using var host = await TestHost.OpenAsync();
        string[] command = [.. sudo.Split(' '), .. Hostile.Command(under, Hostile.File("closed_address"), "whole")];
        Assert.Equal(expected, await Hostile.WordAsync(host, 0, Hostile.Bare, command));
    }

    private static async Task<(int Descriptors, int KiB)> UseAsync(TestHost host, int process)
    {
        var outcome = await host.RunAsync("sh", "-c", $"ls /proc/{process}/fd | wc -l; sed -n 's/VmRSS:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/{process}/status");
        var words = outcome.Output.Split('\n');
        return (int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture));
    }

    // execv() looks for no program in PATH.
    private static string[] Whole(string[] command) => [Path.GetFullPath(command[0]), .. command[1..]];
}
