using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>What is frozen with a process, by the name that people know.</summary>
internal static class FrozenCgroup
{
    /// <summary>What is frozen: <c>the container web</c>, <c>web.service</c>, <c>its cgroup</c>.</summary>
    public static string Label(Owner owner) => owner.Process.Freeze is not { } freeze ? "it"
        : ContainerOf(owner, freeze) is { } container ? $"the container {container.Name ?? ContainerRecord.ShortId(container.Id)}"
        : UnitOf(freeze) ?? "its cgroup";

    /// <summary>The container whose cgroup is frozen; null for none.</summary>
    public static ContainerUse? ContainerOf(Owner owner, CgroupFreeze freeze) =>
        owner.StartedFrom?.Container is { } container && freeze.Path.Contains(container.Id, StringComparison.Ordinal) ? container : null;

    /// <summary>The unit whose cgroup is frozen; null for none. A slice or scope is frozen as a unit as well (systemctl(1), freeze).</summary>
    public static string? UnitOf(CgroupFreeze freeze) => freeze.IsVersion1 ? null : SystemdCgroup.UnitOf(freeze.Path);
}
