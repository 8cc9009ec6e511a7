using System.Diagnostics;
using System.Net;

namespace Bindwise.Dashboard.Tests;

/// <summary>Freeing a port: only what was shown, only with its tag, and only where that was allowed.</summary>
[Trait("Lane", "second")]
public sealed class FreeTests
{
    [IsolatedFact("python3")]
    public Task Free_DoesWhatWasShown_AndOnlyOnce() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--allow-actions");
        using var holder = await HoldAsync();
        var plan = await PostAsync(served, """{"target": "8080", "dryRun": true}""");
        Assert.Equal(("would-free", holder.Id), ((string)plan.Json["outcome"]!, (int)plan.Json["actions"]![0]!["pid"]!));
        Assert.False(holder.HasExited);
        (await PostAsync(served, """{"target": "8080"}""")).IsProblem(428, "no-plan");
        (await PostAsync(served, """{"target": "8080"}""", "\"another\"")).IsProblem(412, "plan-changed");
        // The tag is of that target.
        (await PostAsync(served, """{"target": "8081"}""", plan.Tag)).IsProblem(412, "plan-changed");
        Assert.False(holder.HasExited);

        var done = await PostAsync(served, """{"target": "8080"}""", plan.Tag);
        Assert.Equal((HttpStatusCode.OK, "freed"), (done.Status, (string)done.Json["outcome"]!));
        await holder.WaitForExitAsync().WaitAsync(ServedProgram.Patience);
        (await PostAsync(served, """{"target": "8080"}""", plan.Tag)).IsProblem(412, "plan-changed");
    });

    [IsolatedFact("python3")]
    public Task Free_OfAnotherHolderThanWasShown_DoesNothing() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--allow-actions");
        using var shown = await HoldAsync();
        var plan = await PostAsync(served, """{"target": "8080", "dryRun": true}""");
        shown.Kill();
        await shown.WaitForExitAsync();
        using var other = await HoldAsync();
        (await PostAsync(served, """{"target": "8080"}""", plan.Tag)).IsProblem(412, "plan-changed");
        Assert.False(other.HasExited);
        other.Kill();
    });

    [IsolatedFact("python3")]
    public Task Free_ByTwoWithOneTag_IsDoneOnce() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--allow-actions");
        using var holder = await HoldAsync();
        var plan = await PostAsync(served, """{"target": "8080", "dryRun": true}""");
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => PostAsync(served, """{"target": "8080"}""", plan.Tag)));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed], both.Select(static one => one.Status).Order());
    });

    [IsolatedFact("python3")]
    public Task Free_WithoutTheWord_IsForbidden() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        using var holder = await HoldAsync();
        foreach (var body in new[] { """{"target": "8080", "dryRun": true}""", """{"target": "8080"}""" })
            (await PostAsync(served, body, "\"x\"")).IsProblem(403, "no-actions");
        Assert.False(holder.HasExited);
        Assert.False((bool)(await served.GetAsync("/api/v1/session")).Json["actions"]!);
        holder.Kill();
    });

    private static Task<Answer> PostAsync(ServedProgram served, string body, string? tag = null) =>
        served.SendAsync(HttpMethod.Post, "/api/v1/free", body, headers: tag is null ? [] : [("If-Match", tag)]);

    private static async Task<Process> HoldAsync()
    {
        var process = Process.Start(new ProcessStartInfo("python3",
            ["-c", "import socket, sys\ns = socket.socket()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.bind(('127.0.0.1', 8080))\ns.listen()\nprint('ready', flush=True)\nsys.stdin.read()"])
        { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync().WaitAsync(ServedProgram.Patience));
        return process;
    }
}
