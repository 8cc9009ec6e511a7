using System.IO.Enumeration;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// A pattern of paths: <c>*</c> and <c>?</c> stand for what is within one name, <c>**</c> for any number of folders. A name that begins
/// with a
/// dot is matched only by a pattern that does, as in a shell. A pattern without <c>*</c> and <c>?</c>
/// that is a folder stands for everything below it.
/// </summary>
internal sealed class GlobPattern
{
    private const string AnyFolders = "**";
    private readonly string[] _names;

    /// <param name="pattern">The pattern, absolute or from the working directory.</param>
    internal GlobPattern(string pattern, Predicate<string> isFolder)
    {
        var names = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static name => name != ".").ToList();
        var plain = names.TakeWhile(static name => !IsWild(name)).Count();
        // The last name is the file's own, unless the whole is a folder.
        var whole = (pattern.StartsWith('/') ? "/" : "") + string.Join('/', names);
        if (plain == names.Count && (whole.Length == 0 || isFolder(whole)))
            names.AddRange([AnyFolders, "*"]);
        else if (plain == names.Count)
            plain--;
        else if (names[^1] == AnyFolders)
            names.Add("*");
        Folder = (pattern.StartsWith('/') ? "/" : "") + string.Join('/', names.Take(plain));
        if (Folder.Length == 0)
            Folder = ".";
        _names = [.. names.Skip(plain)];
    }

    /// <summary>Where everything that it can match lies.</summary>
    internal string Folder { get; }

    /// <summary>Whether something below a folder of <see cref="Folder"/> can match.</summary>
    /// <param name="names">The names from <see cref="Folder"/> on.</param>
    internal bool Enters(ReadOnlySpan<string> names) => Enters(_names, names);

    /// <param name="names">The names from <see cref="Folder"/> on.</param>
    internal bool Matches(ReadOnlySpan<string> names) => Matches(_names, names);

    private static bool IsWild(string name) => name.Contains('*', StringComparison.Ordinal) || name.Contains('?', StringComparison.Ordinal);

    private static bool Enters(ReadOnlySpan<string> pattern, ReadOnlySpan<string> names)
    {
        if (names.IsEmpty)
            return pattern.Length > 0;
        if (pattern.IsEmpty)
            return false;
        if (pattern[0] == AnyFolders)
            return Enters(pattern[1..], names) || (!IsHidden(names[0]) && Enters(pattern, names[1..]));
        return pattern.Length > 1 && IsName(pattern[0], names[0]) && Enters(pattern[1..], names[1..]);
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> names)
    {
        if (pattern.IsEmpty || names.IsEmpty)
            return pattern.IsEmpty && names.IsEmpty;
        if (pattern[0] == AnyFolders)
            return Matches(pattern[1..], names) || (!IsHidden(names[0]) && Matches(pattern, names[1..]));
        return IsName(pattern[0], names[0]) && Matches(pattern[1..], names[1..]);
    }

    private static bool IsHidden(string name) => name.StartsWith('.');

    private static bool IsName(string pattern, string name) =>
        (!IsHidden(name) || pattern.StartsWith('.'))
            && FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), name, ignoreCase: false);
}
