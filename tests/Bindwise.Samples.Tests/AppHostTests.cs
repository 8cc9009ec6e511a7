using System.Diagnostics;
using System.Globalization;
using IsolatedProcess;

namespace Bindwise.Samples.Tests;

/// <summary>The sample of an app host: what the user is told when the fixed port of an endpoint is taken, proxied and not.</summary>
[Trait("Lane", "second")]
public sealed class AppHostTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [IsolatedTheory]
    [InlineData("proxied")]
    [InlineData("direct")]
    public Task Endpoint_OnAFreePort_Answers(string mode) => Body.RunAsync(static async mode =>
    {
        using var host = Programs.Start([.. AppHost, mode, "5000", .. Programs.Sample("library/AppHostWeb")]);
        var output = await UntilAsync(host, "Application started");
        Assert.Contains(mode == "direct" ? "Now listening on: http://localhost:5000" : "Now listening on: http://localhost:", output, StringComparison.Ordinal);
        Assert.Equal(mode == "direct", output.Contains("Now listening on: http://localhost:5000", StringComparison.Ordinal));
        using var client = new HttpClient { Timeout = Limit };
        Assert.Equal("hello\n", await client.GetStringAsync(new Uri("http://127.0.0.1:5000")));
        Assert.Equal("hello\n", await client.GetStringAsync(new Uri("http://[::1]:5000")));
        await TerminateAsync(host);
    }, mode);

    [IsolatedTheory("python3")]
    [InlineData("proxied", "127.0.0.1")]
    [InlineData("direct", "127.0.0.1")]
    [InlineData("proxied", "::1")]
    public Task Endpoint_WhoseFixedPortIsTaken_IsNotStarted_AndTheAppHostSaysByWhom(string mode, string address) => Body.RunAsync(static async (mode, address) =>
    {
        using var holder = await HoldAsync(address);
        var (code, output, errors) = await Programs.RunAsync(Limit, [.. AppHost, mode, "5000", .. Programs.Sample("library/AppHostWeb")]);
        Assert.True(code == 1, errors);
        Assert.Contains($"is taken (EADDRINUSE): {Holder(holder)} listens on ", output, StringComparison.Ordinal);
        Assert.Contains($" kill {holder.Id}\n", output, StringComparison.Ordinal);
        Assert.EndsWith("web: FailedToStart, its endpoint needs port 5000\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("web: Running", output, StringComparison.Ordinal);
        holder.Kill();
    }, mode, address);

    // As where the port is taken between the look and the bind: no app host can close that gap.
    [IsolatedFact("python3")]
    public Task Resource_WhosePortIsTaken_SaysByWhom_AndItsExitCodeTellsIt() => Body.RunAsync(static async () =>
    {
        using var holder = await HoldAsync("127.0.0.1");
        var (code, output, errors) = await Programs.RunAsync(Limit, [.. AppHost, "--unchecked", "direct", "5000", .. Programs.Sample("library/AppHostWeb")]);
        Assert.True(code == 98, errors);
        Assert.Contains($"[web]       Failed to bind to address http://localhost:5000: address already in use. 127.0.0.1:5000/tcp is taken (EADDRINUSE): {Holder(holder)} listens on 127.0.0.1:5000.", output, StringComparison.Ordinal);
        Assert.EndsWith("web: Exited, code 98\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", output, StringComparison.Ordinal);
        holder.Kill();
    });

    // What the check is for: without it the resource runs, looks well, and nobody is told.
    [IsolatedFact("python3")]
    public Task Proxy_WhosePortIsTaken_AndThatNobodyAskedAbout_NamesNobody() => Body.RunAsync(static async () =>
    {
        using var holder = await HoldAsync("127.0.0.1");
        using var host = Programs.Start([.. AppHost, "--unchecked", "proxied", "5000", .. Programs.Sample("library/AppHostWeb")]);
        // The proxy's complaint and the resource's state come from two processes, in any order.
        var output = await UntilAsync(host, "Application started", "could not start the proxy", "web: Running");
        Assert.Contains("could not start the proxy for the service: listen tcp localhost:5000: ", output, StringComparison.Ordinal);
        Assert.Contains("web: Running", output, StringComparison.Ordinal);
        Assert.DoesNotContain("python3", output, StringComparison.Ordinal);
        await TerminateAsync(host);
        holder.Kill();
    });

    private static string[] AppHost => Programs.Sample("library/AppHost");

    private static string Holder(Process holder) => string.Create(CultureInfo.InvariantCulture, $"python3 (pid {holder.Id})");

    private static async Task<Process> HoldAsync(string address)
    {
        var holder = Programs.Start("/usr/bin/python3", "-c", $"import socket\ns = socket.create_server(('{address}', 5000), family=socket.{(address.Contains(':', StringComparison.Ordinal) ? "AF_INET6" : "AF_INET")})\nprint('ready', flush=True)\nwhile True: s.accept()");
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync().WaitAsync(Limit));
        return holder;
    }

    private static async Task<string> UntilAsync(Process host, params string[] words)
    {
        var lines = new List<string>();
        while (Array.Find(words, one => !lines.Exists(line => line.Contains(one, StringComparison.Ordinal))) is { } missing)
            lines.Add(await host.StandardOutput.ReadLineAsync().WaitAsync(Limit) ?? throw new InvalidOperationException($"it ended without '{missing}':\n{string.Join('\n', lines)}"));
        return string.Join('\n', lines);
    }

    private static async Task TerminateAsync(Process host)
    {
        await Programs.RunAsync(Limit, "/bin/kill", "-TERM", host.Id.ToString(CultureInfo.InvariantCulture));
        Assert.Contains("web: Exited", await host.StandardOutput.ReadToEndAsync().WaitAsync(Limit), StringComparison.Ordinal);
        await host.WaitForExitAsync().WaitAsync(Limit);
    }
}
