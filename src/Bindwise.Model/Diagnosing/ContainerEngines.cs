namespace Bindwise.Model.Diagnosing;

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

    private static bool Has(string cgroup, string sign) => cgroup.Contains(sign, StringComparison.Ordinal);
}
