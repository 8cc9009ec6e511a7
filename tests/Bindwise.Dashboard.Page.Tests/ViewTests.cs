using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

[assembly: AssemblyTrait("Lane", "second")]

namespace Bindwise.Dashboard.Page.Tests;

/// <summary>Every view at every width in both themes: no error, nothing to scroll sideways, nothing that shuts a reader out.</summary>
[Collection(PageTests.Name)]
public sealed class ViewTests(ServedHost host)
{
    private static readonly int[] Widths = [360, 768, 1440];
    private static readonly ColorScheme[] Themes = [ColorScheme.Light, ColorScheme.Dark];

    /// <summary>Each view's address, and what stands in it once it is there.</summary>
    public static TheoryData<string, string> Views => new()
    {
        { "", ".grid .row" },
        { "states", ".tcp-states .lit" },
        { "pressure", ".plot canvas" },
        { "failed-binds", ".events li" },
        { "history", "[data-id=no-recorder]" },
        { "lab", ".scenarios a" },
        { "lab?scenario=server-broken", "[aria-current=step]" },
        { "matrix", ".matrix td.bad" },
        { "why?target=8080", ".remedies" },
        { "why?target=8081", ".verdict.good" },
        { "explain?word=BW004", ".prose p" },
    };

    [PageTheory]
    [MemberData(nameof(Views))]
    public async Task View_AtEachWidthAndTheme_FitsAndShutsNobodyOut(string address, string content)
    {
        await using var open = await host.OpenAsync(address);
        var page = open.Page;
        await open.IsLiveAsync();
        if (address == "failed-binds")
            await host.FailABindAsync();
        await Expect(page.Locator(content).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        foreach (var theme in Themes)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            foreach (var width in Widths)
            {
                await page.SetViewportSizeAsync(width, 900);
                // One frame, in which what follows the width was drawn again.
                await page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
                var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
                Assert.True(wide <= width, $"{address} is {wide} wide in a window of {width}");
                Assert.Empty(await open.Violations());
                await open.KeepAsync($"{(address.Length == 0 ? "ports" : address.Replace('?', '-').Replace('=', '-'))}-{width}-{theme}".ToLowerInvariant());
            }
        }
        Assert.Empty(open.Errors);
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
            Assert.True(addresses.Add(open.Page.Url));
        }
        await open.Page.GoBackAsync();
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Lab");
        await open.Page.ReloadAsync();
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Lab");
        Assert.Empty(open.Errors);
    }

    /// <summary>First paint under a second, under 100 KB compressed, and uPlot only where it plots.</summary>
    [PageFact]
    public async Task FirstPaint_IsLightAndNeedsNoPlots()
    {
        await using var open = await host.OpenAsync("");
        await open.IsLiveAsync();
        var paint = await open.Page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0].startTime");
        var bytes = await open.Page.EvaluateAsync<double>(
            """() => [performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource').filter(each => !each.name.includes('/api/'))].reduce((sum, each) => sum + each.encodedBodySize, 0)""");
        var plots = "() => performance.getEntriesByType('resource').filter(each => new URL(each.name).pathname.split('/').at(-1).startsWith('uplot')).length";
        Assert.Equal(0, await open.Page.EvaluateAsync<int>(plots));
        Assert.InRange(bytes, 1, 100_000);
        await File.WriteAllTextAsync(Path.Combine(ServedHost.Root, "artifacts", "serve-figures.txt"), FormattableString.Invariant($"first paint {paint:F0} ms, {bytes:F0} bytes without plots\n"));
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Pressure" }).ClickAsync();
        await Expect(open.Page.Locator(".plot canvas").First).ToBeVisibleAsync();
        Assert.InRange(await open.Page.EvaluateAsync<int>(plots), 1, 5);
        Assert.Empty(open.Errors);
    }
}
