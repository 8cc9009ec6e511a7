using Bindwise.Model.Scenarios.Text;

namespace Bindwise.Model.Scenarios;

/// <summary>Scenarios as text, the form for people: a .bind file. docs/scenario-language.md has the grammar.</summary>
public static class BindText
{
    /// <summary>A longer text is refused: 8 Mi characters.</summary>
    public const int MaximumChars = 8 * 1024 * 1024;

    /// <summary>Reads a file. Never throws, whatever the text.</summary>
    /// <param name="text">What stands in the file.</param>
    /// <param name="name">The scenario's name unless the file gives one, as the file's name; may be empty.</param>
    /// <returns>The scenario, or up to 20 faults.</returns>
    public static ScenarioParse Parse(string text, string name = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
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
    public static string Write(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new BindStatementWriter().Next([step], out _);
    }
}
