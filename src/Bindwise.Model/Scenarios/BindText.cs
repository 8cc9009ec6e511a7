using Bindwise.Model.Scenarios.Text;

namespace Bindwise.Model.Scenarios;

/// <summary>Scenarios as text, the form for people: a .bind file. docs/scenario-language.md has the grammar.</summary>
internal static class BindText
{
    /// <summary>A longer text is refused: 8 Mi characters.</summary>
    public const int MaximumChars = 8 * 1024 * 1024;

    /// <summary>Reads a file. Never throws, whatever the text.</summary>
    /// <param name="name">The scenario's name unless the file gives one, as the file's name; may be empty.</param>
    /// <returns>The scenario, or up to 20 faults, and one that says so where there may be more.</returns>
    public static ScenarioParse Parse(string text, string name = "")
    {
        if (text.Length > MaximumChars)
            return new ScenarioParse(null, [new ScenarioFault("the file is larger than 8 MiB; split the scenario")]);
        return new BindReader(name).Read(text.AsSpan().TrimStart('\uFEFF'));
    }

    /// <summary>Writes a scenario as the lines of a file, each with its end: compound lines where they say exactly its steps.</summary>
    /// <exception cref="ArgumentException">The scenario is not valid (<see cref="ScenarioRules"/>).</exception>
    public static string Write(Scenario scenario)
    {
        ScenarioRules.ThrowIfNotValid(scenario);
        return new BindWriter().Write(scenario);
    }

    /// <summary>One step as a statement without its end, as a line about it shows it: <c>bind a 127.0.0.1:8080</c>.</summary>
    public static string Write(Step step) => new BindStatementWriter().Next([step], out _);
}

/// <summary>A file or stream of scenarios in either form, which its content tells: JSON documents, one a line, or one .bind text.</summary>
internal static class ScenarioFile
{
    /// <summary>The content is JSON: its first character that is no blank is <c>{</c>. What starts a line is enough to tell.</summary>
    public static bool IsJson(ReadOnlySpan<char> text) => text.TrimStart('\uFEFF').TrimStart() is ['{', ..];

    /// <summary>Reads all scenarios of a text. Never throws, whatever the text; a bad document does not stop the others.</summary>
    /// <param name="name">The name of the scenario in a .bind text that gives none, as the file's name; may be empty.</param>
    /// <returns>One reading for the .bind text, or for each document; one JSON document may go over
    /// several lines if it is the only one.</returns>
    public static ImmutableArray<ScenarioParse> Parse(string text, string name = "")
    {
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
