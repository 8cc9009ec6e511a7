using Bindwise.Linux.Callers;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.PendingUses;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// Looks for calls and requests that keep a socket whose descriptor is closed: only for sockets that no process shows in any other way. The
/// socket itself names them where the kernel lets it be asked; else those are taken that fit, and are told as inferred.
/// </summary>
internal static class PendingUseStage
{
    /// <summary>More that fit than these say nothing.</summary>
    private const int CandidateLimit = 8;

    /// <summary>The snapshot with the holders of those among the sockets that had none.</summary>
    /// <param name="snapshot">With what else is known of holders, and of the kernel's own sockets.</param>
    public static Snapshot Complete(Snapshot snapshot, IReadOnlyList<HeldSocket> onPort, Func<uint, string?> userName,
        Func<Snapshot, Snapshot> completeOrigins)
    {
        var found = Find(snapshot, onPort);
        if (found.IsEmpty)
            return snapshot;
        var processes = OwnersAhead.ReadProcesses(new OwnerFindings { Holders = found }, userName);
        return completeOrigins(snapshot with
        {
            Holders = [.. snapshot.Holders, .. found],
            Processes = [.. snapshot.Processes.Concat(processes).DistinctBy(static p => p.Id)],
            Caller = snapshot.Caller with { AncestorIds = CallerAncestry.Read(snapshot.Caller.ProcessId) },
        });
    }

    /// <summary>The holders of those among the sockets that have none in the snapshot.</summary>
    private static ImmutableArray<Holder> Find(Snapshot snapshot, IReadOnlyList<HeldSocket> onPort)
    {
        var held = snapshot.Holders.Select(static h => h.Inode).Concat(snapshot.DescriptorsInFlight.Select(static f => f.Carried))
            .ToHashSet();
        List<HeldSocket> ownerless = [.. onPort.Where(s => s.Inode != 0 && !held.Contains(s.Inode)).DistinctBy(static s => s.Inode)];
        using var directory = ownerless.Count == 0 ? null : OpenAt.TryOpen("/proc\0"u8);
        if (directory is null)
            return [];
        var view = new TaskView(directory.Number);
        var waiting = WaitQueues.Find(view, ownerless[0].Protocol, [.. ownerless.Select(static s => s.Inode)]);
        var found = waiting ?? [];
        var known = found.Select(static h => h.Inode).ToHashSet();
        return [.. found, .. Infer(view, snapshot, ownerless.FindAll(s => !known.Contains(s.Inode) && !IsOfKernel(s, snapshot)),
            areQueuesKnown: waiting is not null)];
    }

    /// <summary>A service of the kernel explains it, or struct sock says so.</summary>
    private static bool IsOfKernel(HeldSocket socket, Snapshot snapshot) => snapshot.KernelSurvey is { } survey
        && (!survey.Services.IsEmpty || (socket.IsMultipath != Fact.Yes
            && survey.Sockets.Any(r => r.Cookie == socket.Cookie && r is not { OpenedByKernel: Fact.No, Handler: null })));

    // What says most comes first: of the later ones nothing is asked where an earlier one fits. Who would stand in the wait queue is none
    // where that was read; an MPTCP socket has one of its own, which is not that of its subflow.
    private static IEnumerable<Holder> Infer(TaskView view, Snapshot snapshot, List<HeldSocket> sockets, bool areQueuesKnown)
    {
        var calls = new ClosedDescriptors(view);
        List<Func<int, IEnumerable<PendingUse>>> searches =
        [
            calls.Of,
            pid => RingRequests.OfClosedRings(view, pid),
            pid => RingRequests.OfOpenRings(view, pid),
        ];
        var pids = sockets.Count == 0 ? [] : view.Processes();
        foreach (var search in searches)
        {
            if (sockets.Count == 0)
                yield break;
            List<PendingUse> uses = [.. pids.SelectMany(search)
                .Where(use => view.IsInOurNetwork(use.ProcessId, use.ThreadId ?? use.ProcessId) == Fact.Yes)];
            foreach (var socket in sockets.ToList())
            {
                var fitting = uses.Where(use => Fits(use.Awaits, socket)
                    && (!areQueuesKnown || use.MayWaitElsewhere || socket.IsMultipath == Fact.Yes)
                    && IsOfUser(view.UserOf(use.ProcessId), socket, snapshot)).DistinctBy(static use => use.ProcessId).ToList();
                if (fitting.Count is 0 or > CandidateLimit)
                    continue;
                sockets.Remove(socket);
                foreach (var use in fitting)
                    yield return use.ToHolder(socket.Inode, isInferred: true);
            }
        }
    }

    private static bool Fits(AwaitedEvent awaited, HeldSocket socket) => awaited switch
    {
        AwaitedEvent.Any => true,
        AwaitedEvent.Connection => socket.State == TcpSocketState.Listen,
        AwaitedEvent.Handshake => socket.State is TcpSocketState.SynSent or TcpSocketState.SynReceived,
        AwaitedEvent.Acknowledgement =>
            socket.State is TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.Closing or TcpSocketState.LastAck,
        _ => socket.State != TcpSocketState.Listen,
    };

    /// <summary>
    /// The socket is of whoever made it. A server may have given up root since; to know that of another's takes the right to look at all.
    /// </summary>
    private static bool IsOfUser(uint? user, HeldSocket socket, Snapshot snapshot) => socket.UserId is not { } maker || user == maker
        || (maker == 0 && snapshot.Coverage is { UnreadableProcesses: 0, ProcessesHidden: false });
}
