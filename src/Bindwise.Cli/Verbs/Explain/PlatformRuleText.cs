using System.Globalization;
using System.Text;
using Bindwise.Model.Platforms;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>The rules of other systems that <c>matrix</c> names, as BSD-B: they have no pages, but a sentence and a source in each system.</summary>
public static class PlatformRuleText
{
    /// <summary>What an id means on each system that has it, as Markdown; null when none has.</summary>
    public static string? Find(string id)
    {
        var text = new StringBuilder();
        foreach (var platform in PlatformProfiles.All)
        {
            if (platform == PlatformProfiles.Linux || platform.Rules.FirstOrDefault(rule => string.Equals(rule.Id, id, StringComparison.OrdinalIgnoreCase)) is not { } rule)
                continue;
            if (text.Length == 0)
                text.Append(CultureInfo.InvariantCulture, $"# {rule.Id}\n\nA rule of other systems; `bindwise matrix --on {platform.Id} --rules` shows where it decides.\n");
            text.Append(CultureInfo.InvariantCulture, $"\n## {platform.Name}\n\n{rule.Sentence}\n\nSource: `{rule.Citation}` ({ConfidenceNames.Of(rule.Sureness)}).\n");
        }
        return text.Length == 0 ? null : text.ToString();
    }
}
