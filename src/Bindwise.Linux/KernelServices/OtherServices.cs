using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.KernelServices;

/// <summary>Services of the kernel that tell by one file each: ksmbd, RxRPC, SCTP over UDP, RDS and soft RoCE.</summary>
internal static class OtherServices
{
    private const string SmbControl = "/sys/class/ksmbd-control";
    private const string RxRpcLocals = "/proc/net/rxrpc/locals";
    private const string SctpPort = "/proc/sys/net/sctp/udp_port";
    private const string RdsSettings = "/proc/sys/net/rds/tcp";
    private const string RdmaDevices = "/sys/class/infiniband";
    private const ushort SmbPort = 445;

    /// <summary>RDS_TCP_PORT (net/rds/tcp.h).</summary>
    private const ushort RdsPort = 16385;

    /// <summary>ROCE_V2_UDP_DPORT, by IANA.</summary>
    private const ushort RocePort = 4791;

    internal static void Read(ServiceFiles files, Protocol protocol, List<KernelService> services)
    {
        if (protocol == Protocol.Tcp)
        {
            ReadSmbServer(files, services);
            if (files.Exists(RdsSettings))
                Add(services, KernelServiceKind.Rds, "", protocol, RdsPort, RdsSettings);
            return;
        }
        AddRxRpcLocals(Encoding.UTF8.GetString(files.Read(RxRpcLocals)), services);
        if (files.Port(SctpPort) is { } sctp)
            Add(services, KernelServiceKind.SctpOverUdp, "", protocol, sctp, SctpPort);
        foreach (var device in files.Names(RdmaDevices).Where(static name => name.StartsWith("rxe", StringComparison.Ordinal)))
            Add(services, KernelServiceKind.Rxe, device, protocol, RocePort, RdmaDevices);
    }

    /// <summary>A line a local endpoint: <c>UDP [::]:7001 1 1 0</c> (rxrpc_local_seq_show(), net/rxrpc/proc.c, Linux 6.2).</summary>
    internal static void AddRxRpcLocals(string text, List<KernelService> services)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is not ["UDP", var local, ..] || !ServiceAddress.TryParse(local, out var endpoint) || endpoint.Port == 0)
                continue;
            services.Add(new KernelService(KernelServiceKind.RxRpc, Protocol.Udp, Address: endpoint.Address, Port: endpoint.Port,
                Source: RxRpcLocals));
        }
    }

    /// <summary>
    /// The module is there, and its daemon's configuration names the port (<c>tcp port = 4450</c>; 445 where it does not).
    /// </summary>
    private static void ReadSmbServer(ServiceFiles files, List<KernelService> services)
    {
        if (!files.Exists(SmbControl))
            return;
        var path = files.Exists("/etc/ksmbd/ksmbd.conf") ? "/etc/ksmbd/ksmbd.conf" : "/etc/ksmbd/smb.conf";
        Add(services, KernelServiceKind.SmbServer, "", Protocol.Tcp, SmbPortOf(files.Text(path)), $"{SmbControl} and {path}");
    }

    private static ushort SmbPortOf(string configuration)
    {
        foreach (var line in configuration.Split('\n'))
        {
            var halves = line.Split('=', 2, StringSplitOptions.TrimEntries);
            if (halves is [var name, var value] && string.Join(' ', name.Split(' ', StringSplitOptions.RemoveEmptyEntries)) == "tcp port"
                && ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port != 0)
                return port;
        }
        return SmbPort;
    }

    private static void Add(List<KernelService> services, KernelServiceKind kind, string name, Protocol protocol, ushort port,
        string source) =>
        services.Add(new KernelService(kind, protocol, Name: name, Port: port, Source: source));
}

/// <summary>
/// The cluster's lock manager (DLM) and that of OCFS2, by configfs; both listen in the system's first network namespace, and only while the
/// cluster runs.
/// </summary>
internal static class ClusterServices
{
    private const string Dlm = "/sys/kernel/config/dlm/cluster";
    private const string Ocfs2 = "/sys/kernel/config/cluster";

    /// <summary>DLM_DEFAULT_TCP_PORT (fs/dlm/config.c).</summary>
    private const ushort DlmPort = 21064;

