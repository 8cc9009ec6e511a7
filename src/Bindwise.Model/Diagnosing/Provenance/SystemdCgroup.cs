namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// What systemd's names in the tree of cgroups tell: units, and the service managers of users (<c>user@1000.service</c>); what is below one
/// of those is that user's to name.
/// </summary>
internal static class SystemdCgroup
{
    private const string Sign = "/user@";
    private const int ContainerIdLength = 64;

    /// <summary>
    /// The user whose manager a cgroup is below; null for none. Below another unit or in a container anybody may have made the name.
    /// </summary>
    public static uint? UserOf(string? cgroup)
    {
        var at = cgroup?.IndexOf(Sign, StringComparison.Ordinal) ?? -1;
        if (at < 0 || !cgroup![..at].Split('/', StringSplitOptions.RemoveEmptyEntries).All(IsAboveManagers))
            return null;
        var rest = cgroup.AsSpan(at + Sign.Length);
        var dot = rest.IndexOf('.');
        return dot > 0 && uint.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var user) ? user : null;
    }

    /// <summary>
    /// A unit that stands for a process of its cgroup, which ends when it is stopped; what is in a scope or a slice need not belong
    /// together, nor what a service runs for others.
    /// </summary>
    public static bool StandsFor(string unit, ProcessRecord process) =>
        (unit.EndsWith(".service", StringComparison.Ordinal) || unit.EndsWith(".socket", StringComparison.Ordinal))
            && !HostingUnits.OnlyHost(unit, process);

    // A slice, or a group that is none of systemd's own (a job of a CI system).
    private static bool IsAboveManagers(string name) =>
        name.EndsWith(".slice", StringComparison.Ordinal)
            || (UnitOf(name) is null && name.Length < ContainerIdLength && !name.StartsWith("lxc", StringComparison.Ordinal));

    /// <summary>The unit whose cgroup has a path: the path's last element; null when that is no unit.</summary>
    public static string? UnitOf(string? path)
    {
        var name = path is null ? "" : ProcessNames.FileName(path);
        ImmutableArray<string> suffixes = [".service", ".scope", ".slice", ".socket"];
        return suffixes.Any(s => name.Length > s.Length && name.EndsWith(s, StringComparison.Ordinal)) ? name : null;
    }
}
