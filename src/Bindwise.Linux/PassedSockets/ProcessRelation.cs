using Bindwise.Linux.Processes;

namespace Bindwise.Linux.PassedSockets;

/// <summary>Who a process is to this one: a wrapper that started it, a stranger, or gone.</summary>
/// <param name="Name">Its short name (comm), as it chose it; null when it is gone.</param>
internal readonly record struct ProcessRelation(string? Name, bool IsAncestor)
{
    internal static ProcessRelation Of(int process) => BoundedRun.Run(
        _ => ProcessTree.StatOf(process) is { } named ? new ProcessRelation(named.Name, HasStarted(process, Environment.ProcessId))
            : new ProcessRelation(null, false),
        CancellationToken.None);

    /// <summary>Whether a process started another, or started who did, by the parents that /proc shows now.</summary>
    internal static bool HasStarted(int process, int other)
    {
        var at = other;
        for (var depth = 0; depth < ProcessTree.DepthLimit && at > 0 && ProcessTree.StatOf(at) is { } stat; depth++)
        {
            at = stat.ParentId;
            if (at == process)
                return true;
        }
        return false;
    }
}
