using Bindwise.Lab.Catalogue;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>What a link on a page becomes in a terminal: the command that shows what it leads to, where this program has it.</summary>
/// <param name="shelf">The pages that this program has.</param>
/// <param name="from">What the page with the link is about: its folder is where links start.</param>
public sealed class PageLinks(PageStore shelf, PageKind from)
{
    private const string Program = "bindwise ";
    private const string ClaimList = "../claims.md#";
    private const string PageEnding = ".md";

    /// <summary>The command, or the address of the web; null for what can only be read elsewhere.</summary>
    public string? Resolve(string? url)
    {
        if (url is null)
            return null;
        if (url.StartsWith("https://", StringComparison.Ordinal) || url.StartsWith("http://", StringComparison.Ordinal))
            return url;
        if (url.StartsWith(ClaimList, StringComparison.Ordinal))
            return ScenarioCatalogue.Claims.Contains(url[ClaimList.Length..]) ? $"{Program}lab show {url[ClaimList.Length..]}" : null;
        var path = url.Split('#')[0];
        var parts = path.Split('/');
        PageKind? kind = parts switch
        {
            [_] => from,
            ["..", "terms", _] => PageKind.Term,
            ["..", "causes", _] => PageKind.Cause,
            ["..", "rules", _] => PageKind.Rule,
            _ => null,
        };
        if (kind is null || !path.EndsWith(PageEnding, StringComparison.Ordinal))
            return null;
        var page = shelf.Pages.FirstOrDefault(page => page.Kind == kind && page.Id == parts[^1][..^PageEnding.Length]);
        return page is null ? null : CommandFor(page);
    }

    /// <summary>Whether it is a command, and not an address of the web.</summary>
    public static bool IsCommand(string resolved)
    {
        ArgumentNullException.ThrowIfNull(resolved);
        return resolved.StartsWith(Program, StringComparison.Ordinal);
    }

    /// <summary>The command that shows a page.</summary>
    public static string CommandFor(SubjectPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return $"{Program}explain {(page.Kind == PageKind.Term ? page.Title : page.Id)}";
    }
}
