using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Freeing;

/// <summary>`bindwise free` with a person at a terminal.</summary>
[Trait("Lane", "second")]
public sealed class FreeTerminalTests
{
    private const string Listens = "tcp 127.0.0.1 8080 reuseaddr listen";

    [KernelTheory]
    [InlineData(80)]
    [InlineData(20)]
    public async Task Free_Yes_DoesItAndSaysSo(int columns)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        var outcome = await host.FreeInTerminalAsync("y", "127.0.0.1:8080", columns: columns);
        Assert.True(outcome.ExitCode == 0 && outcome.Output.Contains("Do it? [y/N] ", StringComparison.Ordinal) && outcome.Output.Contains("is free.", StringComparison.Ordinal), outcome.ToString());
        Assert.False(host.Lives(server.Pid));
    }

    [KernelTheory]
    [InlineData("y", 0)]
    [InlineData("n", 1)]
    public async Task Free_AnotherUsersServer_IsNamedAndRootIsAsked(string answer, int exitCode)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsAsync(TestHost.Daemon, "hold.py", Listens);
        var outcome = await host.FreeInTerminalAsync(answer, "127.0.0.1:8080");
        Assert.True(outcome.ExitCode == exitCode && outcome.Flat.Contains(" of user daemon Do it? [y/N] ", StringComparison.Ordinal), outcome.ToString());
        Assert.Equal(answer != "y", host.Lives(server.Pid));
    }

    [KernelTheory]
    [InlineData("n")]
    [InlineData("")]
    [InlineData("yo")]
    public async Task Free_AnyOtherAnswer_DoesNothing(string answer)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        var outcome = await host.FreeInTerminalAsync(answer, "127.0.0.1:8080");
        Assert.True(outcome.ExitCode == 1 && outcome.Output.Contains("Nothing was done.", StringComparison.Ordinal), outcome.ToString());
        Assert.True(host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Free_CtrlCAtTheQuestion_DoesNothingAndEndsWith130()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        var outcome = await host.FreeInTerminalAsync("^C", "127.0.0.1:8080");
        Assert.True(outcome.ExitCode == 130 && outcome.Output.Contains("Nothing was done.", StringComparison.Ordinal), outcome.ToString());
        Assert.True(host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Free_CtrlCInTheWait_TellsWhatWasDoneAndEndsWith130()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("ignore_term.py", Listens);
        const string Words = "free 127.0.0.1:8080 --yes --grace 3m --json";
        var run = host.Start(0, "/bin/sh", "-c", $"echo '{{\"pid\":'$$'}}'; exec {Programs.Bindwise} {Words}");
        await run.ReadyAsync();
        Assert.Equal("SIGTERM", await server.LineAsync());
        await host.SignalAsync(run.Pid, "INT");
        var answer = await run.LineAsync();
        await run.EndAsync();
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("\"outcome\":\"failed\",\"reason\":\"interrupted\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"result\":\"done\"", answer, StringComparison.Ordinal);
        Assert.True(host.Lives(server.Pid));
    }

    // Whether it stays free is not known, wherever between the end of the server and that of the watch it is interrupted.
    [KernelFact]
    public async Task Free_CtrlCAfterTheEndOfTheServer_EndsWith130()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        const string Words = "free 127.0.0.1:8080 --yes --settle 3m --json";
        var run = host.Start(0, "/bin/sh", "-c", $"echo '{{\"pid\":'$$'}}'; exec {Programs.Bindwise} {Words}");
        await run.ReadyAsync();
        await server.EndAsync();
        await host.SignalAsync(run.Pid, "INT");
        var answer = await run.LineAsync();
        await run.EndAsync();
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("\"outcome\":\"failed\",\"reason\":\"interrupted\"", answer, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Free_AClosedPipe_EndsQuietlyWithNothingHalfDone()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        var outcome = await host.RunAsync("/bin/bash", "-c", $"{Programs.Bindwise} free 127.0.0.1:8080 --yes --grace 3m | true; echo ${{PIPESTATUS[0]}}");
        Assert.True(outcome.Output == "0\n" && outcome.Error.Length == 0, outcome.ToString());
    }
}
