using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>
/// Finds what in the kernel holds a socket: a service that is configured on its port in this network namespace, or what struct sock says.
/// </summary>
internal static class KernelOwners
{
    /// <summary>The kernel's part in a socket; null where a process holds it, or where nothing speaks for the kernel.</summary>
    public static KernelOwner? Of(HeldSocket socket, Snapshot snapshot)
    {
        if (snapshot.KernelSurvey is not { } survey || !IsCandidate(socket) || snapshot.Holders.Any(h => h.Inode == socket.Inode && socket.Inode != 0))
            return null;
        var record = survey.Sockets.FirstOrDefault(r => r.Cookie == socket.Cookie && r.Cookie != 0);
        // A descriptor that nobody shows (in flight, another PID namespace) is no kernel socket, whatever is configured.
        if (record is { OpenedByKernel: Fact.No, Handler: null })
            return null;
        var matching = survey.Services.Where(s => Serves(s, socket)).ToList();
        var told = record is null ? null : KernelHandlers.KindOf(record.Handler);
        // Every subflow of every MPTCP socket has this handler, and was opened by the kernel: only an endpoint that is there is the kernel's own.
        if (told == KernelServiceKind.MptcpEndpoint && !matching.Exists(static s => s.Kind == KernelServiceKind.MptcpEndpoint))
            return null;
        var fitting = told is { } kind && matching.Exists(s => s.Kind == kind) ? matching.FindAll(s => s.Kind == kind) : told is null ? matching : [];
        var handler = record?.Handler is { } name ? record.Module is { } module ? $"{name} [{module}]" : name : null;
        if (fitting.Count > 0)
            return Configured(fitting, handler);
        // The NFS server may be given a socket that a program made and let go of (rpc.nfsd): the handler tells then.
        return told is not null || record is { OpenedByKernel: Fact.Yes } || KernelHandlers.SubsystemOf(record?.Handler) is not null ? Unconfigured(told, record!.Handler, handler) : null;
    }

    /// <summary>A socket that the kernel may have opened for itself; one without a file in any other state is merely left over.</summary>
    private static bool IsCandidate(HeldSocket socket) => socket.Protocol != Protocol.Unix
        && (socket.Inode != 0 || socket.Protocol == Protocol.Udp || socket.State is TcpState.Listen or TcpState.Bound);

    private static bool Serves(KernelService service, HeldSocket socket) =>
        service.Protocol == socket.Protocol
        && (service.Port is not null || service.Remote is not null)
        && (service.Port is not { } port || port == socket.Local.Port)
        && (service.Address is not { } address || address.IsAny || IsSame(address, socket.Local.Address))
        && (service.Remote is not { } remote || (remote.Port == socket.Remote.Port && IsSame(remote.Address, socket.Remote.Address)));

    private static bool IsSame(IpAddress one, IpAddress other) => one == other || (one.AsIPv4 is { } plain && plain == other.AsIPv4);

    private static KernelOwner Configured(List<KernelService> services, string? handler)
    {
        var first = services[0];
        var alike = services.Where(s => s.Kind == first.Kind).ToList();
        ImmutableArray<string> names = [.. alike.Select(static s => s.Name).Where(static n => n.Length > 0).Distinct(StringComparer.Ordinal)];
        return new KernelOwner(first.Kind, names, KernelServiceNames.Label(first.Kind, names), first.Source, handler);
    }

    private static KernelOwner Unconfigured(KernelServiceKind? kind, string? name, string? handler)
    {
        var label = kind is { } known ? KernelServiceNames.Label(known, [])
            : KernelHandlers.SubsystemOf(name) ?? "the kernel itself";
        return new KernelOwner(kind ?? KernelServiceKind.Other, [], label, "struct sock (a BPF walk over the kernel's sockets)", handler);
    }
}
