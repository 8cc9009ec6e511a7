using System.Collections;
using Microsoft.Playwright;

namespace Bindwise.Site.Tests;

/// <summary>
/// The site as site/build made it, a plain file server, and Chromium to look at it, both in a network of their own (serve-browser), started once for
/// all tests.
/// </summary>
public sealed class BuiltSite : IAsyncLifetime
{
    /// <summary>Where the browser believes the site to be.</summary>
    public const string Origin = "http://localhost";

    private static readonly string Served = Repository.File("tests/Bindwise.Site.Tests/serve-browser");

    private IPlaywright? _playwright;
    private IBrowser? _chromium;
    private IBrowserContext? _reader;
    private OpenPage? _playerPage;

    /// <summary>The folder of the site.</summary>
    public static string Folder { get; } = Repository.File("artifacts/site");

    /// <summary>The addresses of all pages, below the root, in the order of their names.</summary>
    public static IReadOnlyList<string> Pages { get; } = Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*.html", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Whether to look at everything (BINDWISE_SITE_PAGES=all), which takes minutes.</summary>
    public static bool IsAll { get; } = Environment.GetEnvironmentVariable("BINDWISE_SITE_PAGES") == "all";

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (InstalledChromium.Executable is null || Pages.Count == 0)
            return;
        _playwright = await Playwright.CreateAsync();
        // Five seconds, which it has by itself, is more than a busy machine gives.
        Assertions.SetDefaultExpectTimeout(InstalledChromium.LimitMilliseconds);
        _chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Served,
            Env = Variables(),
            Args = InstalledChromium.Arguments,
            Timeout = InstalledChromium.LimitMilliseconds,
        });
        _reader = await Reader("UTC");
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a page of the site.</summary>
    /// <param name="address">Below the root, with a fragment if it has one.</param>
    /// <param name="zone">The time zone of a reader who comes for the first time; null for the one who reads on, and has what was loaded before.</param>
    /// <param name="prepare">What to do with the page before it is loaded.</param>
    public async Task<OpenPage> Open(string address, string? zone = null, Action<IPage>? prepare = null)
    {
        var newcomer = zone is null ? null : await Reader(zone);
        var page = await (newcomer ?? _reader!).NewPageAsync();
        var errors = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                errors.Add(message.Text);
        };
        page.PageError += (_, error) => errors.Add(error);
        page.RequestFailed += (_, request) => errors.Add($"{request.Url}: {request.Failure}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                errors.Add($"{response.Url}: {response.Status}");
        };
        prepare?.Invoke(page);
        await page.GotoAsync($"{Origin}/{address}");
        return new OpenPage(newcomer, page, errors);
    }

    /// <summary>A browser with a profile of its own, which keeps what it compiled too, as a reader's does.</summary>
    /// <param name="folder">Where to keep it.</param>
    public async Task<IBrowserContext> WithProfile(string folder)
    {
        var options = new BrowserTypeLaunchPersistentContextOptions
        {
            ExecutablePath = Served,
            Env = Variables(),
            Args = InstalledChromium.Arguments,
            Timeout = InstalledChromium.LimitMilliseconds,
        };
        var reader = await _playwright!.Chromium.LaunchPersistentContextAsync(folder, options);
        reader.SetDefaultTimeout(InstalledChromium.LimitMilliseconds);
        return reader;
    }

    private static Dictionary<string, string> Variables()
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(static one => (string)one.Key, static one => (string)one.Value!);
        (variables["SITE"], variables["BROWSER"]) = (Folder, InstalledChromium.Executable!);
        return variables;
    }

    private async Task<IBrowserContext> Reader(string zone)
    {
        var reader = await _chromium!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 1440, Height = 900 },
            TimezoneId = zone,
            ReducedMotion = ReducedMotion.Reduce,
            AcceptDownloads = true,
        });
        reader.SetDefaultTimeout(InstalledChromium.LimitMilliseconds);
        return reader;
    }

    /// <summary>The player's own page as it begins; the page is kept from test to test, since its model takes a second to start.</summary>
    public async Task<OpenPage> OpenPlayer()
    {
        _playerPage ??= await Open("play/index.html");
        await _playerPage.Player();
        _playerPage.Errors.Clear();
        // A link that says nothing but its version: {"v":1}.
        await _playerPage.Page.EvaluateAsync(
            "() => new Promise(taken => { addEventListener('hashchange', taken, { once: true }); location.hash = ''; location.hash = 'eyJ2IjoxfQ'; })");
        await Assertions.Expect((await _playerPage.Player()).Locator("[aria-current=step]")).ToContainTextAsync("bind new 127.0.0.1:8080");
        return _playerPage;
    }
}

/// <summary>A page in the browser, and what went wrong in it.</summary>
public sealed record OpenPage(IBrowserContext? Newcomer, IPage Page, List<string> Errors) : IAsyncDisposable
{
    /// <summary>The page's player, once it can be used.</summary>
    public async Task<ILocator> Player(string name = "Player")
    {
        var player = Page.GetByRole(AriaRole.Group, new() { Name = name, Exact = true }).First;
        await Assertions.Expect(player).ToHaveAttributeAsync("aria-busy", "false");
        return player;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await (Newcomer?.CloseAsync() ?? Page.CloseAsync());
}

/// <summary>A test that looks at the built site in Chromium, and is skipped, with the reason, where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SiteFactAttribute : FactAttribute
{
    /// <summary>Looks for both.</summary>
    public SiteFactAttribute() => Skip = SiteSkip.Reason;
}

/// <summary>The same of a test with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SiteTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for both.</summary>
    public SiteTheoryAttribute() => Skip = SiteSkip.Reason;
}

/// <summary>All tests of the site share one Chromium.</summary>
[CollectionDefinition(Name)]
public sealed class SiteTests : ICollectionFixture<BuiltSite>
{
    /// <summary>Its name.</summary>
    public const string Name = "site";
}

internal static class SiteSkip
{
    public static string? Reason => InstalledChromium.Missing ?? Axe.Missing
        ?? (BuiltSite.Pages.Count == 0 ? "the site is not built: run site/build" : null);
}
