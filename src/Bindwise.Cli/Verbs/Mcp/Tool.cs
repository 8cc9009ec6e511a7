using System.Text.Json;
using Bindwise.Cli.Verbs.Mcp.Tools;

namespace Bindwise.Cli.Verbs.Mcp;

/// <summary>What a call has beside its arguments.</summary>
/// <param name="Progress">Takes the seconds that have passed, those that it may take at most, and what is
/// waited for; null where nobody wants to know.</param>
/// <param name="Cancellation">The call was cancelled, or the program ends.</param>
internal sealed record ToolContext(Action<double, double, string>? Progress, CancellationToken Cancellation);

internal static class ToolTable
{
    public static IReadOnlyList<AgentTool> Of(bool allowsActions, PreparedReleases releases)
    {
        List<AgentTool> tools = [WhyTool.Tool, LsTool.Tool, WaitTool.Tool];
        if (OperatingSystem.IsLinux())
            tools.Add(PickTool.Tool);
        tools.Add(PlanTool.Tool);
        if (allowsActions && OperatingSystem.IsLinux())
            tools.Add(FreeTool.Of(releases));
        return tools;
    }
}

/// <summary>The arguments of a call, after the check.</summary>
internal sealed class ToolArguments(IReadOnlyDictionary<string, JsonElement> given)
{
    private static readonly Dictionary<string, JsonElement> None = [];

    /// <summary>Checks what was given against the tool's parameters.</summary>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public static ToolArguments? Of(AgentTool tool, IDictionary<string, JsonElement>? given, out string? fault)
    {
        // Some clients give null for what they leave out.
        var arguments = given?.Where(static one => one.Value.ValueKind != JsonValueKind.Null).ToDictionary(StringComparer.Ordinal) ?? None;
        fault = arguments.Keys.FirstOrDefault(name => !tool.Parameters.Any(parameter => parameter.Name == name)) is { } unknown
            ? $"{tool.Name} has no argument {unknown}: it takes "
                + $"{string.Join(", ", tool.Parameters.Select(static parameter => parameter.Name))}"
            : tool.Parameters.Select(parameter => WhyNot(parameter, arguments)).FirstOrDefault(static wrong => wrong is not null);
        return fault is null ? new ToolArguments(arguments) : null;
    }

    /// <summary>The value of a parameter; null where none was given.</summary>
    public JsonElement? Find(ToolParameter parameter) => given.TryGetValue(parameter.Name, out var value) ? value : null;

    private static string? WhyNot(ToolParameter parameter, Dictionary<string, JsonElement> arguments)
    {
        if (!arguments.TryGetValue(parameter.Name, out var value))
            return parameter.IsRequired ? $"{parameter.Name} is missing" : null;
        return parameter.WhyNot(value) is { } wrong ? $"{parameter.Name} {wrong}" : null;
    }
}
