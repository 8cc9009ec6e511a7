using System.Text.Json;
using Microsoft.Playwright;

namespace Bindwise.Tests;

/// <summary>axe-core in a page: what shuts somebody out.</summary>
internal static class Axe
{
    private static readonly string Script = Repository.File("site/node_modules/axe-core/axe.min.js");

    /// <summary>Why tests that need it are skipped; null where it is installed.</summary>
    public static string? Missing { get; } = File.Exists(Script) ? null : "axe is not installed: run site/build";

    /// <summary>What axe finds in the page as it is shown now, one line each.</summary>
    /// <param name="page">The page.</param>
    /// <param name="rule">One rule alone; null for all.</param>
    public static async Task<string[]> ViolationsAsync(IPage page, string? rule = null)
    {
        // The browser's own channel is not the page's, whose policy may let no script of ours in.
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
            await page.EvaluateAsync(await File.ReadAllTextAsync(Script));
        var found = await page.EvaluateAsync<JsonElement>(
            """
            async rule => (await axe.run({ preload: false, ...rule === null ? {} : { runOnly: [rule] } })).violations
              .map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join(' | ')}`)
            """, rule);
        return [.. found.EnumerateArray().Select(static each => each.GetString()!)];
    }
}
