using System.Globalization;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

/// <summary>
/// Mounted network file systems (/proc/self/mountinfo): the kernel opens their connections, from a source port of its choice (NFS from a
/// reserved one below 1024), so they are told by the other end.
/// </summary>
internal static class NetworkMounts
{
    private const string Source = "/proc/self/mountinfo";
    private const ushort NfsPort = 2049;
    private const ushort SmbPort = 445;
    private const ushort PlanNinePort = 564;

    private static readonly (string Type, KernelServiceKind Kind, ushort Port)[] Types =
    [
        ("nfs", KernelServiceKind.NfsMount, NfsPort), ("nfs4", KernelServiceKind.NfsMount, NfsPort),
        ("cifs", KernelServiceKind.SmbMount, SmbPort), ("smb3", KernelServiceKind.SmbMount, SmbPort),
        ("ceph", KernelServiceKind.CephMount, 0), ("9p", KernelServiceKind.PlanNineMount, PlanNinePort),
    ];

    internal static void Read(ServiceFiles files, Protocol protocol, List<KernelService> services)
    {
        var bytes = files.Read(Source);
        foreach (var (type, kind, port) in Types)
        {
            foreach (var mount in MountInfo.Parse(bytes, type))
                Add(mount, kind, port, protocol, services);
        }
    }

    private static void Add(MountInfo mount, KernelServiceKind kind, ushort usual, Protocol protocol, List<KernelService> services)
    {
        var name = KernelText.Decode(mount.Point);
        if (kind == KernelServiceKind.CephMount)
        {
            foreach (var monitor in Monitors(mount))
                services.Add(Service(kind, name, protocol, monitor));
            return;
        }
        // NFS tells its protocol (proto=tcp, tcp6, udp); 9P its transport (trans=tcp); SMB has only TCP.
        var transport = mount.Option("proto") ?? mount.Option("trans") ?? "tcp";
        if (!transport.StartsWith(protocol == Protocol.Tcp ? "tcp" : "udp", StringComparison.Ordinal))
            return;
        var port = ushort.TryParse(mount.Option("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var told) && told != 0 ? told : usual;
        var addressText = mount.Option("addr") ?? (kind == KernelServiceKind.PlanNineMount ? mount.Source : null);
        if (addressText is not null && IpAddress.TryParse(addressText, out var address))
            services.Add(Service(kind, name, protocol, new IpEndpoint(address, port)));
    }

    /// <summary>The monitors of Ceph: <c>10.0.0.1:6789,10.0.0.2:6789:/path</c>, or the option mon_addr with <c>/</c> between them.</summary>
    private static IEnumerable<IpEndpoint> Monitors(MountInfo mount)
    {
        var source = mount.Source;
        var path = source.IndexOf(":/", StringComparison.Ordinal);
        var list = mount.Option("mon_addr")?.Replace('/', ',') ?? (path < 0 ? "" : source[..path]);
        foreach (var monitor in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ServiceAddress.TryParse(monitor, out var endpoint))
                yield return endpoint;
        }
    }

    private static KernelService Service(KernelServiceKind kind, string name, Protocol protocol, IpEndpoint remote) =>
        new() { Kind = kind, Name = name, Protocol = protocol, Remote = remote, Source = Source };
}
