namespace Bindwise.Linux.Cgroups;

/// <summary>What the mounted hierarchies tell of control groups.</summary>
internal sealed class CgroupTree(CgroupMounts mounts)
{
    internal CgroupMounts Mounts { get; } = mounts;
    internal CgroupIds Ids { get; } = new(mounts);
    internal CgroupFreezer Freezer { get; } = new(mounts);
    internal CgroupNames Names { get; } = new(mounts);
}
