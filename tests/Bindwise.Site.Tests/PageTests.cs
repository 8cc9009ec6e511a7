using Microsoft.Playwright;

namespace Bindwise.Site.Tests;

/// <summary>
/// What a reader has of each page: no error, nothing to scroll sideways, nothing that shuts a reader out. BINDWISE_SITE_PAGES=all looks at every
/// page; else at one of each kind and language, and at a hundredth of the others, drawn from the run's seed.
/// </summary>
[Collection(SiteTests.Name)]
public sealed class PageTests(BuiltSite site)
{
    private static readonly int[] Widths = [360, 768, 1440];
    private static readonly ColorScheme[] Themes = [ColorScheme.Light, ColorScheme.Dark];

    public static TheoryData<string> Some
    {
        get
        {
            var draw = new Random(unchecked((int)Seed.Number));
            var kinds = new HashSet<string>(StringComparer.Ordinal);
            var data = new TheoryData<string>();
            foreach (var page in BuiltSite.Pages)
            {
                var isFirst = kinds.Add(Path.GetDirectoryName(page) ?? "");
                if (BuiltSite.IsAll || isFirst || draw.Next(100) == 0)
                    data.Add(page);
            }
            return data;
        }
    }

    [SiteTheory]
    [MemberData(nameof(Some))]
    public async Task Page_AtEachWidthAndTheme_FitsAndShutsNobodyOut(string address)
    {
        await using var open = await site.Open(address);
        var page = open.Page;
        if (await page.Locator(".player").CountAsync() > 0)
            await open.Player(address.StartsWith("zh/", StringComparison.Ordinal) ? "演示" : "Player");
        foreach (var theme in Themes)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            foreach (var width in Widths)
            {
                await page.SetViewportSizeAsync(width, 900);
                var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
                Assert.True(wide <= width, $"{address} is {wide} wide in a window of {width}");
            }
        }
        // The themes differ in their colours alone.
        Assert.Empty(await Axe.ViolationsAsync(open.Page, "color-contrast"));
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await page.SetViewportSizeAsync(Widths[0], 900);
        Assert.Empty(await Axe.ViolationsAsync(open.Page));
        await Keep(page, address, Widths[0]);
        await page.SetViewportSizeAsync(Widths[^1], 900);
        await Keep(page, address, Widths[^1]);
        Assert.Empty(open.Errors);
    }

    /// <summary>Keeps what is seen in artifacts/screens, to be looked at.</summary>
    private static async Task Keep(IPage page, string address, int width) => await page.ScreenshotAsync(new()
    {
        Path = Repository.File($"artifacts/screens/{address.Replace('/', '-')}-{width}.png"),
        Timeout = InstalledChromium.LimitMilliseconds,
    });
}
