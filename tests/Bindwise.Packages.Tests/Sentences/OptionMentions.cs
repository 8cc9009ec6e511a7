using System.Text.RegularExpressions;

namespace Bindwise.Packages.Tests.Sentences;

/// <summary>Finds what a sentence says can be set, and what of it a package does not have.</summary>
internal static partial class OptionMentions
{
    // What looks like an option and is none of ours: directives of systemd's units, methods of hosting, units.
    private static readonly HashSet<string> Others = ["Accept", "FileDescriptorName", "FileDescriptorStoreMax", "ListenLocalhost", "UseUrls", "KiB"];

    /// <summary>What is wrong, one line each; empty for a sentence that names only what there is.</summary>
    public static IEnumerable<string> Wrong(PackageOptions options, string sentence)
    {
        // Places of a template are fields of the log.
        sentence = Field().Replace(sentence, "");
        foreach (Match match in Key().Matches(sentence))
        {
            var value = match.Groups["value"] is { Success: true } given ? given.Value : null;
            if (!options.HasKey(match.Groups["path"].Value, value))
                yield return $"there is no key {match.Groups["path"].Value}{(value is null ? "" : $" that takes {value}")}";
        }
        var rest = Key().Replace(sentence, "");
        foreach (Match match in Member().Matches(rest))
        {
            var (type, member) = (match.Groups["type"].Value, match.Groups["member"].Value);
            if (!options.HasMember(type, member))
                yield return $"there is no {type}.{member}";
        }
        foreach (Match match in Assignment().Matches(rest))
        {
            var (property, value) = (match.Groups["property"].Value, match.Groups["value"].Value);
            if (!Others.Contains(property) && !options.Takes(property, value))
                yield return $"no {property} takes {value}";
        }
        foreach (Match match in Word().Matches(rest))
        {
            if (!Others.Contains(match.Value) && !options.HasName(match.Value))
                yield return $"nothing is named {match.Value}";
        }
    }

    /// <summary>A key of the section, with the value that it is to be given.</summary>
    [GeneratedRegex(@"\b(?<path>Bindwise(?::[A-Z]\w*)+)(?:(?: = |=| to | set to )(?<value>[A-Z]\w*))?")]
    private static partial Regex Key();

    [GeneratedRegex(@"(?<![\w.:/])(?<type>[A-Z][a-z]\w*)\.(?<member>[A-Z]\w*)\b")]
    private static partial Regex Member();

    [GeneratedRegex(@"(?<![\w.:])(?<property>[A-Z][a-z0-9]\w*)(?: = |=)(?<value>[A-Za-z]\w*|\d+)|\bset (?<property>[A-Z]\w*) to (?<value>[A-Z]\w*)")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\{\w*\}")]
    private static partial Regex Field();

    /// <summary>A name of several words, as only code has them.</summary>
    [GeneratedRegex(@"(?<![\w.:/-])[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+\b(?![/:-])")]
    private static partial Regex Word();
}
