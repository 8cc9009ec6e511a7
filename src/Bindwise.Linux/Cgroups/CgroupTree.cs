namespace Bindwise.Linux.Cgroups;

/// <summary>What the mounted hierarchies tell of control groups.</summary>
/// <param name="mounts">Where they are.</param>
internal sealed class CgroupTree(CgroupMounts mounts)
{
    /// <summary>Where they are.</summary>
    internal CgroupMounts Mounts { get; } = mounts;

    /// <summary>The ids of groups.</summary>
    internal CgroupIds Ids { get; } = new(mounts);

    /// <summary>What is frozen.</summary>
    internal CgroupFreezer Freezer { get; } = new(mounts);

    /// <summary>Whose the names are.</summary>
    internal CgroupNames Names { get; } = new(mounts);
}
