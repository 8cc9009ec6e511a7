using System.Text.RegularExpressions;
using IsolatedProcess;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bindwise.Dashboard.Page.Tests;

/// <summary>The page in the browser, and what went wrong in it.</summary>
public sealed record OpenPage(IBrowserContext Reader, IPage Page) : IAsyncDisposable
{
    private readonly List<string> _errors = [];

    /// <summary>What went wrong so far: a copy, since the browser tells of more at any time.</summary>
    public string[] Errors
    {
        get
        {
            lock (_errors)
                return [.. _errors];
        }
    }

    /// <summary>Whether the stream of events is there, by its name.</summary>
    public ILocator Connection => Page.GetByRole(AriaRole.Status, new() { Name = "Connection" });

    /// <summary>The field of every view.</summary>
    public ILocator Target => Page.GetByRole(AriaRole.Textbox, new() { Name = "Target", Exact = true });

    /// <summary>Notes what went wrong.</summary>
    public void Note(string error)
    {
        lock (_errors)
            _errors.Add(error);
    }

    /// <summary>Waits until the stream of events is there.</summary>
    public Task IsLiveAsync() => Expect(Connection).ToHaveTextAsync("Live");

    /// <summary>Waits until the address ends so: the browser tells of a change a moment after the page made it.</summary>
    public Task AddressEndsAsync(string end) => Expect(Page).ToHaveURLAsync(new Regex(Regex.Escape(end) + "$"));

    /// <summary>What axe finds in the page as it is shown now, one line each. What axe itself tries to style is refused, and noted; that is taken back.</summary>
    public async Task<string[]> ViolationsAsync()
    {
        var before = Errors.Length;
        var found = await Axe.ViolationsAsync(Page);
        lock (_errors)
            _errors.RemoveRange(before, _errors.Count - before);
        return found;
    }

    /// <summary>Keeps what is seen in artifacts/serve, to be looked at.</summary>
    public Task KeepAsync(string name) => Page.ScreenshotAsync(new()
    {
        Path = Repository.File($"artifacts/serve/{name}.png"),
        Timeout = InstalledChromium.LimitMilliseconds,
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Reader.CloseAsync();
}

/// <summary>A test that looks at the page in Chromium, and is skipped, with the reason, where something is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PageFactAttribute : FactAttribute
{
    /// <summary>Looks for it, and for the programs that this test needs beside those of every test.</summary>
    public PageFactAttribute(params string[] programs) => Skip = PageSkip.Reason ?? Needs.Missing(programs);
}

/// <summary>The same of a test with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PageTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for it.</summary>
    public PageTheoryAttribute() => Skip = PageSkip.Reason;
}

/// <summary>All tests of the page share one host and one Chromium.</summary>
[CollectionDefinition(Name)]
public sealed class PageTests : ICollectionFixture<ServedHost>
{
    /// <summary>Its name.</summary>
    public const string Name = "page";
}

internal static class PageSkip
{
    public static string? Reason { get; } = InstalledChromium.Missing ?? Axe.Missing ?? Needs.Missing(["nsenter", "python3"]);
}
