using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bindwise.Dashboard.Page.Tests;

/// <summary>Every view at every width in both themes: no error, nothing to scroll sideways, nothing that shuts a reader out.</summary>
[Collection(PageTests.Name)]
public sealed class ViewTests(ServedHost host)
{
    private static readonly int[] Widths = [360, 768, 1440];
    private static readonly ColorScheme[] Themes = [ColorScheme.Light, ColorScheme.Dark];

    private const string Fleet =
        """
        {"hosts":[{"instance":"web-1","up":true,"ephemeral":{"destination":"10.0.0.5:5432","used":25000,"size":28232,"fullAt":"2126-11-24T23:00:00Z"},
        "bindFailures":[{"cause":"listener","program":"nginx","count":12}]},{"instance":"web-2","up":false,"ephemeral":null,"bindFailures":[]}],
        "changes":[{"instance":"web-1","port":8081,"program":"node","change":"appeared"}],
        "remarks":[{"id":"listeners-left-out","text":"web-1 lists 100 of its 131 listeners."}]}
        """;

    /// <summary>Each view's address, and what stands in it once it is there.</summary>
    public static TheoryData<string, string> Views => new()
    {
        { "", ".grid .row" },
        { "states", ".tcp-states .lit" },
        { "pressure", ".plot canvas" },
        { "failed-binds", ".events li" },
        { "history", ".time-line .mark" },
        { "lab", ".scenarios a" },
        { "lab?scenario=server-broken", "[aria-current=step]" },
        { "lab?scenario=reuse-time-wait&case=new-only", "[aria-current=step]" },
        { "matrix", ".matrix td.bad" },
        { "why?target=8080", ".remedies" },
        { "why?target=8081", ".verdict.good" },
        { "explain?word=BW004", ".prose p" },
    };

    /// <summary>What a call gave stands at the end of its text, at the right end of the picture.</summary>
    [PageTheory]
    [InlineData("lab?scenario=close-active&case=client-first&step=16")]
    [InlineData("lab?scenario=port-zero")]
    public async Task Segments_OfALongCall_ShowWhatItGave(string address)
    {
        await using var open = await host.OpenAsync(address);
        await Expect(open.Page.Locator(".segments-view svg.sequence")).ToBeVisibleAsync();
        Assert.Empty(await open.Page.EvaluateAsync<string[]>("""
            () => {
                const svg = document.querySelector('.segments-view svg.sequence');
                const right = svg.getBoundingClientRect().right;
                return [...svg.querySelectorAll('text')].filter(text => text.getBoundingClientRect().right > right + 1).map(text => text.textContent);
            }
            """));
        Assert.Empty(open.Errors);
    }

    /// <summary>CLOSED stands twice in the diagram; a socket that is only bound is where connections begin.</summary>
    [PageFact]
    public async Task States_OfASocketThatIsOnlyBound_StandOnce()
    {
        await using var open = await host.OpenAsync("lab?scenario=close-active&case=client-first&step=2");
        await Expect(open.Page.Locator(".states-view .said")).ToHaveTextAsync("CLOSED: server");
        Assert.Equal(1, await open.Page.Locator(".states-view text.lit").CountAsync());
    }

    [PageFact]
    public async Task History_OfAnotherSpan_ShowsIt()
    {
        await using var open = await host.OpenAsync("history?since=2h");
        await Expect(open.Page.GetByLabel("Since")).ToHaveValueAsync("2h");
    }

