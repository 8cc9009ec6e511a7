using System.Globalization;
using System.Text;

namespace Bindwise.Linux.Units;

/// <summary>A unit's name taken apart, and the specifiers that stand for its parts (systemd.unit(5)).</summary>
/// <param name="Full">As <c>web@8080.socket</c>.</param>
/// <param name="Prefix">What stands before the @, or the name without its type: <c>web</c>.</param>
/// <param name="Instance">What stands behind the @; null for a unit that is none of a template, empty for the template itself.</param>
internal sealed record UnitName(string Full, string Prefix, string? Instance)
{
    private string Suffix => Full[Full.LastIndexOf('.')..];

    /// <summary>The template itself, which never runs.</summary>
    internal bool IsTemplate => Instance is "";

    /// <summary>The file name of the template of an instance; null for other units.</summary>
    internal string? Template => Instance is { Length: > 0 } ? Prefix + "@" + Suffix : null;

    /// <summary>The name without its type.</summary>
    internal string Stem => Full[..^Suffix.Length];

    /// <summary>Reads the name of a unit of one kind; null for another file.</summary>
    /// <param name="file">The file's name.</param>
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
    /// <param name="text">The value of an assignment.</param>
    /// <param name="runtime">%t: <c>/run</c>, or the user's own.</param>
    /// <param name="home">%h; null when not known.</param>
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

    // A dash stands for a slash, \x2d for a dash; only ASCII is undone, so the text stays well-formed.
    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x'
                && byte.TryParse(text.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is > 0x20 and < 0x7f)
            {
                result.Append((char)value);
                i += 3;
            }
            else
            {
                result.Append(text[i] == '-' ? '/' : text[i]);
            }
        }
        return result.ToString();
    }
}
