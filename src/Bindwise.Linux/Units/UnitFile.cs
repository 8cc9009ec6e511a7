using Bindwise.Linux.Accounts;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Text;
using Bindwise.Model.Text;

namespace Bindwise.Linux.Units;

/// <summary>The assignments of a unit file, in order (systemd.syntax(7)). Pure; any bytes give some.</summary>
internal static class UnitFile
{
    internal const int MaximumBytes = 64 * 1024;

    internal static List<(string Key, string Value)> Read(ReadOnlySpan<byte> bytes, string section)
    {
        var assignments = new List<(string, string)>();
        var isInside = false;
        var continued = new StringBuilder();
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = KernelText.Decode(bytes[range]).Trim();
            // A comment between the lines of one assignment does not end it.
            if (line is ['#' or ';', ..])
                continue;
            if (line.EndsWith('\\'))
            {
                continued.Append(line, 0, line.Length - 1).Append(' ');
                continue;
            }
            line = continued.Append(line).ToString();
            continued.Clear();
            if (line is ['[', .., ']'])
                isInside = line[1..^1] == section;
            else if (isInside && line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
                assignments.Add((line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart()));
        }
        return assignments;
    }

    /// <summary>A boolean as systemd reads it, in capitals too (parse_boolean()); null for anything else.</summary>
    internal static bool? Boolean(string value) => value.ToLowerInvariant() switch
    {
        "1" or "yes" or "true" or "on" or "y" or "t" => true,
        "0" or "no" or "false" or "off" or "n" or "f" => false,
        _ => null,
    };
}

/// <summary>The settings of one unit, from its file and its drop-ins (systemd.unit(5)), in the order in which they count.</summary>
internal sealed class UnitSettings(UnitName name, UnitFolders folders)
{
    private readonly List<string> _files = FindFiles(name, folders);
    private readonly Dictionary<string, List<(string Key, string Value)>> _sections = [];

    internal UnitName Name => name;

    internal bool Exists { get; } = FragmentOf(name, folders) is not null;

    /// <summary>Every value that a key of a section is given, specifiers expanded, empty ones included.</summary>
    internal ImmutableArray<string> Values(string section, string key) =>
        [.. Read(section).Where(a => a.Key == key).Select(static a => a.Value)];

    /// <summary>What is assigned to a key last; null where nothing is, or the empty text.</summary>
    internal string? Last(string section, string key) => Assignments(section, [key]) is [.., var last] ? last.Value : null;

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
            assignments = [.. _files.SelectMany(file => UnitFile.Read(folders.Read(file), section))
                .Select(a => (a.Key, name.Expand(a.Value, folders.Runtime, folders.Home).Trim()))];
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
        foreach (var dropIns in UnitDropIns.FoldersOf(name.Full))
        {
            foreach (var folder in folders.Folders)
            {
                foreach (var part in folders.List($"{folder}/{dropIns}")
                    .Where(static part => part.EndsWith(".conf", StringComparison.Ordinal)))
                    parts.TryAdd(part, $"{folder}/{dropIns}/{part}");
            }
        }
        return FragmentOf(name, folders) is { } fragment ? [fragment, .. parts.Values] : [.. parts.Values];
    }
}

/// <summary>Where a service manager finds its units, those first that go before others (systemd.unit(5), "Unit File Load Path").</summary>
/// <param name="Base">Below which the folders stand: the root of the manager's files.</param>
internal sealed record UnitFolders(ForeignFolder Base, IReadOnlyList<string> Folders, string Runtime, string? Home)
{
    private const int MaximumEntries = 4096;

    internal static UnitFolders Of(ProcessRecord manager, string root)
    {
        if (!manager.Arguments.Contains("--user"))
            // That of a container reads the container's files.
            return OfSystem(manager.Container is null ? ForeignFolder.OfSystem(root) : ForeignFolder.OfProcess(manager.Id, root));
        return OfUser(root, manager.UserId ?? 0);
    }

    internal List<string> List(string folder) => Place(ref folder).List(folder, MaximumEntries);

    /// <summary>A file's bytes; empty when it may not be read.</summary>
    internal ReadOnlySpan<byte> Read(string path) => Place(ref path).Read(path, UnitFile.MaximumBytes);

