using Bindwise.Model.Platforms;

namespace Bindwise.Rendering.Explaining;

/// <summary>A page of the documentation that explains one subject: a term, a cause or a rule.</summary>
internal sealed record SubjectPage(PageKind Kind, string Id, string Markdown)
{
    private const string AlsoMark = "\nAlso: ";
    private const string TitleMark = "# ";
    private const string ProveMark = "bindwise lab prove ";
    private const string ScenarioMark = "```bind";
    private const string CodeEnd = "```";
    public string Path => $"docs/{Kind switch { PageKind.Term => "terms", PageKind.Cause => "causes", _ => "rules" }}/{Id}.md";
    public string Title => FirstLine(Markdown)[TitleMark.Length..];

    /// <summary>What it is about, in one sentence: the first of the text, of a rule the heading's own.</summary>
    public string Summary
    {
        get
        {
            if (Kind == PageKind.Rule)
                return Title[(Title.IndexOf(": ", StringComparison.Ordinal) + 2)..];
            var text = Markdown[(FirstLine(Markdown).Length + 1)..].TrimStart('\n');
            var paragraph = text[..Math.Max(0, text.IndexOf("\n\n", StringComparison.Ordinal))].ReplaceLineEndings(" ");
            for (var at = 0; (at = paragraph.IndexOfAny(['.', ':'], at)) >= 0; at++)
            {
                if (at + 1 == paragraph.Length
                    || paragraph[at] == '.' && paragraph[at + 1] == ' ' && (at + 2 == paragraph.Length || char.IsUpper(paragraph[at + 2])))
                    return paragraph[..(at + 1)];
            }
            return paragraph;
        }
    }

    public ImmutableArray<string> Also
    {
        get
        {
            var start = Markdown.IndexOf(AlsoMark, StringComparison.Ordinal);
            if (start < 0)
                return [];
            start += AlsoMark.Length;
            var end = Markdown.IndexOf("\n\n", start, StringComparison.Ordinal);
            return [.. Markdown[start..end].ReplaceLineEndings(" ").TrimEnd('.')
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        }
    }

    public ImmutableArray<string> Scenarios
    {
        get
        {
            var found = ImmutableArray.CreateBuilder<string>();
            List<string>? lines = null;
            foreach (var line in Markdown.Split('\n'))
            {
                if (lines is null)
                    lines = line == ScenarioMark ? [] : null;
                else if (line != CodeEnd)
                    lines.Add(line);
                else
                {
                    found.Add(string.Join('\n', lines));
                    lines = null;
                }
            }
            return found.ToImmutable();
        }
    }

    public ImmutableArray<string> Claims
    {
        get
        {
            var ids = ImmutableArray.CreateBuilder<string>();
            for (var at = 0; (at = Markdown.IndexOf(ProveMark, at, StringComparison.Ordinal)) >= 0;)
            {
                at += ProveMark.Length;
                var end = Markdown.IndexOfAny(['`', '\n', ' '], at);
                ids.Add(Markdown[at..(end < 0 ? Markdown.Length : end)]);
            }
            return ids.ToImmutable();
        }
    }

    private static string FirstLine(string text) => text[..text.IndexOf('\n', StringComparison.Ordinal)];
}

/// <summary>A page as one line of JSON: what <c>explain --json</c> prints.</summary>
internal static class SubjectPageJson
{
    public static void Write(IBufferWriter<byte> output, SubjectPage page) => JsonText.Document(output, "bindwise.page/1", json =>
    {
        json.WriteText("id", page.Id);
        json.WriteText("kind", JsonText.Word(page.Kind));
        json.WriteText("title", page.Title);
        json.WriteText("summary", page.Summary);
        json.WriteTexts("also", page.Also);
        json.WriteTexts("claims", page.Claims);
        json.WriteTexts("scenarios", page.Scenarios);
        json.WriteText("page", page.Path);
        json.WriteText("markdown", page.Markdown);
    });
}

internal enum PageKind
{
    Term,
    Cause,
    Rule,
}

/// <summary>
/// The rules of other systems that <c>matrix</c> names, as BSD-B: they have no pages, but a sentence and a source in each system.
/// </summary>
internal static class PlatformRuleText
{
    /// <summary>What an id means on each system that has it, as Markdown; null when none has.</summary>
    public static string? Find(string id)
    {
        var text = new StringBuilder();
        foreach (var platform in PlatformProfiles.All)
        {
            if (platform is LinuxProfile
                || platform.Rules.FirstOrDefault(rule => string.Equals(rule.Id, id, StringComparison.OrdinalIgnoreCase)) is not { } rule)
                continue;
            if (text.Length == 0)
                text.Append(CultureInfo.InvariantCulture,
                    $"# {rule.Id}\n\nA rule of other systems; `bindwise matrix --on {platform.Id} --rules` shows where it decides.\n");
            text.Append(CultureInfo.InvariantCulture,
                $"\n## {platform.Name}\n\n{rule.Sentence}\n\nSource: `{rule.Citation}` ({ConfidenceNames.Of(rule.Confidence)}).\n");
        }
        return text.Length == 0 ? null : text.ToString();
    }
}
