using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bindwise.Site.Tests;

/// <summary>How readers find their way: questions, search, languages, the classics.</summary>
[Collection(SiteTests.Name)]
public sealed class ReadingTests(BuiltSite site)
{
    /// <summary>Three, drawn from the run's seed; all with BINDWISE_SITE_PAGES=all.</summary>
    public static TheoryData<string> Classics
    {
        get
        {
            var all = BuiltSite.Pages.Where(static page => page.StartsWith("classics/", StringComparison.Ordinal) && !page.EndsWith("index.html", StringComparison.Ordinal)).ToArray();
            new Random(unchecked((int)Seed.Number)).Shuffle(all);
            return new(BuiltSite.IsAll ? all : all.Take(3));
        }
    }

    /// <summary>What is said of the call that failed in the article's program, and that none fails in the one that works.</summary>
    [SiteTheory]
    [MemberData(nameof(Classics))]
    public async Task Classic_AsPrinted_Fails_AndWhatWorks_Works(string address)
    {
        await using var open = await site.Open(address);
        foreach (var (region, fails) in new[] { ("As printed", true), ("What works", false) })
        {
            var player = open.Page.GetByRole(AriaRole.Region, new() { Name = region, Exact = true }).GetByRole(AriaRole.Group, new() { Name = "Player" });
            await Expect(player).ToHaveAttributeAsync("aria-busy", "false");
            var verdict = player.GetByRole(AriaRole.Status, new() { Name = "Verdict" });
            await Expect(verdict.GetByText(fails ? "✗" : "✓")).ToHaveCountAsync(1);
            Assert.Equal(fails, await player.Locator(".steps .bad").CountAsync() > 0);
            await Expect(player.GetByRole(AriaRole.Textbox, new() { Name = "Command" })).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("^bindwise lab run [a-z0-9.-]+$"));
        }
        await Expect(open.Page.Locator("[data-claim][data-verdict] .verdict").First).ToBeVisibleAsync();
        await Expect(open.Page.Locator("[data-language]").First).ToBeVisibleAsync();
        Assert.Empty(open.Errors);
    }

    /// <summary>Each in two clicks from the home page: the links to follow, and what the last page says.</summary>
    [SiteTheory]
    [InlineData("My server does not start after Ctrl+C", "Ctrl+C")]
    [InlineData("lsof shows nothing", "TIME_WAIT")]
    [InlineData("Can two processes share a port?", "SO_REUSEPORT")]
    [InlineData("What does SO_REUSEADDR do on Windows?", "SO_EXCLUSIVEADDRUSE")]
    [InlineData("What is TIME_WAIT for?", "acknowledgement")]
    public async Task Question_OfAStranger_IsAnsweredWithinTwoClicks(string question, string answer)
    {
        await using var open = await site.Open("index.html");
        await open.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = question }).ClickAsync();
        await Expect(open.Page.GetByRole(AriaRole.Main)).ToContainTextAsync(answer);
    }

    [SiteTheory]
    [InlineData("index.html", "Search", "TIME_WAIT", "Search the site")]
    [InlineData("zh/causes/time-wait.html", "搜索", "监听", "搜索本站")]
    public async Task Search_FindsAPage_WithoutAnotherServer(string address, string button, string words, string box)
    {
        await using var open = await site.Open(address);
        // Left while its model is being loaded, a page notes that as an error.
        if (await open.Page.Locator(".player").CountAsync() > 0)
            await open.Player();
        await open.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        var dialog = open.Page.GetByRole(AriaRole.Dialog, new() { Name = button });
        await dialog.GetByRole(AriaRole.Searchbox, new() { Name = box }).FillAsync(words);
        await dialog.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(open.Page.GetByRole(AriaRole.Main)).ToContainTextAsync(words);
        Assert.Empty(open.Errors);
    }

    [SiteFact]
    public async Task Language_Switched_KeepsThePage()
    {
        await using var open = await site.Open("causes/time-wait.html#why-it-happens");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "简体中文" }).ClickAsync();
        await Expect(open.Page).ToHaveURLAsync($"{BuiltSite.Origin}/zh/causes/time-wait.html#why-it-happens");
        await Expect(open.Page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");
        await Expect(open.Page.GetByRole(AriaRole.Link, new() { Name = "BW005" }).First).ToHaveAttributeAsync("hreflang", "en");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "English", Exact = true }).ClickAsync();
        await Expect(open.Page).ToHaveURLAsync($"{BuiltSite.Origin}/causes/time-wait.html#why-it-happens");
    }

    [SiteFact]
    public async Task Theme_Chosen_StaysOnTheNextPage()
    {
        await using var open = await site.Open("causes/time-wait.html", "UTC");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        await open.Page.GotoAsync($"{BuiltSite.Origin}/terms/time-wait.html");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Dark" })).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(open.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
    }

    [SiteFact]
    public async Task Claims_AreElementsWithTheirIdsAndVerdicts()
    {
        await using var open = await site.Open("claims/index.html#tw-length");
        var claims = open.Page.Locator("[data-claim][data-verdict]");
        Assert.True(await claims.CountAsync() >= 44);
        await Expect(open.Page.Locator("#tw-length")).ToHaveAttributeAsync("data-verdict", "true");
        await Expect(open.Page.Locator("#reuse-time-wait")).ToHaveAttributeAsync("data-verdict", "conditional");
    }
}
