using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Processes and file systems that hold up whoever looks at them: the answer comes all the same, and says what was not looked at.</summary>
[Trait("Lane", "second")]
public sealed class StuckTests
{
    private const string Listener = "tcp 0.0.0.0 8080 listen";

    [KernelFact]
    public async Task Why_HolderStuckInExecve_IsNamedByRoot()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("stick.py", "0 1 " + Listener);
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        var stuck = Assert.Single(program.Numbers("stuck"));
        Assert.Equal(stuck, Assert.Single(answer.Owners).Pid);
        Assert.Equal($"1 process could not be inspected: stuck in the kernel (pid {stuck}).", Assert.Single(answer.Limits, IsStuck).Text);
        var told = (await host.ReportAsync("8080")).Output;
        Assert.Contains("it is stuck in the kernel, and ends only when what it waits for", told, StringComparison.Ordinal);
        Assert.Contains("could not be inspected: stuck in the kernel", told, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_HolderStuckInExecve_IsAskedAboutWithoutRoot()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("stick.py", $"{TestHost.Nobody} 1 {Listener}");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "owner-hidden");
        answer.Has(answer.Summary.Contains("a process that could not be inspected listens on 0.0.0.0:8080", StringComparison.Ordinal), "the process that could not be inspected");
        Assert.Contains($"pid {Assert.Single(program.Numbers("stuck"))}", Assert.Single(answer.Limits, IsStuck).Text, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData(0)]
    [InlineData(TestHost.Nobody)]
    public async Task Why_ManyStuckProcesses_HideNobodyElse(int user)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("stick.py", $"{TestHost.Daemon} 40");
        var holder = await host.StartScriptAsAsync(user, "hold.py", Listener);
        var answer = await host.WhyAsAsync(user, "8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(holder.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_FreePortBesideAStuckProcess_IsFree()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("stick.py", $"{TestHost.Nobody} 1");
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_AsAStuckProcess_Answers()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("stick.py", "0 1");
        var outcome = await host.ReportAsync($"8080 --pid {Assert.Single(program.Numbers("stuck"))}");
        Assert.True(outcome.ExitCode is 0 or 2, outcome.ToString());
    }

