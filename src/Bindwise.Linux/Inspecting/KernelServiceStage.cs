using Bindwise.Linux.KernelServices;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>Looks for the kernel behind sockets that no process shows; where every socket has a holder, nothing is read.</summary>
internal static class KernelServiceStage
{
    /// <summary>The snapshot with what the kernel tells of its own services.</summary>
    public static Snapshot Complete(Snapshot snapshot, IReadOnlyList<HeldSocket> onPort)
    {
        var held = snapshot.Holders.Select(static h => h.Inode).ToHashSet();
        List<HeldSocket> ownerless = [.. onPort.Where(s => s.Protocol != Protocol.Unix && s.Inode != 0 && !held.Contains(s.Inode))];
        return ownerless.Count == 0 ? snapshot : snapshot with { KernelSurvey = KernelServiceReader.Read(ownerless[0].Protocol, ownerless) };
    }
}
