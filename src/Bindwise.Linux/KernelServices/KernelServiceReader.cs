using Bindwise.Linux.Netlink;
using Bindwise.Linux.Routing;

namespace Bindwise.Linux.KernelServices;

/// <summary>
/// Looks through what the kernel does by itself on a port: asked only when a socket there has no holder. Reading changes nothing: no module
/// is loaded by it, and what is not there has nothing to tell.
/// </summary>
internal static class KernelServiceReader
{
    /// <summary>
    /// Only the system's first network namespace has this file (netns_core_table is smaller, net/core/sysctl_net_core.c).
    /// </summary>
    private const string FirstNamespaceOnly = "/proc/sys/net/core/dev_weight";

    /// <param name="ownerless">The sockets in the way that no process shows.</param>
    /// <param name="files">The files; null for the system's own.</param>
    internal static KernelSurvey Read(Protocol protocol, IReadOnlyList<HeldSocket> ownerless, ServiceFiles? files = null)
    {
        files ??= new ServiceFiles();
        var services = new List<KernelService>();
        var unread = new List<string>();
        if (protocol == Protocol.Udp)
            ReadTunnels(services, unread);
        NfsServices.Read(files, protocol, services);
        RpcBindings.Read(files, protocol, services, unread);
        NetworkMounts.Read(files, protocol, services);
        OtherServices.Read(files, protocol, services);
        if (protocol == Protocol.Tcp)
        {
            if (ownerless.Any(static socket => socket.IsMultipath == Fact.Yes))
                ReadMptcpEndpoints(services, unread);
            StorageTargets.Read(files, services);
            ClusterServices.Read(files, services);
        }
        return new KernelSurvey
        {
            Services = [.. services.Where(service => ownerless.Any(socket => Concerns(service, socket))).Distinct()],
            Unread = [.. unread.Distinct(StringComparer.Ordinal)],
            IsFirstNamespace = files.Exists("/proc/sys/net/core/somaxconn") ? files.Exists(FirstNamespaceOnly) : null,
        };
    }

    private static bool Concerns(KernelService service, HeldSocket socket) =>
        service.Port is { } port ? port == socket.Local.Port : service.Remote is { } remote && remote.Port == socket.Remote.Port;

    private static void ReadMptcpEndpoints(List<KernelService> services, List<string> unread)
    {
        using var generic = OpenGeneric(unread);
        if (generic is not null)
            Ask(generic, "MPTCP endpoints", MptcpEndpoints.Family, MptcpEndpoints.Get, new MptcpEndpoints(services), unread);
    }

    private static void ReadTunnels(List<KernelService> services, List<string> unread)
    {
        var links = new TunnelLinks();
        var errno = RouteClient.TryOpen(out var route);
        using (route)
        {
            var dump = new TunnelLinkDump(links);
            if (route is null || !route.ReadLinks(ref dump).IsComplete)
                unread.Add($"the interfaces (rtnetlink{(errno == Errno.None ? "" : $": {errno}")})");
        }
        services.AddRange(links.Services);
        using var generic = OpenGeneric(unread);
        if (generic is null)
            return;
        foreach (var name in links.WireGuard)
            ReadWireGuard(generic, name, services, unread);
        Ask(generic, "foo-over-UDP", FouReceivers.Family, FouReceivers.Get, new FouReceivers(services), unread);
        Ask(generic, "L2TP", L2tpTunnels.Family, L2tpTunnels.TunnelGet, new L2tpTunnels(services), unread);
        Ask(generic, "TIPC", TipcBearers.Family, TipcBearers.BearerGet, new TipcBearers(services), unread);
    }

    private static GenericNetlink? OpenGeneric(List<string> unread)
    {
        var errno = GenericNetlink.TryOpen(out var generic);
        if (generic is null)
            unread.Add($"generic netlink ({errno})");
        return generic;
    }

    private static void Ask<TVisitor>(GenericNetlink generic, string what, string family, byte command, TVisitor visitor,
        List<string> unread)
        where TVisitor : struct, IMessageVisitor
    {
        if (generic.Has(family))
            Note(what, generic.Dump(family, command, [], ref visitor), unread);
    }

    private static void ReadWireGuard(GenericNetlink generic, string name, List<KernelService> services, List<string> unread)
    {
        var ports = new WireGuardPorts();
        var outcome = generic.Dump(WireGuardPorts.Family, WireGuardPorts.GetDevice, GenericNetlink.Text(WireGuardPorts.AttributeName, name),
            ref ports);
        generic.Forget();
        if (ports.Port is { } port)
            services.Add(new KernelService(KernelServiceKind.WireGuard, Protocol.Udp, Name: name, Port: port,
                Source: "WG_CMD_GET_DEVICE (wg show)"));
        Note($"the port of the WireGuard interface {name}", outcome, unread);
    }

    private static void Note(string what, DumpOutcome outcome, List<string> unread)
    {
        if (outcome.Status == DumpStatus.Failed)
            unread.Add($"{what} ({outcome.Errno})");
    }
}

/// <summary>An address with its port as the kernel's files write them: <c>10.0.0.1:3260</c>, <c>[::]:3260</c>.</summary>
internal static class ServiceAddress
{
    internal static bool TryParse(string text, out IpEndpoint endpoint)
    {
        endpoint = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        if (!IpAddress.TryParse(host, out var address))
            return false;
        endpoint = new IpEndpoint(address, port);
        return true;
    }
}
