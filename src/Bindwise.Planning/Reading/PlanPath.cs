namespace Bindwise.Planning.Reading;

/// <summary>Paths as text: with <c>/</c>, relative ones without a leading <c>./</c>.</summary>
internal static class PlanPath
{
    private const int MostPattern = 1024;

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

    public static bool HasWildcard(string path) => path.AsSpan().ContainsAny('*', '?', '[');

    /// <summary>
    /// Whether a name matches a pattern with <c>*</c>, <c>?</c> and <c>[a-z]</c> (glob(7)). One that begins with a dot is matched only by a
    /// pattern that does.
    /// </summary>
    public static bool Matches(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        if ((name is ['.', ..] && pattern is not ['.', ..]) || pattern.Length > MostPattern)
            return false;
        // Where the last * stands, and how much of the name it stands for.
        var (at, of, star, taken) = (0, 0, -1, 0);
        while (at < name.Length)
        {
            if (of < pattern.Length && pattern[of] == '*')
                (star, taken) = (of++, at);
            else if (of < pattern.Length && IsOne(name[at], pattern[of..], out var length))
                (at, of) = (at + 1, of + length);
            else if (star >= 0)
                (at, of) = (++taken, star + 1);
            else
                return false;
        }
        return pattern[of..].Trim('*').IsEmpty;
    }

    /// <summary>Whether the pattern begins with something that a letter matches, of that length in the pattern.</summary>
    private static bool IsOne(char letter, ReadOnlySpan<char> pattern, out int length)
    {
        length = 1;
        var isNegated = pattern is ['[', '!' or '^', ..];
        var first = isNegated ? 2 : 1;
        // A bracket that stands first is one of the letters; one that is never closed stands for itself.
        var end = pattern[0] == '[' && pattern.Length > first + 1 ? pattern[(first + 1)..].IndexOf(']') : -1;
        if (end < 0)
            return pattern[0] == '?' || pattern[0] == letter;
        var set = pattern[first..(first + 1 + end)];
        length = first + end + 2;
        var isIn = false;
        for (var at = 0; at < set.Length; at++)
        {
            var last = at + 2 < set.Length && set[at + 1] == '-' ? at + 2 : at;
            isIn |= letter >= set[at] && letter <= set[last];
            at = last;
        }
        return isIn != isNegated;
    }
}
