using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Bindwise.Packages.Tests.Reference;

/// <summary>The text of a docstring as Markdown.</summary>
internal static partial class DocText
{
    /// <summary>An element's content, on one line.</summary>
    public static string Of(XElement? element)
    {
        if (element is null)
            return "";
        var text = new StringBuilder();
        Append(text, element);
        return Blanks().Replace(text.ToString(), " ").Trim();
    }

    /// <summary>The name that a cross-reference points at, short: <c>T:Bindwise.Listener</c> is Listener.</summary>
    public static string NameOf(string reference)
    {
        var name = reference.Contains(':', StringComparison.Ordinal) ? reference[2..] : reference;
        var bare = name.Split('(')[0];
        var parts = bare.Split('.');
        var last = parts[^1] is "#ctor" ? parts[^2] : parts[^1];
        var isMember = reference.Length > 1 && reference[0] is 'M' or 'P' or 'F' && parts.Length > 1 && parts[^1] != "#ctor";
        return Arity().Replace(isMember ? $"{parts[^2]}.{last}" : last, "");
    }

    private static void Append(StringBuilder text, XElement element)
    {
        foreach (var node in element.Nodes())
        {
            switch (node)
            {
                case XText plain:
                    text.Append(Escape(plain.Value));
                    break;
                case XElement { Name.LocalName: "see" or "seealso" or "paramref" or "typeparamref" } link:
                    text.Append('`').Append(link.Attribute("cref") is { } reference ? NameOf(reference.Value)
                        : link.Attribute("langword")?.Value ?? link.Attribute("name")?.Value ?? link.Attribute("href")?.Value).Append('`');
                    break;
                case XElement { Name.LocalName: "c" or "code" } code:
                    text.Append('`').Append(code.Value.Trim()).Append('`');
                    break;
                case XElement other:
                    text.Append(' ');
                    Append(text, other);
                    break;
            }
        }
    }

    private static string Escape(string text) => text.Replace("<", "\\<", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("`+[0-9]+")]
    private static partial Regex Arity();
}
