using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// Which container a process runs in, or serves as the engine's proxy: told by its cgroup, its arguments and what the engine told.
/// </summary>
internal static class ContainerProvenance
{
    /// <summary>What the engine told of the container; null when it told nothing, or of several that fit.</summary>
    public static ContainerRecord? RecordOf(ProcessRecord process, HeldSocket? socket, Snapshot snapshot) =>
        // Mostly there is none, and this is asked for each process of a listing.
        snapshot.Containers.IsEmpty ? null : Find(process, socket, snapshot);

    private static ContainerRecord? Find(ProcessRecord process, HeldSocket? socket, Snapshot snapshot)
    {
        if (process.Container is { } id)
            return snapshot.Containers.FirstOrDefault(c => c.Id == id);
        if (ContainerProxies.EngineOf(process, socket) is not { } engine)
            return null;
        if (ContainerProxies.OptionOf(process, "-c") is { } served && process.Name == "conmon")
            return snapshot.Containers.FirstOrDefault(c => c.Id == served);
        // Any user may run a program of that name: one that is not root's serves its user's own engine.
        var user = ContainerEngines.UserOf(process);
        var fitting = snapshot.Containers.Where(c => c.Engine == engine && c.UserId == user && Serves(process, socket, c)).Take(2).ToList();
        return fitting.Count == 1 ? fitting[0] : null;
    }

    /// <param name="parents">The process's parents: Podman's monitor among them names the container too.</param>
    public static ContainerUse? Of(ProcessRecord process, HeldSocket? socket, ContainerRecord? record, IReadOnlyList<ProcessRecord> parents)
    {
        if (process.Container is { } id)
            return new ContainerUse
            {
                Id = id,
                Name = record?.Name ?? NameByMonitor(id, parents),
                Engine = record is { Engine.Length: > 0 } ? record.Engine : ContainerEngines.OfCgroup(process.Cgroup ?? ""),
                Image = record?.Image,
                UserId = record?.UserId ?? ContainerEngines.UserOf(process),
                IsEngineOpen = record is { IsReportedByEngine: true },
            };
        if (ContainerProxies.EngineOf(process, socket) is not { } engine)
            return null;
        var port = Port(ContainerProxies.OptionOf(process, "-container-port"));
        if (record is not null)
            return new ContainerUse
            {
                Id = record.Id,
                Name = record.Name,
                Engine = engine,
                Image = record.Image,
                UserId = record.UserId ?? ContainerEngines.UserOf(process),
                Port = port,
                IsEngineOpen = record.IsReportedByEngine,
            };
        // conmon says on its command line which container it monitors.
        return process.Name == "conmon" && ContainerProxies.OptionOf(process, "-c") is { Length: > 0 } served
            ? new ContainerUse
            {
                Id = served,
                Name = ContainerProxies.OptionOf(process, "-n"),
                Engine = engine,
                Image = null,
                UserId = ContainerEngines.UserOf(process),
            }
            : null;
    }

    private static string? NameByMonitor(string id, IReadOnlyList<ProcessRecord> parents) =>
        parents.FirstOrDefault(p => p.Name == "conmon" && ContainerProxies.OptionOf(p, "-c") == id) is { } monitor
            ? ContainerProxies.OptionOf(monitor, "-n") : null;

    /// <summary>The pod; null when neither the engine nor the cgroup tells of one.</summary>
    public static PodUse? PodOf(ProcessRecord process, ContainerRecord? record)
    {
        var uid = record?.PodUid ?? (process.Container is null ? null : PodUidOf(process.Cgroup ?? ""));
        return record?.PodName is null && uid is null ? null : new PodUse
        {
            Name = record?.PodName,
            Namespace = record?.PodNamespace,
            Uid = uid,
        };
    }

    /// <summary>
    /// The uid in <c>kubepods-burstable-pod2a1c…_.slice</c> (dashes stand as underscores, since systemd reads dashes as levels) or
    /// <c>/kubepods/burstable/pod2a1c-…</c>.
    /// </summary>
    internal static string? PodUidOf(string cgroup)
    {
        if (!cgroup.Contains("kubepods", StringComparison.Ordinal))
            return null;
        foreach (var element in cgroup.Split('/'))
        {
            var at = element.LastIndexOf("pod", StringComparison.Ordinal);
            if (at < 0 || (at > 0 && element[at - 1] != '-'))
                continue;
            var name = element[(at + 3)..];
            if (name.EndsWith(".slice", StringComparison.Ordinal))
                name = name[..^".slice".Length];
            name = name.Replace('_', '-');
            // 36 characters of a UUID, or the 32 digits of a static pod.
            if (name.Length is 36 or 32 && name.All(static c => char.IsAsciiHexDigitLower(c) || c == '-'))
                return name;
        }
        return null;
    }

    // docker-proxy says where it forwards to; the others forward what the engine publishes on the port.
    private static bool Serves(ProcessRecord proxy, HeldSocket? socket, ContainerRecord container)
    {
        if (ContainerProxies.OptionOf(proxy, "-container-ip") is { } text && IpAddress.TryParse(text, out var address))
            return container.Addresses.Contains(address) || (container.Addresses.IsEmpty && Publishes(container, proxy, socket));
        return Publishes(container, proxy, socket);
    }

    private static bool Publishes(ContainerRecord container, ProcessRecord proxy, HeldSocket? socket)
    {
        var port = Port(ContainerProxies.OptionOf(proxy, "-host-port")) ?? socket?.Local.Port;
        return container.Published.Any(
            p => p.HostPort == port && (socket is null || (p.Protocol == socket.Protocol && Meets(p.HostAddress, socket.Local.Address))));
    }

    private static bool Meets(IpAddress? named, IpAddress held) =>
        named is not { } address || address.IsAny || held.IsAny || address == held;

    private static ushort? Port(string? text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;
}

/// <summary>The container engines, by the signs that each leaves in a cgroup's path.</summary>
internal static class ContainerEngines
{
    /// <summary>
    /// <c>docker</c>, <c>podman</c>, <c>containerd</c>, <c>cri-o</c>, <c>lxc</c> or <c>nspawn</c>; null where the path has no sign of one.
    /// </summary>
    public static string? OfCgroup(string cgroup) =>
        Has(cgroup, "crio-") ? "cri-o"
            : Has(cgroup, "docker") ? "docker"
            : Has(cgroup, "cri-containerd") || Has(cgroup, "kubepods") ? "containerd"
            : Has(cgroup, "libpod") ? "podman"
            : Has(cgroup, "lxc") ? "lxc"
            : Has(cgroup, "machine-") || Has(cgroup, "systemd-nspawn@") ? "nspawn"
            : null;

    /// <summary>
    /// The user whose own (rootless) engine runs a process: told by the cgroup, since a container's users are not those of the host; of a
    /// proxy by its user. Null for the system's engine.
    /// </summary>
    public static uint? UserOf(ProcessRecord process) =>
        SystemdCgroup.UserOf(process.Cgroup) is { } user ? (user == 0 ? null : user)
            : process.Container is null && process.UserId is { } own and not 0 ? own : null;

    private static bool Has(string cgroup, string sign) => cgroup.Contains(sign, StringComparison.Ordinal);
}
