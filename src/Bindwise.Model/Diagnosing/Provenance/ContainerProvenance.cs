using System.Globalization;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Which container a process runs in, or serves as the engine's proxy: told by its cgroup, its arguments and what the engine told.</summary>
internal static class ContainerProvenance
{
    /// <summary>What the engine told of the container; null when it told nothing, or of several that fit.</summary>
    public static ContainerRecord? RecordOf(ProcessRecord process, HeldSocket? socket, Snapshot snapshot)
    {
        if (process.Container is { } id)
            return snapshot.Containers.FirstOrDefault(c => c.Id == id);
        if (ContainerProxies.EngineOf(process) is not { } engine)
            return null;
        if (ContainerProxies.OptionOf(process, "-c") is { } served && process.Name == "conmon")
            return snapshot.Containers.FirstOrDefault(c => c.Id == served);
        // Any user may run a program of that name: one that is not root's serves its user's own engine.
        var user = ContainerEngines.UserOf(process);
        var fitting = snapshot.Containers.Where(c => c.Engine == engine && c.UserId == user && Serves(process, socket, c)).Take(2).ToList();
        return fitting.Count == 1 ? fitting[0] : null;
    }

    /// <summary>The container of a process; null for none.</summary>
    /// <param name="process">The process.</param>
    /// <param name="record">What the engine told of it.</param>
    /// <param name="parents">The process's parents: Podman's monitor among them names the container too.</param>
    public static ContainerUse? Of(ProcessRecord process, ContainerRecord? record, IReadOnlyList<ProcessRecord> parents)
    {
        if (process.Container is { } id)
            return new ContainerUse(id, record?.Name ?? NameByMonitor(id, parents), record is { Engine.Length: > 0 } ? record.Engine : ContainerEngines.OfCgroup(process.Cgroup ?? ""), record?.Image, record?.UserId ?? ContainerEngines.UserOf(process)) { IsEngineOpen = record is { IsToldByEngine: true } };
        if (ContainerProxies.EngineOf(process) is not { } engine)
            return null;
        var port = Port(ContainerProxies.OptionOf(process, "-container-port"));
        if (record is not null)
            return new ContainerUse(record.Id, record.Name, engine, record.Image, record.UserId ?? ContainerEngines.UserOf(process), port) { IsEngineOpen = record.IsToldByEngine };
        // conmon says on its command line which container it monitors.
        return process.Name == "conmon" && ContainerProxies.OptionOf(process, "-c") is { Length: > 0 } served
            ? new ContainerUse(served, ContainerProxies.OptionOf(process, "-n"), engine, null, ContainerEngines.UserOf(process))
            : null;
    }

    private static string? NameByMonitor(string id, IReadOnlyList<ProcessRecord> parents) =>
        parents.FirstOrDefault(p => p.Name == "conmon" && ContainerProxies.OptionOf(p, "-c") == id) is { } monitor ? ContainerProxies.OptionOf(monitor, "-n") : null;

    /// <summary>The pod; null when neither the engine nor the cgroup tells of one.</summary>
    public static PodUse? PodOf(ProcessRecord process, ContainerRecord? record)
    {
        var uid = record?.PodUid ?? (process.Container is null ? null : PodUidOf(process.Cgroup ?? ""));
        return record?.PodName is null && uid is null ? null : new PodUse(record?.PodName, record?.PodNamespace, uid);
    }

    /// <summary>
    /// The uid in <c>kubepods-burstable-pod2a1c…_.slice</c> (dashes stand as underscores, since systemd reads dashes as levels)
    /// or <c>/kubepods/burstable/pod2a1c-…</c>.
    /// </summary>
    internal static string? PodUidOf(string cgroup)
    {
        if (!Has(cgroup, "kubepods"))
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
        return container.Published.Any(p => p.HostPort == port && (socket is null || (p.Protocol == socket.Protocol && Meets(p.HostAddress, socket.Local.Address))));
    }

    private static bool Meets(IpAddress? told, IpAddress held) => told is not { } address || address.IsAny || held.IsAny || address == held;

    private static ushort? Port(string? text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static bool Has(string cgroup, string sign) => cgroup.Contains(sign, StringComparison.Ordinal);
}
