using Bindwise.Linux.KernelServices;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>Looks for the kernel behind sockets that no process shows; where every socket has a holder, nothing is read.</summary>
internal static class KernelServiceStage
{
    /// <summary>The snapshot with what the kernel tells of its own services, and with the options that it tells of their sockets.</summary>
    public static Snapshot Complete(Snapshot snapshot, IReadOnlyList<HeldSocket> onPort)
    {
        var held = snapshot.Holders.Select(static h => h.Inode).ToHashSet();
        List<HeldSocket> ownerless = [.. onPort.Where(s => s.Protocol != Protocol.Unix && s.Inode != 0 && !held.Contains(s.Inode))];
        if (ownerless.Count == 0)
            return snapshot;
        var survey = KernelServiceReader.Read(ownerless[0].Protocol, ownerless);
        if (SocketWalk.Read(ownerless[0].Protocol, ownerless[0].Local.Port) is not { } walked)
            return snapshot with { KernelSurvey = survey };
        var cookies = ownerless.Select(static s => s.Cookie).ToHashSet();
        var records = walked.Where(r => cookies.Contains(r.Cookie)).DistinctBy(static r => r.Cookie).ToDictionary(static r => r.Cookie);
        return snapshot with
        {
            KernelSurvey = survey with { SocketsWalked = true, Sockets = [.. records.Values] },
            Sockets = [.. snapshot.Sockets.Select(s => records.TryGetValue(s.Cookie, out var record) ? WithOptions(s, record) : s)],
        };
    }

    /// <summary>No process lends its descriptor of the socket, so its options are told by the socket itself.</summary>
    private static HeldSocket WithOptions(HeldSocket socket, KernelSocketRecord record) => socket with
    {
        ReuseAddress = socket.ReuseAddress == Fact.Unknown ? record.ReuseAddress : socket.ReuseAddress,
        ReusePort = socket.ReusePort == Fact.Unknown ? record.ReusePort : socket.ReusePort,
    };
}
