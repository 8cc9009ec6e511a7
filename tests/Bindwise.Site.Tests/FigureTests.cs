using System.Globalization;
using System.IO.Compression;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bindwise.Site.Tests;

/// <summary>What a reader waits for (site/README.md). Weights are checked; times are written to artifacts/site-figures.txt, since a machine may be busy.</summary>
[Collection(SiteTests.Name)]
public sealed class FigureTests(BuiltSite site)
{
    private const long MostBytes = 100_000;

    private const string Longest = "() => Math.max(0, ...performanceObserved)";

    // Told from the page's first moment on.
    private const string Observe =
        "() => { window.performanceObserved = []; new PerformanceObserver(list => performanceObserved.push(...list.getEntries().map(one => one.duration))).observe({ type: 'longtask', buffered: true }); }";

    /// <summary>The home page and all that it loads, but for the player and the model.</summary>
    [SiteFact]
    public async Task Home_OutsideOfPlay_IsBelowAHundredKilobytes()
    {
        var loaded = new HashSet<string>(StringComparer.Ordinal) { "index.html" };
        await using var open = await site.Open("index.html", "UTC", page => page.Request += (_, request) => loaded.Add(new Uri(request.Url).AbsolutePath.TrimStart('/')));
        await open.Player();
        loaded.Remove("");
        var weights = loaded.Where(static path => !path.StartsWith("play/", StringComparison.Ordinal)).ToDictionary(static path => path, static path => Weight(Path.Combine(BuiltSite.Folder, path)));
        Assert.InRange(weights.Count, 3, 20);
        Assert.True(weights.Values.Sum() < MostBytes, string.Join(", ", weights));
        Assert.Contains(loaded, static path => path.EndsWith(".wasm", StringComparison.Ordinal));
    }

    [SiteFact]
    public async Task Times_OfHomeAndPlayer_AreKept()
    {
        var figures = new List<(string What, double Milliseconds)>();
        await using (var home = await site.Open("index.html", "UTC"))
        {
            var paint = await home.Page.EvaluateAsync<double>(
                "() => new Promise(told => new PerformanceObserver(list => told(list.getEntries().at(-1).startTime)).observe({ type: 'largest-contentful-paint', buffered: true }))");
            Assert.True(paint > 0);
            figures.Add(("home: largest paint, nothing cached", paint));
        }
        figures.Add(("player: can be used, from the cache of a browser's profile", await FromCache()));
        await using var open = await site.Open("play/index.html");
        await open.Page.EvaluateAsync(Observe);
        var player = await open.Player();
        await player.GetByRole(AriaRole.Textbox, new() { Name = "Scenario" }).FillAsync(
            string.Concat(Enumerable.Range(0, 150).Select(static index => $"a{index} = tcp 127.0.0.1:{8000 + index} listen\n")) + "z = tcp 127.0.0.1:8000\n");
        await Expect(player.GetByRole(AriaRole.Status, new() { Name = "Verdict" })).ToContainTextAsync("bind z 127.0.0.1:8000");
        await open.Page.Keyboard.TypeAsync(" ");
        foreach (var tab in new[] { "What if", "Matrix", "My error", "Scenario" })
            await player.GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();
        await Expect(player.GetByRole(AriaRole.Status, new() { Name = "Verdict" })).ToBeVisibleAsync();
        figures.Add(("player: the longest that its page was busy, with a scenario of 452 steps that is pasted, typed into, and each tab", await open.Page.EvaluateAsync<double>(Longest)));
        await File.WriteAllLinesAsync(Repository.File("artifacts/site-figures.txt"),
            figures.Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Milliseconds,8:F0} ms  {one.What}")));
    }

    /// <summary>Milliseconds from the start of the visit; of the second visit, or, with BINDWISE_SITE_PAGES=all, the least of five.</summary>
    private async Task<double> FromCache()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-");
        try
        {
            await using var browser = await site.WithProfile(folder.FullName);
            var times = new List<double>();
            for (var visit = 0; visit < (BuiltSite.IsAll ? 6 : 2); visit++)
            {
                var page = await browser.NewPageAsync();
                await page.GotoAsync($"{BuiltSite.Origin}/play/index.html");
                var ready = await page.WaitForFunctionAsync("() => document.querySelector('.player[aria-busy=false]') && performance.now()");
                times.Add(await ready.JsonValueAsync<double>());
                if (BuiltSite.IsAll)
                    await page.WaitForTimeoutAsync(1500);
                await page.CloseAsync();
            }
            return times.Skip(1).Min();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static long Weight(string file)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(File.ReadAllBytes(file));
        return compressed.Length;
    }
}
