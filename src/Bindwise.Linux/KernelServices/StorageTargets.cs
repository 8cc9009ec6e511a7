using System.Globalization;
using Bindwise.Linux.Proc;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

/// <summary>
/// Disks served or used over TCP: the portals of LIO's iSCSI targets and the ports of the NVMe target (both by configfs, both in the system's
/// first network namespace), and the controllers of the NVMe client.
/// </summary>
internal static class StorageTargets
{
    private const string Iscsi = "/sys/kernel/config/target/iscsi";
    private const string NvmeTarget = "/sys/kernel/config/nvmet/ports";
    private const string NvmeHost = "/sys/class/nvme";

    internal static void Read(ServiceFiles files, List<KernelService> services)
    {
        foreach (var target in files.Names(Iscsi).Where(static name => name.Contains('.', StringComparison.Ordinal)))
        {
            foreach (var group in files.Names($"{Iscsi}/{target}").Where(static name => name.StartsWith("tpgt_", StringComparison.Ordinal)))
                AddPortals(files, target, $"{Iscsi}/{target}/{group}/np", services);
        }
        foreach (var port in files.Names(NvmeTarget))
            AddNvmePort(files, port, services);
        foreach (var controller in files.Names(NvmeHost))
            AddNvmeController(files, controller, services);
    }

    /// <summary>A portal is a folder that is called by its address: <c>0.0.0.0:3260</c>, <c>[::0]:3260</c>.</summary>
    private static void AddPortals(ServiceFiles files, string target, string folder, List<KernelService> services)
    {
        foreach (var name in files.Names(folder))
        {
            // targetcli makes "+iser" folders beside for RDMA.
            if (ServiceAddress.TryParse(name, out var portal) && portal.Port != 0)
                services.Add(Service(KernelServiceKind.IscsiTarget, target, portal, folder));
        }
    }

    /// <summary>A port is opened when the first subsystem is linked to it (nvmet_port_subsys_allow_link()).</summary>
    private static void AddNvmePort(ServiceFiles files, string id, List<KernelService> services)
    {
        var folder = $"{NvmeTarget}/{id}";
        if (files.Text(folder + "/addr_trtype") != "tcp" || files.Port(folder + "/addr_trsvcid") is not { } port
            || files.Names(folder + "/subsystems").Count == 0)
            return;
        var isKnown = IpAddress.TryParse(files.Text(folder + "/addr_traddr"), out var address);
        services.Add(new KernelService { Kind = KernelServiceKind.NvmeTarget, Name = id, Protocol = Protocol.Tcp, Address = isKnown ? address : null, Port = port, Source = folder });
    }

    /// <summary><c>traddr=10.0.0.7,trsvcid=4420,src_addr=10.0.0.1</c>.</summary>
    private static void AddNvmeController(ServiceFiles files, string name, List<KernelService> services)
    {
        var folder = $"{NvmeHost}/{name}";
        if (files.Text(folder + "/transport") != "tcp")
            return;
        var fields = files.Text(folder + "/address").Split(',');
        if (!IpAddress.TryParse(Field(fields, "traddr="), out var address)
            || !ushort.TryParse(Field(fields, "trsvcid="), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return;
        services.Add(new KernelService { Kind = KernelServiceKind.NvmeHost, Name = name, Protocol = Protocol.Tcp, Remote = new IpEndpoint(address, port), Source = folder });
    }

    private static string Field(string[] fields, string prefix) =>
        Array.Find(fields, field => field.StartsWith(prefix, StringComparison.Ordinal)) is { } found ? found[prefix.Length..].Trim() : "";

    private static KernelService Service(KernelServiceKind kind, string name, IpEndpoint local, string source) =>
        new() { Kind = kind, Name = name, Protocol = Protocol.Tcp, Address = local.Address, Port = local.Port, Source = source };
}
