using System.Collections.Immutable;

namespace Bindwise.Model.Snapshots;

/// <summary>A frozen control group (cgroup.freeze, freezer.state): its processes do not run until every group that freezes them is thawed.</summary>
public sealed record CgroupFreeze
{
    /// <summary>The path of the group that freezes the process, as /proc/PID/cgroup shows paths: the process's own, or one above it.</summary>
    public required string Path { get; init; }

    /// <summary>The files of this group and of frozen ones above it into which <c>0</c> (v1: <c>THAWED</c>) is written to thaw them.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>It is a group of cgroups v1 (freezer.state), where not even SIGKILL ends a frozen process.</summary>
    public bool IsVersion1 { get; init; }
}
