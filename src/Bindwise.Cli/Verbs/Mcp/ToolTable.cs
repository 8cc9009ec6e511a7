using Bindwise.Cli.Verbs.Mcp.Tools;

namespace Bindwise.Cli.Verbs.Mcp;

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