    internal static void Read(ServiceFiles files, List<KernelService> services)
    {
        // Without a lockspace there is no socket: then none asks for it.
        if (files.Names(Dlm + "/comms").Count > 0 && files.Text(Dlm + "/protocol") is "" or "0" or "tcp")
            services.Add(new KernelService(KernelServiceKind.Dlm, Protocol.Tcp, Port: files.Port(Dlm + "/tcp_port") ?? DlmPort,
                Source: Dlm));
        foreach (var cluster in files.Names(Ocfs2))
        {
            foreach (var node in files.Names($"{Ocfs2}/{cluster}/node"))
                AddNode(files, cluster, $"{Ocfs2}/{cluster}/node/{node}", services);
        }
    }

    private static void AddNode(ServiceFiles files, string cluster, string folder, List<KernelService> services)
    {
        if (files.Text(folder + "/local") != "1" || files.Port(folder + "/ipv4_port") is not { } port)
            return;
        var isKnown = IpAddress.TryParse(files.Text(folder + "/ipv4_address"), out var address);
        services.Add(new KernelService(KernelServiceKind.Ocfs2Cluster, Protocol.Tcp, Name: cluster, Address: isKnown ? address : null,
            Port: port, Source: folder));
    }
}

/// <summary>
/// Disks served or used over TCP: the portals of LIO's iSCSI targets and the ports of the NVMe target (both by configfs, both in the
/// system's first network namespace), and the controllers of the NVMe client.
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
                services.Add(new KernelService(KernelServiceKind.IscsiTarget, Protocol.Tcp, Name: target, Address: portal.Address,
                    Port: portal.Port, Source: folder));
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
        services.Add(new KernelService(KernelServiceKind.NvmeTarget, Protocol.Tcp, Name: id, Address: isKnown ? address : null, Port: port,
            Source: folder));
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
        services.Add(new KernelService(KernelServiceKind.NvmeHost, Protocol.Tcp, Name: name, Remote: new IpEndpoint(address, port),
            Source: folder));
    }

    private static string Field(string[] fields, string prefix) =>
        Array.Find(fields, field => field.StartsWith(prefix, StringComparison.Ordinal)) is { } found ? found[prefix.Length..].Trim() : "";
}

/// <summary>MPTCP endpoints with a port (MPTCP_PM_CMD_GET_ADDR, linux/mptcp_pm.h), called by their ids.</summary>
internal readonly struct MptcpEndpoints(List<KernelService> services) : IMessageVisitor
{
    internal const string Family = "mptcp_pm";
    internal const byte Get = 3;
    internal const ushort AttributeEndpoint = 1;
    internal const ushort EndpointId = 2;
    internal const ushort EndpointIPv4 = 3;
    internal const ushort EndpointIPv6 = 4;
    internal const ushort EndpointPort = 5;

    public void Visit(in NetlinkMessage message)
    {
        if (!message.TryGenericAttributes(out var attributes))
            return;
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AttributeEndpoint)
                Add(value);
        }
    }

    public void Restart() => services.RemoveAll(static s => s.Kind == KernelServiceKind.MptcpEndpoint);

    private void Add(ReadOnlySpan<byte> endpoint)
    {
        ushort port = 0;
        byte id = 0;
        IpAddress? address = null;
        var attributes = new NetlinkAttributeReader(endpoint);
        while (attributes.TryNext(out var type, out var value))
        {
            switch (type)
            {
                case EndpointId when value.Length == 1:
                    id = value[0];
                    break;
                case EndpointIPv4 when value.Length == 4:
                case EndpointIPv6 when value.Length == 16:
                    address = IpAddress.FromBytes(value);
                    break;
                // In the host's order, unlike a port of TCP.
                case EndpointPort when value.Length == sizeof(ushort):
                    port = MemoryMarshal.Read<ushort>(value);
                    break;
            }
        }
        if (port != 0)
            services.Add(new KernelService(KernelServiceKind.MptcpEndpoint, Protocol.Tcp, Name: id.ToString(CultureInfo.InvariantCulture),
                Port: port, Address: address, Source: "MPTCP_PM_CMD_GET_ADDR (ip mptcp endpoint show)"));
    }
}