    [KernelFact]
    public async Task Why_CallerStartedByAStuckProcess_Answers()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("stick.py", "0 3 " + Listener);
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8081 listen");
        foreach (var port in new[] { "8080", "8081" })
            (await host.WhyAsync(port)).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelTheory]
    [InlineData("exe")]
    [InlineData("cwd")]
    public async Task Why_HolderOnASilentFileSystem_IsNamed(string where)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("run_on_silent_fs.py", $"{where} {Listener}");
        var answer = await host.WhyAsync("8080");
        Assert.Equal("blocked", answer.Verdict);
        Assert.Equal(program.Number("server"), Assert.Single(answer.Owners).Pid);
    }

    [KernelTheory]
    [InlineData("unix:{0}/file")]
    [InlineData("8080 --netns {0}/file")]
    public async Task Why_PathOnASilentFileSystem_SaysSo(string words)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("run_on_silent_fs.py", "cwd " + Listener);
        var asker = host.Start(0, [Programs.Bindwise, "why", .. string.Format(CultureInfo.InvariantCulture, words, program.Word("folder")).Split(' ')]);
        await Patience.UntilAsync(() => asker.Error.Contains("its file system does not answer", StringComparison.Ordinal), "the error's line");
        // Not even SIGKILL ends a wait for a server of FUSE that has taken the request.
        await host.SignalAsync(program.Number("filesystem"), "KILL");
        await Patience.UntilAsync(() => asker.HasEnded, "the end");
        Assert.Equal(2, asker.ExitCode);
    }

    [KernelTheory]
    [InlineData("mkfifo {0}/zone", "{0}/zone")]
    [InlineData("true", "/dev/zero")]
    public async Task Why_TimeZoneThatIsNoFile_IsLeftAside(string setUp, string zone)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync(setUp.Replace("{0}", host.Folder, StringComparison.Ordinal));
        var outcome = await host.RunAsync("env", "TZ=" + zone.Replace("{0}", host.Folder, StringComparison.Ordinal), Programs.Bindwise, "why", "8080");
        Assert.True(outcome is { ExitCode: 0, Error: "bindwise: TZ names no time zone file, so times are shown in this system's time zone\n" }, outcome.ToString());
    }

    [KernelFact]
    public async Task Follow_HolderStuckInExecve_GoesOnWhenItEnds()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("stick.py", "0 1 " + Listener);
        var follower = host.Start(0, Programs.Bindwise, "why", "8080", "--follow");
        Assert.StartsWith("8080/tcp is taken", await follower.LineAsync(), StringComparison.Ordinal);
        await host.SignalAsync(program.Number("server"), "KILL");
        await host.SignalAsync(Assert.Single(program.Numbers("stuck")), "KILL");
        await Patience.UntilAsync(() => follower.HasEnded, "the end of the following");
        Assert.Equal(0, follower.ExitCode);
    }

    [KernelTheory]
    [InlineData("run")]
    [InlineData("run --hold --restart never")]
    [InlineData("audit")]
    public async Task Program_SupervisedBesideAStuckProcess_StartsAndEnds(string verb)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("stick.py", $"{TestHost.Daemon} 1");
        var outcome = await host.RunAsync([Programs.Bindwise, .. verb.Split(' '), "--", "sh", "-c", "echo done"]);
        Assert.True(outcome.ExitCode == 0 && (outcome.Output + outcome.Error).Contains("done", StringComparison.Ordinal), outcome.ToString());
    }

    // Its own child hangs in execve(), and it can still be told to stop.
    [KernelFact]
    public async Task Hold_OfAProgramWithAStuckChild_EndsWhenItIsToldTo()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "pid");
        var program = host.Start(0, "/bin/sh", "-c", $"echo $$ > {file}; exec {Programs.Bindwise} run --hold --stop-timeout=1s -- python3 -B -S {Programs.Script("stick.py")} {TestHost.Daemon} 1");
        await program.ReadyAsync();
        await host.SignalAsync(int.Parse(await File.ReadAllTextAsync(file), CultureInfo.InvariantCulture), "TERM");
        await Patience.UntilAsync(() => program.HasEnded, "the end");
        Assert.Equal(143, program.ExitCode);
    }

    [KernelFact]
    public async Task Record_OfACallerAndAHolderThatGotStuck_TellsThemAndWhatComesAfter()
    {
        await using var host = await TestHost.OpenAsync();
        // By a shell: nsenter stops with the program that it started, and does not go on with it.
        var record = await Recording.Record.StartAsync(host, before: ["sh", "-c", "\"$@\" & wait $!", "sh"]);
        await record.CensusAsync();
        var holder = await host.StartScriptAsync("stick.py", $"{TestHost.Daemon} 1 close {Listener}");
        await Patience.UntilAsync(() => record.Events("listen").Count > 0, "the listener");
        // The recorder comes to look at both only when they are stuck.
        var recorder = await Recording.Record.PidAsync(host);
        await host.SignalAsync(recorder, "STOP");
        var stuck = Assert.Single(holder.Numbers("stuck"));
        await host.SignalAsync(stuck, "USR1");
        Assert.Equal("stuck", await holder.LineAsync());
        var caller = await host.StartScriptAsync("stick.py", $"{TestHost.Daemon} 1 fail tcp 192.0.2.1 8081");
        await host.SignalAsync(recorder, "CONT");
        await UntilToldAsync("closed", "0.0.0.0:8080");
        await UntilToldAsync("bind-failed", "192.0.2.1:8081");
        host.Start(0, "python3", "-S", "-c", "import socket\ntry: socket.socket().bind(('192.0.2.1', 8082))\nexcept OSError: pass");
        await UntilToldAsync("bind-failed", "192.0.2.1:8082");
        // The threads that it lost end with what they wait for.
        await host.SignalAsync(holder.Number("server"), "KILL");
        await host.SignalAsync(caller.Number("server"), "KILL");
        await record.StopAsync(host);

        Task UntilToldAsync(string kind, string address) => Patience.UntilAsync(
            () => record.Events(kind).Exists(told => told.GetProperty("address").GetString() == address), $"{kind} of {address}");
    }

    [KernelFact]
    public async Task Ask_OfTheLibraryBesideAStuckProcess_Answers()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("stick.py", $"{TestHost.Nobody} 2");
        // The processes of a host are processes of this system as well.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var diagnosis = await Task.Run(() => PortDiagnostics.Diagnose(PortQuery.Parse(listener.LocalEndPoint!.ToString()!))).WaitAsync(Patience.OfAWait);
        Assert.Equal(Environment.ProcessId, Assert.Single(Assert.Single(diagnosis.Blockers).Owners).Process.Id);
    }

    private static bool IsStuck(AnswerRemark limit) => limit.Id == "processes-stuck";
}
