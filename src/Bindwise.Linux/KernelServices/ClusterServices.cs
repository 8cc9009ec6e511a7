using Bindwise.Linux.Proc;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

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
            services.Add(new KernelService { Kind = KernelServiceKind.Dlm, Protocol = Protocol.Tcp, Port = files.Port(Dlm + "/tcp_port") ?? DlmPort, Source = Dlm });
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
        services.Add(new KernelService { Kind = KernelServiceKind.Ocfs2Cluster, Name = cluster, Protocol = Protocol.Tcp, Address = isKnown ? address : null, Port = port, Source = folder });
    }
}
