using System.Globalization;
using System.Text;
using Bindwise.Linux.Proc;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

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

    /// <summary>A line a local endpoint: <c>UDP   [::]:7001   1   1   0</c> (rxrpc_local_seq_show(), net/rxrpc/proc.c, Linux 6.2).</summary>
    internal static void AddRxRpcLocals(string text, List<KernelService> services)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is not ["UDP", var local, ..] || !ServiceAddress.TryParse(local, out var endpoint) || endpoint.Port == 0)
                continue;
            services.Add(new KernelService { Kind = KernelServiceKind.RxRpc, Protocol = Protocol.Udp, Address = endpoint.Address, Port = endpoint.Port, Source = RxRpcLocals });
        }
    }

    /// <summary>The module is there, and its daemon's configuration names the port (<c>tcp port = 4450</c>; 445 where it does not).</summary>
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

    private static void Add(List<KernelService> services, KernelServiceKind kind, string name, Protocol protocol, ushort port, string source) =>
        services.Add(new KernelService { Kind = kind, Name = name, Protocol = protocol, Port = port, Source = source });
}
