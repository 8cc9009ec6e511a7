using Microsoft.Playwright;

namespace Bindwise.Drawing.Tests;

/// <summary>The Chromium that is installed on this system, started once for all tests of a class.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (InstalledChromium.Executable is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = InstalledChromium.Executable,
            Args = InstalledChromium.Arguments,
            Timeout = InstalledChromium.LimitMilliseconds,
        });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a picture as a reader who prefers one theme would see it.</summary>
    public async Task<OpenPicture> Open(string svg, ColorScheme preferred)
    {
        var file = Path.Combine(Path.GetTempPath(), $"bindwise-{Guid.NewGuid():N}.svg");
        await File.WriteAllTextAsync(file, svg);
        var page = await _chromium!.NewPageAsync(new BrowserNewPageOptions { ColorScheme = preferred, ViewportSize = new ViewportSize { Width = 1200, Height = 900 } });
        page.SetDefaultTimeout(InstalledChromium.LimitMilliseconds);
        var errors = new List<string>();
        page.Console += (_, message) => errors.Add(message.Text);
        page.PageError += (_, error) => errors.Add(error);
        page.RequestFailed += (_, request) => errors.Add(request.Url);
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return new OpenPicture(page, errors, file);
    }
}

/// <summary>A picture in the browser.</summary>
public sealed record OpenPicture(IPage Page, List<string> Errors, string File) : IAsyncDisposable
{
    /// <summary>Keeps the picture as a page shows it that holds it as an image: the browser takes no photograph of a bare SVG file.</summary>
    public async Task Photograph(string path, double[] size)
    {
        await Page.SetViewportSizeAsync((int)Math.Ceiling(size[0]), (int)Math.Ceiling(size[1]));
        var page = System.IO.File.ReadAllBytes(File);
        await Page.GotoAsync("about:blank");
        await Page.SetContentAsync($"<body style='margin:0'><img src='data:image/svg+xml;base64,{Convert.ToBase64String(page)}'>");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = path, Timeout = InstalledChromium.LimitMilliseconds });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Page.CloseAsync();
        System.IO.File.Delete(File);
    }
}
