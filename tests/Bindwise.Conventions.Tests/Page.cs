using System.Text.RegularExpressions;

namespace Bindwise.Conventions.Tests;

/// <summary>A Markdown page: its headings and links, those in code left out.</summary>
internal sealed partial class Page
{
    private Page(string path, string text)
    {
        Path = path;
        Text = text;
        Source = Translated().Match(text) is { Success: true } source ? source.Groups[1].Value : path;
        var prose = Fence().Replace(text.Replace("\r\n", "\n", StringComparison.Ordinal), "");
        Headings = [.. Heading().Matches(prose).Select(match => match.Groups[1].Value.Trim())];
        Links = [.. Link().Matches(CodeSpan().Replace(prose, "")).Select(match => match.Groups[1].Value)];
    }

    /// <summary>Every page of the repository.</summary>
    public static IReadOnlyList<Page> All { get; } = [.. WorkingTree.Files("", "*.md").Select(path => new Page(path, Repository.Read(path)))];

    /// <summary>The path from the root.</summary>
    public string Path { get; }

    /// <summary>The page that this one translates, as its front matter tells, and whose links it repeats; otherwise the page itself.</summary>
    public string Source { get; }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>The headings' texts, of every depth, in order.</summary>
    public IReadOnlyList<string> Headings { get; }

    /// <summary>The targets of the links.</summary>
    public IReadOnlyList<string> Links { get; }

    /// <summary>The page's title: its first heading.</summary>
    public string Title => Headings.Count > 0 ? Headings[0] : "";

    /// <summary>The pages of one folder, by file name without ending; the folder's own README left out.</summary>
    public static IReadOnlyDictionary<string, Page> In(string folder) =>
        All.Where(page => page.Path.StartsWith(folder + "/", StringComparison.Ordinal) && !page.Path.EndsWith("/README.md", StringComparison.Ordinal))
            .ToDictionary(page => System.IO.Path.GetFileNameWithoutExtension(page.Path));

    /// <summary>A page of that text at that place, to try the reading itself.</summary>
    public static Page Of(string path, string text) => new(path, text);

    /// <summary>What lies between a heading and the next one; empty when there is no such heading.</summary>
    public string Section(string heading)
    {
        var start = Text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        if (start < 0)
            return "";
        start += heading.Length + 5;
        var end = Text.IndexOf("\n## ", start, StringComparison.Ordinal);
        return Text[start..(end < 0 ? Text.Length : end)].Trim();
    }

    /// <summary>The code blocks of a language.</summary>
    public IEnumerable<string> Code(string language) =>
        Block().Matches(Text.Replace("\r\n", "\n", StringComparison.Ordinal)).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    /// <summary>The anchor that a heading gets: lower case, hyphens for spaces, punctuation dropped.</summary>
    public static string Anchor(string heading) =>
        NotInAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"^ *(`{3,}|~{3,})[^\n]*\n.*?^ *\1[ \t]*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\A---\r?\nsource: (\S+)\r?\nsha256: ")]
    private static partial Regex Translated();

    [GeneratedRegex(@"`[^`\n]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^#{1,6} +(.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)\s]+)(?: ""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N}\- _]")]
    private static partial Regex NotInAnchor();
}
