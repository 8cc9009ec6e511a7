using System.Collections.Immutable;
using System.Text;

namespace Bindwise.Model.Scenarios;

/// <summary>A file or stream of scenarios in either form, which its content tells: JSON documents, one a line, or one .bind text.</summary>
public static class ScenarioFile
{
    /// <summary>The content is JSON: its first character that is no blank is <c>{</c>. What starts a line is enough to tell.</summary>
    public static bool IsJson(ReadOnlySpan<char> text) => text.TrimStart('\uFEFF').TrimStart() is ['{', ..];

    /// <summary>Reads all scenarios of a text. Never throws, whatever the text; a bad document does not stop the others.</summary>
    /// <param name="text">What stands in the file.</param>
    /// <param name="name">The name of the scenario in a .bind text that gives none, as the file's name; may be empty.</param>
    /// <returns>One reading for the .bind text, or for each document; one JSON document may go over several lines if it is the only one.</returns>
    public static ImmutableArray<ScenarioParse> Parse(string text, string name = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!IsJson(text))
            return [BindText.Parse(text, name)];
        var utf8 = Encoding.UTF8.GetBytes(text);
        return ScenarioJson.IsOneDocument(utf8) ? [ScenarioJson.Parse(utf8)] : ParseLines(utf8);
    }

    private static ImmutableArray<ScenarioParse> ParseLines(ReadOnlySpan<byte> utf8)
    {
        var parses = ImmutableArray.CreateBuilder<ScenarioParse>();
        var lines = new ScenarioLines();
        foreach (var range in utf8.Split((byte)'\n'))
        {
            if (lines.Next(utf8[range]) is { } parse)
                parses.Add(parse);
        }
        return parses.ToImmutable();
    }
}
