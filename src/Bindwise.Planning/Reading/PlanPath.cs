using System.IO.Enumeration;

namespace Bindwise.Planning.Reading;

/// <summary>Paths as text: with <c>/</c>, relative ones without a leading <c>./</c>.</summary>
internal static class PlanPath
{
    /// <summary>The folder of a file, without a slash at its end; empty for a file in the current folder.</summary>
    public static string FolderOf(string path) => path.LastIndexOf('/') is var at && at > 0 ? path[..at] : at == 0 ? "/" : "";

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The text without that ending, however its letters are written; as it is where it has another one.</summary>
    public static string WithoutEnding(string text, string ending) =>
        text.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? text[..^ending.Length] : text;

    /// <summary>The folder itself, but for .devcontainer and .devcontainer/NAME the one above, which they are about.</summary>
    public static string ProjectOf(string folder) =>
        folder.IndexOf(".devcontainer", StringComparison.Ordinal) is >= 0 and var at ? folder[..at].TrimEnd('/') : folder;

    /// <summary>What a path in a file of a folder leads to, <c>.</c> and <c>..</c> taken out as far as they go.</summary>
    public static string Combine(string folder, string path)
    {
        var isAbsolute = path.StartsWith('/') || (folder.StartsWith('/') && !path.StartsWith('/'));
        var whole = path.StartsWith('/') || folder.Length == 0 ? path : $"{folder}/{path}";
        var parts = new List<string>();
        foreach (var part in whole.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (!isAbsolute)
                parts.Add(part);
        }
        return (isAbsolute ? "/" : "") + string.Join('/', parts);
    }

    public static bool IsWithin(string path, string folder) => folder.Length == 0
        ? !path.StartsWith('/') && !path.StartsWith("../", StringComparison.Ordinal) && path != ".."
        : path == folder || path.StartsWith(folder == "/" ? folder : folder + "/", StringComparison.Ordinal);

    /// <summary>
    /// Whether a name matches a pattern with <c>*</c> and <c>?</c> (glob(7), without brackets). One that begins with a dot is matched only
    /// by a pattern that does.
    /// </summary>
    public static bool Matches(string name, string pattern) => (!name.StartsWith('.') || pattern.StartsWith('.'))
        && FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), name, ignoreCase: false);
}
