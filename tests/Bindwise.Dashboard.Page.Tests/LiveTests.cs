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
        await Expect(row).ToHaveCountAsync(1);
        await ServedHost.EndAsync(holder);
        await Expect(row).ToHaveCountAsync(0);
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
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Ask again" }).ClickAsync();
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
        await Expect(log).ToContainTextAsync("EADDRINUSE");
        await Expect(log).ToContainTextAsync("8080");
        Assert.Empty(open.Errors);
    }

    /// <summary>No recorder ran, and no page was open: the server itself keeps what failed.</summary>
    [PageFact]
    public async Task FailedBind_BeforeThePageWasOpened_IsShownOnce()
    {
        await host.ServeAsync("--port", "9913", "--dir", "/tmp/bindwise-no-record");
        await using (var before = await host.OpenAsync("matrix", "http://127.0.0.1:9913"))
            await before.IsLiveAsync();
        await host.FailABindAsync();
        await using var open = await host.OpenAsync("matrix", "http://127.0.0.1:9913");
        await open.IsLiveAsync();
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Failed binds" }).ClickAsync();
        var rows = open.Page.GetByRole(AriaRole.Log, new() { Name = "Failed binds" }).Locator("li").Filter(new() { HasText = "EADDRINUSE" });
        await Expect(rows).ToHaveCountAsync(1);
        await open.Page.ReloadAsync();
        await Expect(rows).ToHaveCountAsync(1);
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task Connection_WhenTheServerGoesAndComesBack_IsLostAndLiveAgain()
    {
        var server = await host.ServeAsync("--port", "9900");
        await using var open = await host.OpenAsync("failed-binds", "http://127.0.0.1:9900");
        await open.IsLiveAsync();
        await ServedHost.EndAsync(server);
        await Expect(open.Connection).ToContainTextAsync("lost");
        await open.KeepAsync("connection-lost");
        await host.ServeAsync("--port", "9900");
        await Expect(open.Connection).ToHaveTextAsync("Live");
        await host.FailABindAsync();
        await Expect(open.Page.GetByRole(AriaRole.Log, new() { Name = "Failed binds" })).ToContainTextAsync("EADDRINUSE");
        // The browser itself notes each refused request.
        Assert.All(open.Errors, static error => Assert.Contains("ERR_", error, StringComparison.Ordinal));
    }

    /// <summary>Who may not see failures does not say that there are none; the record's holders stand in its time line.</summary>
    [PageFact("setpriv")]
    public async Task FailedBinds_ThatCannotBeSeen_AreNotSaidToBeNone()
    {
        var server = host.Begin("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/tmp", ProgramUnderTest.Path, "serve",
            "--port", "9912", "--dir", "/tmp/bindwise-no-record");
        Assert.Contains("http", await server.StandardOutput.ReadLineAsync() ?? await server.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        await using var open = await host.OpenAsync("failed-binds", "http://127.0.0.1:9912");
        var view = open.Page.Locator("#view");
        await Expect(view).ToContainTextAsync("Failed binds are not seen");
        await Expect(view).ToContainTextAsync("There is no record in /tmp/bindwise-no-record");
        await Expect(view).ToContainTextAsync("No failed bind is known.");
        await Expect(view).Not.ToContainTextAsync("has failed since");
        Assert.Empty(open.Errors);
        await ServedHost.EndAsync(server);
    }

    /// <summary>Whether something failed is not known before the record and the host are read; what one of them answers is shown without the other.</summary>
    [PageFact]
    public async Task FailedBinds_WhoseRecordIsNotRead_AreNotSaidToBeNone()
    {
        await host.ServeAsync("--port", "9914", "--dir", "/tmp/bindwise-no-record");
        await using var open = await host.OpenAsync("matrix", "http://127.0.0.1:9914");
        await open.IsLiveAsync();
        var isBusy = new TaskCompletionSource();
        await open.Page.RouteAsync("**/api/v1/history?*", async route =>
        {
            await isBusy.Task;
            await route.FulfillAsync(new()
            {
                Status = 503,
                ContentType = "application/problem+json",
                Body = """{"title":"The server is busy","detail":"too many requests are being answered"}""",
            });
        });
        await open.Page.RouteAsync("**/api/v1/states", static route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """{"remarks":[{"id":"a","text":"half of it is seen"}]}""",
        }));
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Failed binds" }).ClickAsync();
        var view = open.Page.Locator("#view");
        await Expect(view).ToContainTextAsync("Reading the record");
        await Expect(view).ToContainTextAsync("Half of it is seen.");
        await Expect(view.Locator(".none")).ToHaveCountAsync(0);
        isBusy.SetResult();
        await Expect(view.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Too many requests are being answered.");
        await Expect(view).Not.ToContainTextAsync("Reading the record");
        await Expect(view).ToContainTextAsync("Half of it is seen.");
        await Expect(view.Locator(".none")).ToHaveCountAsync(0);
        await open.KeepAsync("record-busy");
        // It is read again by itself.
        await open.Page.UnrouteAllAsync();
        await Expect(view).ToContainTextAsync("No failed bind is known.");
        await Expect(view.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        // The browser itself notes what was refused.
        Assert.All(open.Errors, static error => Assert.Contains("503", error, StringComparison.Ordinal));
    }

    [PageFact]
    public async Task History_OfEverything_BeginsWithTheHolder()
    {
        await host.FailABindAsync();
        await using var open = await host.OpenAsync("history");
        await Expect(open.Page.Locator(".events li").Filter(new() { HasText = "was there already" }).Filter(new() { HasText = ":8080" }).First).ToBeVisibleAsync();
        Assert.Empty(open.Errors);
    }

    /// <summary>A trace of a Java program, whose last line has the port.</summary>
    [PageFact]
    public async Task Target_OfALongPastedError_IsReadWhole()
    {
        await using var open = await host.OpenAsync("states");
        await open.IsLiveAsync();
        await PasteAsync(string.Concat(Enumerable.Range(0, 200).Select(static line => $"\tat org.example.web.Server.method{line}(Server.java:{line})\n"))
            + "Caused by: java.net.BindException: Address already in use: /127.0.0.1:8080\n");
        await open.AddressEndsAsync("why?target=127.0.0.1%3A8080&also=127.0.0.1%3A8080%2Fudp");
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Why 127.0.0.1:8080");
        await PasteAsync("dns-1  | listen udp 0.0.0.0:5354: bind: address already in use\nweb-1  | listen tcp 127.0.0.1:8080: bind: address already in use\n");
        await open.AddressEndsAsync("why?target=0.0.0.0%3A5354%2Fudp&also=127.0.0.1%3A8080");
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Why 0.0.0.0:5354/udp");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "127.0.0.1:8080" }).ClickAsync();
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Why 127.0.0.1:8080");
        await PasteAsync(new string('x', 300_000));
        await Expect(open.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("at most 256 KiB");
        // A text that cannot be read stays, to be mended, until another view is opened.
        await PasteAsync("npm ERR! code 1\nnpm ERR! the build failed\n");
        await Expect(open.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("No address was found in that text");
        await Expect(open.Target).ToHaveValueAsync("npm ERR! code 1 npm ERR! the build failed");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "States" }).ClickAsync();
        await Expect(open.Target).ToHaveValueAsync("");
        // Back there, neither the text nor what was wrong with it stands.
        await open.Page.GoBackAsync();
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Why");
        await Expect(open.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);

        async Task PasteAsync(string text)
        {
            await open.Target.EvaluateAsync(
                """
                (field, text) => {
                  field.value = '';
                  const data = new DataTransfer();
                  data.setData('text/plain', text);
                  if (field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })))
                    field.value = text;
                }
                """, text);
            await open.Target.PressAsync("Enter");
        }
    }

    /// <summary>The server goes between the page and the program of its view: the page says so, and has the view once the server is back.</summary>
    [PageFact]
    public async Task View_WhoseProgramDidNotCome_IsLoadedOnceTheServerIsBack()
    {
        var server = await host.ServeAsync("--port", "9909");
        await using var open = await host.OpenAsync("matrix", "http://127.0.0.1:9909");
        await open.IsLiveAsync();
        await open.Page.RouteAsync("**/views/states.js", static route => route.AbortAsync());
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "States" }).ClickAsync();
        await Expect(open.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("could not be loaded");
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("States");
        await open.KeepAsync("view-not-loaded");
        Assert.Empty(await open.ViolationsAsync());
        await ServedHost.EndAsync(server);
        await Expect(open.Connection).ToContainTextAsync("lost");
        await open.Page.UnrouteAllAsync();
        await host.ServeAsync("--port", "9909");
        await Expect(open.Connection).ToHaveTextAsync("Live");
        await Expect(open.Page.GetByRole(AriaRole.Table, new() { Name = "TCP states" })).ToBeVisibleAsync();
        // The browser itself notes each refused request.
        Assert.All(open.Errors, static error => Assert.Contains("ERR_", error, StringComparison.Ordinal));
    }

    /// <summary>The network breaks again and again while binds fail: each of them is logged once.</summary>
    [PageFact("ss")]
    public async Task Connection_ThatBreaks_LosesNoEventAndShowsNoneTwice()
    {
        const int First = 8200, Count = 20;
        await host.ServeAsync("--port", "9905");
        var holder = await host.HoldAsync(First, Count);
        await using var open = await host.OpenAsync("failed-binds", "http://127.0.0.1:9905");
        var resumed = new List<string>();
        open.Page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/events", StringComparison.Ordinal) && request.Headers.TryGetValue("last-event-id", out var id))
                resumed.Add(id);
        };
        await open.IsLiveAsync();
        await host.RunAsync("bash", "-c", $$"""
            for port in {{{First}}..{{First + Count - 1}}}; do
              python3 -c "import socket
            try: socket.socket().bind(('127.0.0.1', $port))
            except OSError: pass"
              ss --kill state established '( sport = :9905 )' > /dev/null
            done
            """);
        var rows = open.Page.GetByRole(AriaRole.Log, new() { Name = "Failed binds" }).Locator("li");
        foreach (var port in Enumerable.Range(First, Count))
            await Expect(rows.Filter(new() { HasText = $":{port}" })).ToHaveCountAsync(1);
        Assert.NotEmpty(resumed);
        await open.IsLiveAsync();
        // The browser itself notes each broken connection.
        Assert.All(open.Errors, static error => Assert.Contains("ERR_", error, StringComparison.Ordinal));
        await ServedHost.EndAsync(holder);
    }

    /// <summary>Where all streams are taken, the page comes back after the pause that it is asked for, and is live as soon as one is given back.</summary>
    [PageFact]
    public async Task Connection_WhereAllStreamsAreTaken_WaitsAsItIsAskedTo()
    {
        await host.ServeAsync("--port", "9906", "--max-streams", "1");
        await using var first = await host.OpenAsync("matrix", "http://127.0.0.1:9906");
        await first.IsLiveAsync();
        await using var second = await host.OpenAsync("matrix", "http://127.0.0.1:9906");
        await Expect(second.Connection).ToContainTextAsync("lost");
        // By the page's own clock: when its requests are told here is another matter.
        await second.Page.EvaluateAsync("""
            () => {
                const send = window.fetch;
                window.asked = [];
                window.fetch = (address, ...rest) => {
                    if (String(address).endsWith('/events')) window.asked.push(performance.now());
                    return send(address, ...rest);
                };
            }
            """);
        for (var refused = 0; refused < 3; refused++)
            await second.Page.WaitForResponseAsync(static response => response.Url.EndsWith("/events", StringComparison.Ordinal) && response.Status == 429);
        await first.DisposeAsync();
        await second.IsLiveAsync();
        var asked = await second.Page.EvaluateAsync<double[]>("() => window.asked");
        Assert.InRange(asked.Length, 3, int.MaxValue);
        // Two seconds, as Retry-After says; a timer may be a little early.
        Assert.All(asked.Zip(asked.Skip(1)), static pair => Assert.InRange(pair.Second - pair.First, 1_990, double.MaxValue));
        Assert.All(second.Errors, static error => Assert.Contains("429", error, StringComparison.Ordinal));
    }

    [PageFact]
    public async Task Token_IsAskedForOnce_AndKeptFromScripts()
    {
        var file = Repository.File("artifacts/serve/token");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "correct-horse-battery-staple-0123456789");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        await host.ServeAsync("--port", "9901", "--token-file", file);
        await using var open = await host.OpenAsync("states", "http://127.0.0.1:9901");
        var field = open.Page.GetByLabel("Token", new() { Exact = true }).And(open.Page.Locator("input"));
        await Expect(field).ToHaveAttributeAsync("type", "password");
        Assert.Empty(await open.ViolationsAsync());
        await open.KeepAsync("token");
        await field.FillAsync("wrong");
        await field.PressAsync("Enter");
        await Expect(open.Page.Locator("#token-fault")).ToHaveTextAsync("That is not the token.");
        await field.FillAsync("correct-horse-battery-staple-0123456789");
        await field.PressAsync("Enter");
        await open.IsLiveAsync();
        await Expect(open.Page.Locator(".tcp-states .lit").First).ToBeVisibleAsync();
        await Expect(open.Page.Locator("#view")).ToBeFocusedAsync();
        Assert.Equal("", await open.Page.EvaluateAsync<string>("() => document.cookie"));
        await open.Page.ReloadAsync();
        await open.IsLiveAsync();
        // The browser itself notes each 401.
        Assert.All(open.Errors, static error => Assert.Contains("40", error, StringComparison.Ordinal));
        File.Delete(file);
    }
}
