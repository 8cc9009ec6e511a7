using System.Net;
using System.Text.RegularExpressions;
using IsolatedProcess;

namespace Bindwise.AspNetCore.Tests.Processes;

/// <summary>The samples as the programs that they are, and what their failed start prints beside Kestrel's own.</summary>
[Trait("Lane", "second")]
public sealed partial class SampleTests
{
    [IsolatedFact]
    public Task KestrelFallback_StartedTwice_TakesTheNextPort_AndSaysWhoHasTheFirst() => Body.RunAsync(static async () =>
    {
        await using var first = Started.Sample("KestrelFallback");
        await first.SaysAsync("Now listening on: http://localhost:5000");
        await using var second = Started.Sample("KestrelFallback");
        await second.SaysAsync("Now listening on: http://localhost:5001");
        Assert.Contains($"5000 is taken by dotnet (pid {first.Id}): listening on 5001", second.Text, StringComparison.Ordinal);
        Assert.Equal("hello\n", await Web.GetAsync("http://127.0.0.1:5001"));
        Assert.Equal("Healthy", await Web.GetAsync("http://[::1]:5001/healthz"));
        await first.SignalAsync("-TERM");
        Assert.Equal(0, await first.EndAsync());
        await using var third = Started.Sample("KestrelFallback");
        await third.SaysAsync("Now listening on: http://localhost:5000");
    });

    [IsolatedFact("setpriv")]
    public Task KestrelFallback_WhosePortIsDenied_TakesTheOneForThat_AndSaysSo() => Body.RunAsync(static async () =>
    {
        string[] sample = ["dotnet", "exec", Started.PathOf("KestrelFallback"), "--urls=http://localhost:443", "--Bindwise:FallbackByPort:443=8443"];
        await using var app = Started.Run("setpriv", ["--bounding-set=-net_bind_service", .. sample]);
        await app.SaysAsync("Now listening on: http://localhost:8443");
        await app.SaysAsync("443 is denied (EACCES): listening on 8443");
        await using var unexplained = Started.Run("setpriv", ["--bounding-set=-net_bind_service", .. sample[..^1], "--Bindwise:FallbackByPort:443=8444", "--Bindwise:ExplainFailures=false"]);
        await unexplained.SaysAsync("443 is taken or denied: listening on 8444");
    });

    [IsolatedFact("setpriv")]
    public Task KestrelFallback_WithoutTheRightToSeeTheHolder_SaysSo() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var app = Started.Run("setpriv", ["--bounding-set=-all", "dotnet", "exec", Started.PathOf("KestrelFallback")]);
        await app.SaysAsync("5000 is taken by a process that this program cannot see, probably another user's: listening on 5001");
    });

    [IsolatedFact]
    public Task HandsOver_ThatIsHungUp_StartsItsSuccessor_AndRefusesNobody() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-");
        await using var first = Started.Run(
            "dotnet",
            ["exec", Started.PathOf("HandsOver"), "--urls=http://127.0.0.1:8080"],
            ("Bindwise__HandOver__Path", Path.Combine(folder.FullName, "hand-over.sock")), ("Bindwise__HandOver__ConnectionGracePeriod", "00:00:01"));
        await first.SaysAsync("Now listening on: http://127.0.0.1:8080");
        Assert.Equal($"hello from {first.Id}\n", await Web.GetAsync("http://127.0.0.1:8080"));
        await first.SignalAsync("-HUP");
        await first.SaysAsync("The listening sockets were handed over to process");
        var next = int.Parse((await Web.GetAsync("http://127.0.0.1:8080")).Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);
        Assert.NotEqual(first.Id, next);
        await Eventually.SucceedsAsync(() =>
        {
            Assert.True(first.HasExited);
            return Task.CompletedTask;
        });
        using var successor = System.Diagnostics.Process.GetProcessById(next);
        successor.Kill();
        folder.Delete(recursive: true);
    });

    [IsolatedFact]
    public Task TestHost_StartsManyAtOnce_EachOnItsOwnPort() => Body.RunAsync(static async () =>
    {
        await using var hosts = Started.Sample("TestHostSample", "8");
        Assert.Equal(0, await hosts.EndAsync());
        await hosts.SaysAsync("answers host", times: 8);
        Assert.Equal(8, hosts.Lines.Select(static line => AnswerLine().Match(line).Groups[1].Value).Distinct().Count());
    });

    [IsolatedFact]
    public Task FailedStart_OnTheConsole_IsOneLineFromEach_WithoutAStack() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        // The whole of the configuration's fallback is the port that is taken.
        await using var ours = Started.Sample("KestrelFallback", "--Bindwise:Fallback=5000");
        Assert.NotEqual(0, await ours.EndAsync());
        const string Short = "Bindwise.AspNetCore.StartupBindException: Failed to bind to address http://localhost:5000: address already in use. 127.0.0.1:5000/tcp is taken (EADDRINUSE): Bindwise.AspNetCore.Tests.dll (dotnet, pid ";
        await ours.SaysAsync("Unhandled exception. " + Short);
        await ours.SaysAsync("      " + Short);
        await ours.SaysAsync("fail: Bindwise[7]");
        Assert.Single(ours.Lines, static line => line.Contains(" Next: ", StringComparison.Ordinal));
        Assert.DoesNotMatch(StackLine(), ours.Text);
        Assert.InRange(ours.Lines.Count, 6, 12);
    });

    [IsolatedFact]
    public Task StartThatIsStoppedWhileItWaits_OnTheConsole_IsOneLineFromEach_WithoutAStack() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var app = Started.Sample("KestrelFallback", "--Bindwise:Retry:Timeout=infinite", "--Bindwise:Retry:RetryOn=OtherListeners");
        await app.SaysAsync("Waiting: ");
        await app.SignalAsync("-TERM");
        _ = await app.EndAsync();
        await app.SaysAsync("OperationCanceledException: Stopped while waiting: 127.0.0.1:5000/tcp is taken (EADDRINUSE): ", times: 2);
        Assert.DoesNotMatch(StackLine(), app.Text);
        Assert.InRange(app.Lines.Count, 4, 10);
    });

    [IsolatedFact]
    public Task WrongOptions_OnTheConsole_AreTheirSentencesTwice_WithoutAStack() => Body.RunAsync(static async () =>
    {
        await using var app = Started.Sample("KestrelFallback", "--Bindwise:Fallback=all", "--Bindwise:Retry:Timeout=30");
        Assert.NotEqual(0, await app.EndAsync());
        await app.SaysAsync("Unhandled exception. Microsoft.Extensions.Options.OptionsValidationException: Bindwise:Retry:Timeout is '30'; write hours:minutes:seconds, such as 00:00:30.");
        await app.SaysAsync("Bindwise:Fallback cannot be read: 'all' is not a port or range of ports", times: 2);
        Assert.Equal(6, app.Lines.Count);
    });

    [GeneratedRegex(@"^http://localhost:(\d+) answers host \d$")]
    private static partial Regex AnswerLine();

    [GeneratedRegex(@"^\s+at ", RegexOptions.Multiline)]
    private static partial Regex StackLine();
}
