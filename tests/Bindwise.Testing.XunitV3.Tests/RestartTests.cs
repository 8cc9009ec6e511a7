using System.Runtime.Versioning;

namespace Bindwise.Testing.XunitV3.Tests;

/// <summary>The assertion under xunit 3: what it throws fails the test with the diagnosis.</summary>
[SupportedOSPlatform("linux")]
public sealed class RestartTests
{
    [Fact]
    public async Task Kestrel_CanRestart()
    {
        var report = await RestartAssertion.CanRestartAsync(new RestartOptions
        {
            Program = "dotnet",
            Arguments = ["exec", PathOf("KestrelFallback"), "--urls", "http://localhost:{port}"],
            Talk = RestartOptions.HttpGet("/"),
        }, TestContext.Current.CancellationToken);
        Assert.Equal([RestartStop.Kill, RestartStop.Terminate], report.Rounds.Select(static one => one.Stop));
        Assert.All(report.Rounds, static round => Assert.Equal(4, round.Accepted));
    }

    [Fact]
    public async Task ServerWithoutReuseAddress_CannotRestart_AndTheTestSaysWhy()
    {
        // The server could not bind beside the lease's own socket.
        using var lease = PortLease.Take(new PortLeaseOptions { HoldsPort = false });
        var failure = await Assert.ThrowsAsync<RestartException>(() => RestartAssertion.CanRestartAsync(new RestartOptions
        {
            Program = "dotnet",
            Arguments = ["exec", PathOf("AddressUsed"), "{port}"],
            Port = lease.Port,
        }, TestContext.Current.CancellationToken));
        Assert.Equal((RestartStage.Restart, Verdict.Blocked), (failure.Stage, failure.Diagnosis!.Verdict));
        Assert.Contains($"{lease.Port}/tcp is taken (EADDRINUSE)", failure.Message, StringComparison.Ordinal);
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");
}
