using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>By which package script, watcher or supervisor a process was started: told by its parents, up to the shell at which a person types.</summary>
internal static class ToolProvenance
{
    /// <summary>
    /// The outermost tool: what somebody typed (<c>npm run dev</c>), not what that ran in turn (<c>nodemon server.js</c>); but a supervisor
    /// before all. It counts as a watcher when any on the way is one.
    /// </summary>
    /// <param name="process">The process.</param>
    /// <param name="parents">Its parents, the nearest first.</param>
    public static StartingTool? Of(ProcessRecord process, IReadOnlyList<ProcessRecord> parents)
    {
        StartingTool? outermost = null;
        var isWatched = false;
        foreach (var parent in parents)
        {
            if (SupervisorOf(process, parent) is { } supervisor)
                return supervisor;
            if (Shells.IsInteractive(parent))
                break;
            if (ToolNames.Of(parent) is not { } told)
                continue;
            isWatched |= told.Watches;
            outermost = new StartingTool(told.Command, parent.Id, parent.GroupId, ToolKind.Runner);
        }
        return isWatched && outermost is not null ? outermost with { Kind = ToolKind.Watcher } : outermost;
    }

    private static StartingTool? SupervisorOf(ProcessRecord process, ProcessRecord parent)
    {
        var (kind, name, service) = parent.Name switch
        {
            "supervisord" => (ToolKind.Supervisord, "supervisord", process.SupervisedAs),
            _ when parent.Name.StartsWith("PM2 ", StringComparison.Ordinal) => (ToolKind.Pm2, "pm2", process.SupervisedAs),
            "runsv" => (ToolKind.Runit, "runsv", ArgumentOf(parent)),
            // comm holds 15 bytes.
            "supervise-daemo" => (ToolKind.OpenRc, "supervise-daemon", ArgumentOf(parent)),
            _ => default,
        };
        return name is null ? null
            : new StartingTool(service is null ? name : name + " " + service, parent.Id, parent.GroupId, kind, service);
    }

    private static string? ArgumentOf(ProcessRecord process) =>
        process.Arguments is [_, { Length: > 0 } first, ..] && first[0] != '-' ? first : null;
}
