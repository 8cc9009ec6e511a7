using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bindwise.Dashboard.Page.Tests;

/// <summary>What happens on the host is seen without anything being asked, and a connection that is lost is shown and mended.</summary>
[Collection(PageTests.Name)]
public sealed class LiveTests(ServedHost host)
{
    [PageFact]
    public async Task Ports_AppearAndGo()
    {
        await using var open = await host.OpenAsync("");
        await open.IsLiveAsync();
        var row = open.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "8097" });
        await Expect(row).ToHaveCountAsync(0);
        var holder = await host.HoldAsync(8097);
        await Expect(row).ToHaveCountAsync(1, new() { Timeout = 30_000 });
        await ServedHost.EndAsync(holder);
        await Expect(row).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        Assert.Empty(open.Errors);
    }

    /// <summary>The answer is not asked for again by itself: its probe could be in a server's way. That it is old is said.</summary>
    [PageFact]
    public async Task Why_OfAPortThatChanges_SaysSo_AndIsAskedAgainByHand()
    {
        await using var open = await host.OpenAsync("why?target=8095");
        await open.IsLiveAsync();
        var verdict = open.Page.GetByRole(AriaRole.Status, new() { Name = "Verdict" });
        await Expect(verdict).ToContainTextAsync("8095/tcp is free");
        var holder = await host.HoldAsync(8095);
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Ask again" }).ClickAsync(new() { Timeout = 30_000 });
        await Expect(verdict).ToContainTextAsync("8095/tcp is taken");
        await ServedHost.EndAsync(holder);
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task FailedBind_IsLoggedWithItsReason_OnWhicheverViewItHappens()
    {
        await using var open = await host.OpenAsync("matrix");
        await open.IsLiveAsync();
        await host.FailABindAsync();
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Failed binds" }).ClickAsync();
        var log = open.Page.GetByRole(AriaRole.Log, new() { Name = "Failed binds" });
        await Expect(log).ToContainTextAsync("EADDRINUSE", new() { Timeout = 30_000 });
        await Expect(log).ToContainTextAsync("8080");
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task Connection_WhenTheServerGoesAndComesBack_IsLostAndLiveAgain()
    {
        var server = await host.ServeAsync("--port", "9900");
        await using var open = await host.OpenAsync("failed-binds", "http://127.0.0.1:9900");
        await open.IsLiveAsync();
        await ServedHost.EndAsync(server);
        await Expect(open.Connection).ToContainTextAsync("lost", new() { Timeout = 30_000 });
        await open.KeepAsync("connection-lost");
        await host.ServeAsync("--port", "9900");
        await Expect(open.Connection).ToHaveTextAsync("Live", new() { Timeout = 60_000 });
        await host.FailABindAsync();
        await Expect(open.Page.GetByRole(AriaRole.Log, new() { Name = "Failed binds" })).ToContainTextAsync("EADDRINUSE", new() { Timeout = 30_000 });
        // The browser itself notes each refused request.
        Assert.All(open.Errors, static error => Assert.Contains("ERR_", error, StringComparison.Ordinal));
    }

    [PageFact]
    public async Task Token_IsAskedForOnce_AndKeptFromScripts()
    {
        var file = Path.Combine(ServedHost.Root, "artifacts", "serve", "token");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "correct-horse-battery-staple-0123456789");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        await host.ServeAsync("--port", "9901", "--token-file", file);
        await using var open = await host.OpenAsync("states", "http://127.0.0.1:9901");
        var field = open.Page.GetByLabel("Token", new() { Exact = true }).And(open.Page.Locator("input"));
        await Expect(field).ToHaveAttributeAsync("type", "password");
        Assert.Empty(await open.Violations());
        await open.KeepAsync("token");
        await field.FillAsync("wrong");
        await field.PressAsync("Enter");
        await Expect(open.Page.Locator("#token-fault")).ToBeVisibleAsync();
        await field.FillAsync("correct-horse-battery-staple-0123456789");
        await field.PressAsync("Enter");
        await open.IsLiveAsync();
        await Expect(open.Page.Locator(".tcp-states .lit").First).ToBeVisibleAsync();
        Assert.Equal("", await open.Page.EvaluateAsync<string>("() => document.cookie"));
        await open.Page.ReloadAsync();
        await open.IsLiveAsync();
        // The browser itself notes each 401.
        Assert.All(open.Errors, static error => Assert.Contains("40", error, StringComparison.Ordinal));
        File.Delete(file);
    }
}
