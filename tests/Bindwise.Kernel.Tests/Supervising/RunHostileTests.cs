using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run: programs that get in a supervisor's way, and a supervisor that dies.</summary>
[Trait("Lane", "second")]
public sealed class RunHostileTests
{
    private static readonly string[] Server = ["python3", "-B", "-S", Programs.Script("run_server.py")];

    [KernelTheory]
    [InlineData(0, "rewrite")]
    [InlineData(0, "crowd")]
    [InlineData(0, "blind")]
    [InlineData(0, "pointers")]
    [InlineData(0, "namespaces")]
    [InlineData(0, "full")]
    [InlineData(TestHost.Nobody, "rewrite")]
    [InlineData(TestHost.Nobody, "blind")]
    [InlineData(TestHost.Nobody, "namespaces")]
    public async Task Program_WhateverItDoes_GetsItsAnswers(int user, string what)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(user, null, [Programs.Bindwise, "run", "python3", "-B", "-S", Programs.Script("run_hostile.py"), what]);
        Assert.Equal(what + "\n", outcome.Output);
        await UntilSupervisorsAsync(host, 0);
    }

    [KernelFact]
    public async Task Supervisor_EndsWithTheLastProcessAndIsNobodysChild()
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(0, [Programs.Bindwise, "run", .. Server, "127.0.0.1", "8080", "stay"]);
        await server.ReadyAsync();
        await UntilSupervisorsAsync(host, 1);
        var status = await host.RunAsync("/bin/grep", "PPid", string.Create(CultureInfo.InvariantCulture, $"/proc/{Supervisors(host).Single()}/status"));
        Assert.Equal("PPid:\t1\n", status.Output);
        Assert.Equal("", (await host.RunAsync("/bin/cat", string.Create(CultureInfo.InvariantCulture, $"/proc/{server.Pid}/task/{server.Pid}/children"))).Output);
        await host.SignalAsync(server.Pid, "KILL");
        await UntilSupervisorsAsync(host, 0);
    }

    [KernelFact]
    public async Task Supervisor_Dies_TheProgramGoesOnAndItsNextBindSaysWhy()
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(0, [Programs.Bindwise, "run", .. Server, "127.0.0.1", "8080", "again"]);
        await server.ReadyAsync();
        await UntilSupervisorsAsync(host, 1);
        await host.SignalAsync(Supervisors(host).Single(), "KILL");
        await UntilSupervisorsAsync(host, 0);
        Assert.True(await server.ReportAsync("next\n"));
        Assert.Equal("ENOSYS", JsonDocument.Parse(await server.LineAsync()).RootElement.GetProperty("error").GetString());
    }

    [KernelFact]
    public async Task Run_WithinRun_SaysThatTheOuterOneSupervises()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync([Programs.Bindwise, "run", Programs.Bindwise, "run", .. Server, "127.0.0.1", "8080"]);
        Assert.True(outcome.ExitCode == 0 && outcome.Output.Contains("\"reuse\": 1", StringComparison.Ordinal), outcome.ToString());
        Assert.Contains("(EBUSY, seccomp): this run adds nothing", outcome.Error, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("1@seccomp")]
    [InlineData("38@seccomp")]
    [InlineData("1@pidfd_getfd")]
    [InlineData("38@pidfd_open")]
    [InlineData("1@process_vm_readv")]
    public async Task Run_WhereTheSystemDoesNotAllowIt_SaysSoAndStartsTheProgram(string denied)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("filter.py"), denied, Programs.Bindwise, "run", .. Server, "127.0.0.1", "8080"]);
        Assert.True(outcome.ExitCode == 0 && outcome.Output.Contains("\"reuse\": 0", StringComparison.Ordinal), outcome.ToString());
        Assert.EndsWith(": this run adds nothing to the program\n", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(denied.Split('@')[1], outcome.Error, StringComparison.Ordinal);
        // Nor is it told of a port that it does not get.
        outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("filter.py"), denied, Programs.Bindwise, "run", "--port", "8080=auto",
            "sh", "-c", "echo ${BINDWISE_PORT_8080-none}"]);
        Assert.Equal("none\n", outcome.Output);
        Assert.DoesNotContain("becomes", outcome.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Run_AFileThatCannotBeWritten_IsSaidBeforeTheProgramStarts()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(Programs.Bindwise, "run", "--report", "/nowhere/at/all", "echo", "started");
        Assert.Equal((2, "", "bindwise: --report /nowhere/at/all cannot be written: no such file or folder\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [KernelTheory]
    [InlineData("users/report")]
    [InlineData("users/folder/victim")]
    public async Task Run_AFileThatALinkOfAnotherUserLeadsTo_IsNotWritten(string report)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync($"mkdir {host.Folder}/own {host.Folder}/users");
        await host.SetUpAsync($"touch {host.Folder}/own/victim");
        await host.SetUpAsync($"chown {TestHost.Nobody} {host.Folder}/users");
        var links = await host.RunAsAsync(TestHost.Nobody, null, "sh", "-c", $"ln -s {host.Folder}/own/victim {host.Folder}/users/report; ln -s {host.Folder}/own {host.Folder}/users/folder");
        Assert.Equal(0, links.ExitCode);
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var outcome = await host.RunAsync([Programs.Bindwise, "run", "--report", Path.Combine(host.Folder, report), .. Server, "127.0.0.1", "8080"]);
        Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(host.Folder, "own", "victim")));
        Assert.True(outcome.ExitCode == 2 && outcome.Output.Length == 0 && outcome.Error.Contains("symbolic link", StringComparison.Ordinal), outcome.ToString());

        await host.SetUpAsync($"ln -s {host.Folder}/own/victim {host.Folder}/own/link");
        outcome = await host.RunAsync([Programs.Bindwise, "run", "--report", Path.Combine(host.Folder, "own", "link"), .. Server, "127.0.0.1", "8080"]);
        Assert.True(outcome.ExitCode == 3, outcome.ToString());
        Assert.NotEmpty(await File.ReadAllTextAsync(Path.Combine(host.Folder, "own", "victim")));
    }

    private static IEnumerable<int> Supervisors(TestHost host) =>
        host.Processes.Commands().Where(static one => one.Value.Contains(" run --supervise", StringComparison.Ordinal)).Select(static one => one.Key);

    private static Task UntilSupervisorsAsync(TestHost host, int count) =>
        Patience.UntilAsync(() => Supervisors(host).Count() == count, string.Create(CultureInfo.InvariantCulture, $"{count} supervisors"));
}
