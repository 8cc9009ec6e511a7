using System.Collections.Immutable;

namespace Bindwise.Linux.Units;

/// <summary>The settings of one unit, from its file and its drop-ins (systemd.unit(5)), in the order in which they count.</summary>
/// <param name="name">The unit.</param>
/// <param name="folders">Where its manager looks.</param>
internal sealed class UnitSettings(UnitName name, UnitFolders folders)
{
    private readonly List<string> _files = FindFiles(name, folders);
    private readonly Dictionary<string, List<(string Key, string Value)>> _sections = [];

    /// <summary>The unit.</summary>
    internal UnitName Name => name;

    /// <summary>There is a file of it.</summary>
    internal bool Exists { get; } = FragmentOf(name, folders) is not null;

    /// <summary>Every value that a key of a section is given, specifiers expanded, empty ones included.</summary>
    internal ImmutableArray<string> Values(string section, string key) => [.. Read(section).Where(a => a.Key == key).Select(static a => a.Value)];

    /// <summary>What is assigned to a key last; null where nothing is, or the empty text.</summary>
    internal string? Last(string section, string key) => Assignments(section, [key]) is [.., var last] ? last.Value : null;

    /// <summary>A switch.</summary>
    internal bool IsOn(string section, string key) => Last(section, key) is { } value && UnitFile.Boolean(value) == true;

    /// <summary>The assignments to some keys, each key's list begun anew by an empty one.</summary>
    internal List<(string Key, string Value)> Assignments(string section, string[] keys)
    {
        var found = new List<(string Key, string Value)>();
        foreach (var (key, value) in Read(section).Where(a => keys.Contains(a.Key)))
        {
            if (value.Length == 0)
                found.RemoveAll(known => known.Key == key);
            else
                found.Add((key, value));
        }
        return found;
    }

    private List<(string Key, string Value)> Read(string section)
    {
        if (!_sections.TryGetValue(section, out var assignments))
        {
            assignments = [.. _files.SelectMany(file => UnitFile.Read(folders.Read(file), section)).Select(a => (a.Key, name.Expand(a.Value, folders.Runtime, folders.Home).Trim()))];
            _sections.Add(section, assignments);
        }
        return assignments;
    }

    private static string? FragmentOf(UnitName name, UnitFolders folders)
    {
        foreach (var file in new[] { name.Full, name.Template }.OfType<string>())
        {
            foreach (var folder in folders.Folders)
            {
                if (folders.List(folder).Contains(file))
                    return folder + "/" + file;
            }
        }
        return null;
    }

    private static List<string> FindFiles(UnitName name, UnitFolders folders)
    {
        // By file name over all folders; those of the unit itself go before those of its template, its name's beginnings and its kind.
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var dropIns in DropInFoldersOf(name))
        {
            foreach (var folder in folders.Folders)
            {
                foreach (var part in folders.List($"{folder}/{dropIns}").Where(static part => part.EndsWith(".conf", StringComparison.Ordinal)))
                    parts.TryAdd(part, $"{folder}/{dropIns}/{part}");
            }
        }
        return FragmentOf(name, folders) is { } fragment ? [fragment, .. parts.Values] : [.. parts.Values];
    }

    // web-api@1.service: web-api@1.service.d, web-api@.service.d, web-.service.d, service.d.
    private static IEnumerable<string> DropInFoldersOf(UnitName name)
    {
        var kind = name.Full[name.Full.LastIndexOf('.')..];
        yield return name.Full + ".d";
        if (name.Template is { } template)
            yield return template + ".d";
        for (var dash = name.Prefix.LastIndexOf('-'); dash > 0; dash = name.Prefix.LastIndexOf('-', dash - 1))
            yield return $"{name.Prefix[..(dash + 1)]}{kind}.d";
        yield return kind[1..] + ".d";
    }
}
