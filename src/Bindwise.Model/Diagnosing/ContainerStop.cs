using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>The command that stops a container, by the engine that its cgroup's path reveals.</summary>
internal static class ContainerStop
{
    /// <summary>How many digits of an id the engines print and take.</summary>
    private const int ShortIdLength = 12;

    public static string Command(ProcessRecord process, string container)
    {
        var cgroup = process.Cgroup ?? "";
        return Has(cgroup, "kubepods") || Has(cgroup, "cri-containerd") || Has(cgroup, "crio-") ? $"crictl stop {ShellQuoting.Quote(Short(container))}"
            : Has(cgroup, "libpod") ? $"podman stop {ShellQuoting.Quote(Short(container))}"
            : Has(cgroup, "lxc") ? $"lxc-stop --name {ShellQuoting.Quote(container)}"
            : Has(cgroup, "machine-") || Has(cgroup, "systemd-nspawn@") ? $"machinectl stop {ShellQuoting.Quote(container)}"
            : $"docker stop {ShellQuoting.Quote(Short(container))}";
    }

    private static bool Has(string cgroup, string sign) => cgroup.Contains(sign, StringComparison.Ordinal);

    private static string Short(string container) => container.Length > ShortIdLength ? container[..ShortIdLength] : container;
}