    /// <summary>
    /// Another name of a unit (Alias=): a link to a unit file of another name. That of an instance leads to its template.
    /// </summary>
    internal bool IsAlias(string path, string name)
    {
        var target = Place(ref path).ReadLink(path);
        var file = target[(target.LastIndexOf((byte)'/') + 1)..];
        return file.EndsWith(".socket"u8) && !file.EndsWith("@.socket"u8) && !file.SequenceEqual(Encoding.UTF8.GetBytes(name));
    }

    internal static UnitFolders OfSystem(ForeignFolder root) => new(root,
    [
        "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient", "/run/systemd/generator.early",
        "/etc/systemd/system",
        "/etc/systemd/system.attached", "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/generator.late",
    ], "/run", "/root");

    internal static UnitFolders OfUser(string root, uint user)
    {
        var runtime = string.Create(CultureInfo.InvariantCulture, $"/run/user/{user}");
        var home = HomeFolder.Of(root, user);
        string[] own = home is null ? [] : [home + "/.config/systemd/user.control"];
        string[] configured = home is null ? [] : [home + "/.config/systemd/user"];
        string[] shared = home is null ? [] : [home + "/.local/share/systemd/user"];
        return new(ForeignFolder.OfSystem(root),
        [
            .. own, runtime + "/systemd/user.control", runtime + "/systemd/transient", runtime + "/systemd/generator.early", .. configured,
            "/etc/systemd/user", runtime + "/systemd/user", "/run/systemd/user", runtime + "/systemd/generator", .. shared,
            "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user", runtime + "/systemd/generator.late",
        ], runtime, home)
        {
            OfTheUser = [.. home is null ? []
                : new[] { home }.Concat([runtime]).Select(place => (place, ForeignFolder.OfUser(root + place, user)))],
        };
    }

    /// <summary>Folders in which the manager's user writes.</summary>
    private IReadOnlyList<(string Path, ForeignFolder Folder)> OfTheUser { get; init; } = [];

    private ForeignFolder Place(ref string path)
    {
        foreach (var (place, folder) in OfTheUser)
        {
            if (!path.StartsWith(place + "/", StringComparison.Ordinal))
                continue;
            path = path[place.Length..];
            return folder;
        }
        return Base;
    }
}

/// <summary>A unit's name taken apart, and the specifiers that stand for its parts (systemd.unit(5)).</summary>
/// <param name="Full">As <c>web@8080.socket</c>.</param>
/// <param name="Prefix">What stands before the @, or the name without its type: <c>web</c>.</param>
/// <param name="Instance">What stands after the @; null for a unit that is none of a template, empty for the template itself.</param>
internal sealed record UnitName(string Full, string Prefix, string? Instance)
{
    private string Suffix => Full[Full.LastIndexOf('.')..];

    /// <summary>The template itself, which never runs.</summary>
    internal bool IsTemplate => Instance is "";

    /// <summary>The file name of the template of an instance; null for other units.</summary>
    internal string? Template => Instance is { Length: > 0 } ? Prefix + "@" + Suffix : null;

    internal string Stem => Full[..^Suffix.Length];

    /// <summary>Reads the name of a unit of one kind; null for another file.</summary>
    /// <param name="suffix">The kind, as <c>.socket</c>.</param>
    internal static UnitName? Read(string file, string suffix = ".socket")
    {
        if (file.Length <= suffix.Length || file.Length > 255 || !file.EndsWith(suffix, StringComparison.Ordinal) || file[0] == '.')
            return null;
        var stem = file[..^suffix.Length];
        var at = stem.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? new UnitName(file, stem, null) : new UnitName(file, stem[..at], stem[(at + 1)..]);
    }

    /// <summary>Replaces the specifiers that a file can answer; others stay as they are.</summary>
    /// <param name="runtime">%t: <c>/run</c>, or the user's own.</param>
    internal string Expand(string text, string runtime, string? home)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var value = text[i] != '%' || i + 1 == text.Length ? null : text[i + 1] switch
            {
                '%' => "%",
                'i' => Instance ?? "",
                'I' => Unescape(Instance ?? ""),
                'n' => Full,
                'N' => Stem,
                'p' => Prefix,
                'P' => Unescape(Prefix),
                't' => runtime,
                'h' => home,
                'E' => "/etc",
                'S' => "/var/lib",
                _ => null,
            };
            if (value is null)
                result.Append(text[i]);
            else
            {
                result.Append(value);
                i++;
            }
        }
        return result.ToString();
    }

    // A dash stands for a slash, \x2d for a dash.
    private static string Unescape(string text) => CgroupPath.Unescape(text.Replace('-', '/'));
}
