using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>The container engines, by the signs that each leaves in a cgroup's path.</summary>
public static class ContainerEngines
{
    /// <summary><c>docker</c>, <c>podman</c>, <c>containerd</c>, <c>cri-o</c>, <c>lxc</c> or <c>nspawn</c>; null where the path has no sign of one.</summary>
    public static string? OfCgroup(string cgroup)
    {
        ArgumentNullException.ThrowIfNull(cgroup);
        return Has(cgroup, "crio-") ? "cri-o"
            : Has(cgroup, "docker") ? "docker"
            : Has(cgroup, "cri-containerd") || Has(cgroup, "kubepods") ? "containerd"
            : Has(cgroup, "libpod") ? "podman"
            : Has(cgroup, "lxc") ? "lxc"
            : Has(cgroup, "machine-") || Has(cgroup, "systemd-nspawn@") ? "nspawn"
            : null;
    }

    /// <summary>
    /// The user whose own (rootless) engine runs a process: told by the cgroup, since a container's users are not those of the host; of a
    /// proxy by its user. Null for the system's engine.
    /// </summary>
    public static uint? UserOf(ProcessRecord process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return SystemdCgroup.UserOf(process.Cgroup) is { } user ? (user == 0 ? null : user)
            : process.Container is null && process.UserId is { } own and not 0 ? own : null;
    }

    private static bool Has(string cgroup, string sign) => cgroup.Contains(sign, StringComparison.Ordinal);
}
