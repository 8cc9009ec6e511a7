using IsolatedProcess;

namespace Bindwise.AspNetCore.Tests.Processes;

/// <summary>A program that is started again while its former instance still has the port.</summary>
[Trait("Lane", "second")]
public sealed class RestartTests
{
    private const string Busy = "Bindwise:Fallback=5000";

    [IsolatedFact]
    public Task Restart_UnderDotnetWatch_WaitsForTheFormerInstance() => Body.RunAsync(static async () =>
    {
        await using var former = Start();
        await former.SaysAsync("Now listening on: http://localhost:5000");
        // It has the port and does not react.
        await former.SignalAsync("-STOP");
        await using var next = Start(("DOTNET_WATCH", "1"));
        await next.SaysAsync("Waiting up to ");
        await next.SaysAsync($"pid {former.Id}) ");
        Assert.False(next.HasExited, next.Text);
        await former.SignalAsync("-TERM");
        await former.SignalAsync("-CONT");
        await next.SaysAsync("Now listening on: http://localhost:5000");
        Assert.Equal("hello\n", await Web.GetAsync("http://[::1]:5000"));
        Assert.DoesNotContain("fail:", next.Text, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task Restart_Otherwise_FailsAtOnce_UnlessTheOptionsSayToWait() => Body.RunAsync(static async () =>
    {
        await using var former = Start();
        await former.SaysAsync("Now listening on: http://localhost:5000");
        await using (var next = Start())
            Assert.NotEqual(0, await next.EndAsync());
        await using var waiting = Start(("Bindwise__Retry__Timeout", "00:03:00"));
        await waiting.SaysAsync("Waiting up to ");
        Assert.False(waiting.HasExited, waiting.Text);
        await former.SignalAsync("-KILL");
        await waiting.SaysAsync("Now listening on: http://localhost:5000");
    });

    [IsolatedFact]
    public Task AnotherProgram_IsNotWaitedFor_UnderDotnetWatch() => Body.RunAsync(static async () =>
    {
        using var other = Web.Occupy(System.Net.IPAddress.Loopback, 5000);
        await using var next = Start(("DOTNET_WATCH", "1"));
        Assert.NotEqual(0, await next.EndAsync());
        await next.SaysAsync("127.0.0.1:5000/tcp is taken (EADDRINUSE)");
    });

    private static Started Start(params (string Name, string? Value)[] variables) => Started.Run("dotnet", ["exec", Started.PathOf("KestrelFallback"), "--" + Busy], variables);
}