    [PageTheory]
    [InlineData(12, "12 addresses", "")]
    [InlineData(13, "12 of 13 addresses", "And 1 more address: choose a port or a program.")]
    public async Task History_OfMoreAddressesThanAreDrawn_SaysSo(int addresses, string drawn, string told)
    {
        await using var open = await host.OpenAsync("");
        var events = Enumerable.Range(8000, addresses).Select(static port =>
            $$"""{"time":"2026-11-24T03:12:07Z","event":"listen","protocol":"tcp","address":"127.0.0.1:{{port}}","pid":5,"program":"node","result":"ok","reason":null,"cause":null,"count":1,"limits":[]}""");
        await open.Page.RouteAsync("**/api/v1/history*", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = $$"""{"events":[{{string.Join(',', events)}}],"inferred":[],"remarks":[]}""",
        }));
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "History" }).ClickAsync();
        await Expect(open.Page.Locator(".lanes svg")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex($"^{drawn}, "));
        Assert.Equal(told, string.Concat(await open.Page.Locator(".time-line .none").AllTextContentsAsync()));
        Assert.Empty(open.Errors);
    }

    /// <summary>Neither does it say that it reads, nor show what was read for another question.</summary>
    [PageFact]
    public async Task Question_ThatIsNotUnderstood_HasNoAnswer()
    {
        await using var open = await host.OpenAsync("?filter=8080");
        await Expect(open.Page.Locator(".grid .row")).ToHaveCountAsync(1);
        await open.Page.GetByLabel("Filter").FillAsync("8080-1");
        await Expect(open.Page.Locator("#filter-fault")).Not.ToBeEmptyAsync();
        await Expect(open.Page.Locator(".grid .row")).ToHaveCountAsync(0);
        await Expect(open.Page.Locator(".heading")).Not.ToContainTextAsync("Reading");
        await open.Page.GetByLabel("Filter").FillAsync("8080");
        await Expect(open.Page.Locator(".grid .row")).ToHaveCountAsync(1);
        await using var history = await host.OpenAsync("history?since=soon");
        await Expect(history.Page.Locator("main")).ToContainTextAsync("is not a time");
        await Expect(history.Page.Locator(".heading")).Not.ToContainTextAsync("Reading");
    }

    [PageTheory]
    [MemberData(nameof(Views))]
    public async Task View_AtEachWidthAndTheme_FitsAndShutsNobodyOut(string address, string content)
    {
        await using var open = await host.OpenAsync(address);
        var page = open.Page;
        await open.IsLiveAsync();
        if (address is "failed-binds" or "history")
            await host.FailABindAsync();
        await Expect(page.Locator(content).First).ToBeVisibleAsync();
        await FitsAsync(open, address.Length == 0 ? "ports" : address.Replace('?', '-').Replace('=', '-'));
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task Links_OnAPhone_AreAllInSight()
    {
        await using var open = await host.OpenAsync("");
        await open.Page.SetViewportSizeAsync(360, 900);
        var links = open.Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link);
        await Expect(links).ToHaveCountAsync(7);
        foreach (var link in await links.AllAsync())
            Assert.InRange(await link.EvaluateAsync<double>("link => link.getBoundingClientRect().right"), 1, 360);
    }

    /// <summary>A process calls itself as it likes; a sentence about it stays one.</summary>
    [PageFact]
    public async Task Names_WithCharactersThatReorderText_AreEscaped()
    {
        await using var open = await host.OpenAsync("");
        await open.Page.RouteAsync("**/api/v1/ports*", static route => route.FulfillAsync(new()
        {
            Json = new
            {
                ports = new[]
                {
                    new
                    {
                        protocol = "tcp", target = "3000/tcp", port = 3000, path = (string?)null, name = "x)\u202e5 dip", pid = 5, processCount = 1, ownerHidden = false,
                        user = "\u001b[2J", container = (string?)null, unit = (string?)null, projectFolder = (string?)null, since = (string?)null, connections = 0,
                        sockets = new[] { new { address = "127.0.0.2", device = (string?)null, dualStack = (bool?)null, state = "LISTEN", cookie = 7 } },
                        warnings = Array.Empty<object>(),
                    },
                },
                remarks = new[] { new { id = "a", text = "first clause" }, new { id = "b", text = "the second one" } },
            },
        }));
        await open.Page.ReloadAsync();
        var row = open.Page.Locator(".grid .row").Last;
        await Expect(row).ToContainTextAsync(@"x)\u{202E}5 dip");
        await Expect(row).ToContainTextAsync(@"\e[2J");
        await Expect(open.Page.GetByRole(AriaRole.List, new() { Name = "Remarks" }).GetByRole(AriaRole.Listitem)).ToHaveTextAsync(["First clause.", "The second one."]);
        // The row stands for its own address.
        await Expect(row.GetByRole(AriaRole.Link)).ToHaveAttributeAsync("href", "why?target=127.0.0.2%3A3000");
    }

    [PageFact]
    public async Task Links_LeadToViewsWithAddressesOfTheirOwn()
    {
        await using var open = await host.OpenAsync("");
        var links = open.Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link);
        await Expect(links).ToHaveTextAsync(["Ports", "States", "Pressure", "Failed binds", "History", "Lab", "Matrix"]);
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        foreach (var link in await links.AllAsync())
        {
            await link.ClickAsync();
            await Expect(link).ToHaveAttributeAsync("aria-current", "page");
            await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(await link.InnerTextAsync());
            await Expect(open.Target).ToBeVisibleAsync();
            await Expect(open.Page).ToHaveURLAsync(await link.EvaluateAsync<string>("link => link.href"));
            Assert.True(addresses.Add(open.Page.Url));
        }
        await open.Page.GoBackAsync();
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Lab");
        await open.Page.ReloadAsync();
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Lab");
        Assert.Empty(open.Errors);
    }

    /// <summary>On a phone a list takes the place of the columns' heads.</summary>
    [PageFact]
    public async Task Sort_OnAPhone_StandsBesideItsNameAndSorts()
    {
        await using var open = await host.OpenAsync("");
        await open.Page.SetViewportSizeAsync(360, 900);
        var list = open.Page.GetByRole(AriaRole.Combobox, new() { Name = "Sort by" });
        await Expect(open.Page.Locator(".grid .row").First).ToBeVisibleAsync();
        // Both at once: what is still being loaded moves them.
        var at = await list.EvaluateAsync<double[]>("""
            list => {
                const [place, name] = [list, list.labels[0]].map(each => each.getBoundingClientRect());
                return [place.left, place.top, place.bottom, name.right, (name.top + name.bottom) / 2];
            }
            """);
        Assert.InRange(at[4], at[1], at[2]);
        Assert.True(at[3] < at[0]);
        await list.SelectOptionAsync("Program");
        await open.AddressEndsAsync("?sort=program");
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task History_WithoutARecorder_SaysWhatToDo()
    {
        await host.ServeAsync("--port", "9902", "--dir", "/nowhere");
        await using var open = await host.OpenAsync("history", "http://127.0.0.1:9902");
        await Expect(open.Page.GetByRole(AriaRole.List, new() { Name = "Remarks" })).ToContainTextAsync("bindwise record");
        Assert.Empty(open.Errors);
    }

    /// <summary>A server hands over to the next at the same address, and a program has the UDP port beside them.</summary>
    [PageFact]
    public async Task TimeLine_OfAnAddressThatTwoHave_EndsWithTheLastOfThem()
    {
        await using var open = await host.OpenAsync("");
        await open.Page.RouteAsync("**/api/v1/history?*", static route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = $$"""{"events":[{{string.Join(',', Event("listen", 1), Event("bind", 2, 9, "udp"), Event("listen", 3, 8), Event("closed", 4), Event("closed", 5, 9, "udp"), Event("bind-failed", 6, 6))}}],"inferred":[],"remarks":[]}""",
        }));
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "History" }).ClickAsync();
        await Expect(open.Page.Locator(".lanes li")).ToHaveTextAsync(["0.0.0.0:8080", "0.0.0.0:8080/udp"]);
        var spans = open.Page.Locator(".lanes .span");
        await Expect(spans).ToHaveCountAsync(2);
        // To the end of the picture, which is 900 wide.
        await Expect(spans.First).ToHaveAttributeAsync("x", "6");
        await Expect(spans.First).ToHaveAttributeAsync("width", "894");
        Assert.Empty(open.Errors);

        static string Event(string kind, int second, int pid = 7, string protocol = "tcp") =>
            $$"""{"schema":"bindwise.event/1","time":"2026-11-24T03:12:0{{second}}Z","pid":{{pid}},"event":"{{kind}}","protocol":"{{protocol}}","call":null,"address":"0.0.0.0:8080","result":"ok","reason":null,"cause":null,"summary":null,"previousPid":null,"program":"x","count":1,"limits":[],"diagnosis":null}""";
    }

    /// <summary>What a program calls itself is text, whatever it says.</summary>
    [PageFact]
    public async Task Names_OfHostilePrograms_AreText()
    {
        const string Name = "<img src=x onerror=document.title=1>";
        var holder = await host.HoldAsync(8096, name: Name);
        await using var open = await host.OpenAsync("why?target=8096");
        await Expect(open.Page.GetByRole(AriaRole.Table, new() { Name = "Sockets in the way" })).ToContainTextAsync(Name);
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Ports" }).ClickAsync();
        await Expect(open.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "8096" })).ToHaveCountAsync(1);
        await open.Page.GotoAsync($"{ServedHost.Origin}/why?target=%3Cimg%20src=x%3E");
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("<img src=x>");
        await Expect(open.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Expect(open.Page.Locator("img")).ToHaveCountAsync(0);
        await ServedHost.EndAsync(holder);
    }

    /// <summary>With the documents of docs/serve.md in the place of a Prometheus, which the tests of the server have.</summary>
    [PageFact]
    public async Task Fleet_ShowsHostsFailuresHoldersAndChanges()
    {
        await host.ServeAsync("--port", "9903", "--prometheus", "http://127.0.0.1:9");
        await using var open = await host.OpenAsync("", "http://127.0.0.1:9903");
        await open.Page.RouteAsync("**/api/v1/fleet", static route => route.FulfillAsync(new() { ContentType = "application/json", Body = Fleet }));
        await open.Page.RouteAsync("**/api/v1/fleet/ports/8080", static route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """{"port":8080,"holders":[{"instance":"web-1","address":"0.0.0.0","program":"nginx"}],"remarks":[]}""",
        }));
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Fleet" }).ClickAsync();
        await Expect(open.Page.GetByRole(AriaRole.Table, new() { Name = "Hosts" })).ToContainTextAsync("89 %");
        await Expect(open.Page.GetByRole(AriaRole.Table, new() { Name = "Hosts" })).ToContainTextAsync("in more than a year");
        await Expect(open.Page.GetByRole(AriaRole.Table, new() { Name = "Failed binds" })).ToContainTextAsync("listener");
        await Expect(open.Page.GetByRole(AriaRole.Table, new() { Name = "Changes" })).ToContainTextAsync("appeared");
        await open.Page.GetByRole(AriaRole.Textbox, new() { Name = "Who listens on TCP port" }).FillAsync("8080");
        await open.Page.Keyboard.PressAsync("Enter");
        await Expect(open.Page.GetByRole(AriaRole.Table, new() { Name = "Listeners on TCP port 8080" })).ToContainTextAsync("nginx");
        await FitsAsync(open, "fleet");
        Assert.Empty(open.Errors);
    }

    /// <summary>With a real Prometheus, which scrapes the host's own server.</summary>
    [PageFact("prometheus")]
    public async Task Fleet_OfARealPrometheus_ShowsTheHostItsFailuresAndWhoHoldsAPort()
    {
        var folder = Repository.File("artifacts/serve/prometheus");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), """
            global: {scrape_interval: 5s, scrape_timeout: 5s}
            scrape_configs: [{job_name: bindwise, static_configs: [{targets: ['127.0.0.1:9876']}]}]
            """);
        var prometheus = host.Begin("prometheus", $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:9091",
            "--log.level=error");
        await host.ServeAsync("--port", "9907", "--prometheus", "http://127.0.0.1:9091");
        await host.FailABindAsync();
        await using var open = await host.OpenAsync("fleet", "http://127.0.0.1:9907");
        var page = open.Page;
        // The page asks each half minute; what Prometheus has not scraped by then is there when it is loaded anew.
        var failures = page.GetByRole(AriaRole.Table, new() { Name = "Failed binds" });
        var limit = System.Diagnostics.Stopwatch.StartNew();
        do
        {
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(4), await page.InnerTextAsync("main"));
            await page.ReloadAsync();
            await Expect(page.Locator("main")).ToContainTextAsync("Where binds fail");
        }
        while (await failures.CountAsync() == 0);
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Hosts" })).ToContainTextAsync("127.0.0.1:9876");
        await Expect(failures).ToContainTextAsync("listener");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Changes" })).ToContainTextAsync("8080");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Who listens on TCP port" }).FillAsync("8080");
        // Asked again where Prometheus has just missed a scrape, or has not answered in time: the page asks only when it is told to.
        var holders = page.GetByRole(AriaRole.Table, new() { Name = "Listeners on TCP port 8080" });
        do
        {
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(8), await page.InnerTextAsync("main"));
            await page.Keyboard.PressAsync("Enter");
            await Expect(holders.Or(page.GetByText("No host lists a listener on it.")).Or(page.GetByRole(AriaRole.Alert)).First).ToBeVisibleAsync();
        }
        while (await holders.CountAsync() == 0);
        await Expect(holders).ToContainTextAsync("127.0.0.1:9876");
        await ServedHost.EndAsync(prometheus);
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("Prometheus");
        // The browser itself notes what Prometheus did not answer, or not in time.
        Assert.All(open.Errors, static error => Assert.Matches("50[24]", error));
    }

    /// <summary>First paint under a second, under 100 KB compressed, and uPlot only where it plots.</summary>
    [PageFact]
    public async Task FirstPaint_IsLightAndNeedsNoPlots()
    {
        await using var open = await host.OpenAsync("");
        await open.IsLiveAsync();
        var paint = await open.Page.EvaluateAsync<double>("""
            () => new Promise(told => new PerformanceObserver(list => {
                const [paint] = list.getEntriesByName('first-contentful-paint');
                if (paint !== undefined) told(paint.startTime);
            }).observe({ type: 'paint', buffered: true }))
            """);
        var bytes = await open.Page.EvaluateAsync<double>(
            """() => [performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource').filter(each => !each.name.includes('/api/'))].reduce((sum, each) => sum + each.encodedBodySize, 0)""");
        var plots = "() => performance.getEntriesByType('resource').filter(each => new URL(each.name).pathname.split('/').at(-1).startsWith('uplot')).length";
        Assert.Equal(0, await open.Page.EvaluateAsync<int>(plots));
        Assert.InRange(bytes, 1, 100_000);
        await File.WriteAllTextAsync(Repository.File("artifacts/serve-figures.txt"), FormattableString.Invariant($"first paint {paint:F0} ms, {bytes:F0} bytes without plots\n"));
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Pressure" }).ClickAsync();
        await Expect(open.Page.Locator(".plot canvas").First).ToBeVisibleAsync();
        Assert.InRange(await open.Page.EvaluateAsync<int>(plots), 1, 5);
        Assert.Empty(open.Errors);
    }

    private static async Task FitsAsync(OpenPage open, string name)
    {
        var page = open.Page;
        foreach (var theme in Themes)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            foreach (var width in Widths)
            {
                await page.SetViewportSizeAsync(width, 900);
                // Two frames, in which what follows the width is drawn again.
                await page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
                var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
                Assert.True(wide <= width, $"{name} is {wide} wide in a window of {width}");
                Assert.Empty(await open.ViolationsAsync());
                await open.KeepAsync($"{name}-{width}-{theme}".ToLowerInvariant());
            }
        }
    }
}
