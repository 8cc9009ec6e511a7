using System.Globalization;
using System.Text;
using Bindwise.Linux.Proc;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

/// <summary>
/// The NFS server (nfsd(7)), the lock manager and the client's callback service. A port that the kernel chose itself, as the lock manager's
/// is unless it was set, stands in no file.
/// </summary>
internal static class NfsServices
{
    private const string PortList = "/proc/fs/nfsd/portlist";

    internal static void Read(ServiceFiles files, Protocol protocol, List<KernelService> services)
    {
        var isTcp = protocol == Protocol.Tcp;
        AddPortList(Encoding.UTF8.GetString(files.Read(PortList)), protocol, services);
        // Set and in use are two things: without the service's thread nothing listens there, and then no socket asks for it.
        Add(services, KernelServiceKind.NfsLocks, protocol, files, isTcp ? "/proc/sys/fs/nfs/nlm_tcpport" : "/proc/sys/fs/nfs/nlm_udpport");
        if (isTcp)
            Add(services, KernelServiceKind.NfsCallback, protocol, files, "/proc/sys/fs/nfs/nfs_callback_tcpport");
    }

    /// <summary>
    /// Lines such as <c>tcp 2049</c> (svc_one_xprt_name) or, before Linux 3.0, <c>ipv4 tcp 0.0.0.0 2049</c> (svc_one_sock_name), both of
    /// net/sunrpc: the transport is a word, the port the last one.
    /// </summary>
    internal static void AddPortList(string text, Protocol protocol, List<KernelService> services)
    {
        var transport = protocol == Protocol.Tcp ? "tcp" : "udp";
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is < 2 or > 4 || !words.Contains(transport, StringComparer.Ordinal)
                || !ushort.TryParse(words[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                continue;
            services.Add(new KernelService { Kind = KernelServiceKind.NfsServer, Protocol = protocol, Port = port, Source = PortList });
        }
    }

    private static void Add(List<KernelService> services, KernelServiceKind kind, Protocol protocol, ServiceFiles files, string path)
    {
        if (files.Port(path) is { } port)
            services.Add(new KernelService { Kind = kind, Protocol = protocol, Port = port, Source = path });
    }
}
