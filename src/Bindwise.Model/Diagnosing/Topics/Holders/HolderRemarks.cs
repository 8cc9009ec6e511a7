using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Topics.Holders;

/// <summary>What is unusual about the program that holds the port, and what could not be seen of who holds it.</summary>
internal static class HolderRemarks
{
    /// <summary>So many restarts are no accident.</summary>
    private const int ManyRestarts = 3;

    /// <summary>Said only where it is true of the program.</summary>
    public static IEnumerable<Remark> Warnings(DiagnosisContext context)
    {
        if (context.Verdict == Verdict.Free || context.Main is not { Owners: [var owner, ..] } main
            || main.Socket.State is not (TcpSocketState.Listen or TcpSocketState.Close) || main.Kernel is not null)
            yield break;
        var name = ProcessNames.Plain(owner.Process);
        var origin = owner.StartedFrom;
        var isDevelopment = origin is { Tool.Kind: ToolKind.Runner or ToolKind.Watcher } or { Editor: not null };
        if (main.Socket is { Local.Address.IsAny: true, DeviceIndex: 0 }
            && (isDevelopment || (IsLocalhost(context) && origin?.ProjectFolder is not null)))
            yield return new Remark
            {
                Id = "wildcard",
                Text = $"{name} listens on every address, so other machines on the network can reach it; localhost would keep it to this "
                    + "one.",
            };
        if (owner.Process is { UserId: 0, Container: null }
            && (isDevelopment || (origin?.ProjectFolder is not null && ScriptNames.Of(owner.Process) is not null)))
            yield return new Remark { Id = "runs-as-root", Text = $"{name} runs as root." };
        if (ListenerPlan.FullQueue(main.Socket) is { } waiting)
            yield return new Remark { Id = "accept-queue-full", Text = $"{name} accepts no connections: {waiting}." };
        if (owner.Process.ExecutableDeleted)
            yield return new Remark
            {
                Id = "executable-deleted",
                Text = $"The executable of {name} was deleted or replaced after it started, so a restart may run another version.",
            };
        if (owner.Process.Restarts is >= ManyRestarts and var restarts)
            yield return new Remark { Id = "restarted-often", Text = $"{name} has been restarted {Wording.Number(restarts)} times." };
    }

    /// <summary>Asked about localhost alone, while the holder is on every address.</summary>
    private static bool IsLocalhost(DiagnosisContext context) =>
        context.Target.Host == "localhost" || context.Target.Address is { IsLoopback: true };

    /// <summary>Processes that could not be looked at.</summary>
    public static IEnumerable<Remark> Unseen(DiagnosisContext context)
    {
        var coverage = context.Snapshot.Coverage;
        var isAllTheKernels = context.Main is not null && context.Blockers.All(static b => b.Kernel is not null);
        if (coverage.OwnersRead && (coverage.UnreadableProcesses > 0 || coverage.ProcessesHidden) && !isAllTheKernels)
            yield return Unreadable(context);
        if (coverage is { OwnersRead: true, StuckProcesses.IsEmpty: false })
            yield return Stuck(coverage.StuckProcesses);
    }

    /// <summary>Sockets of which no holder was found, or none for sure.</summary>
    public static IEnumerable<Remark> NotFound(DiagnosisContext context)
    {
        if (context.Snapshot.Coverage.IsEveryProcessSeen && context.Blockers.Any(static b =>
            b is { Owners.IsEmpty: true, Flights.IsEmpty: true, Kernel: null, Socket.Protocol: not Protocol.Unix }
            && !b.Socket.IsWithoutProcess))
            yield return new Remark { Id = "owner-not-found", Text = HoldingReport.NotFound(context) };
        if (context.Blockers.FirstOrDefault(HoldingReport.IsOnlyInferred) is { } inferred)
            yield return new Remark { Id = "holder-inferred", Text = HoldingReport.Inferred(context, inferred) };
    }

    /// <summary>Who may have made a socket without a holder, and how many holders are left out.</summary>
    public static IEnumerable<Remark> Incomplete(DiagnosisContext context)
    {
        if (context.Blockers.Select(HoldingReport.Hint).FirstOrDefault(static hint => hint is not null) is { } made)
            yield return new Remark { Id = "creator-hint", Text = made };
        var inTheWay = context.Blockers.Select(static b => b.Socket.Inode).ToHashSet();
        var omitted = context.Snapshot.HoldersOmitted.Where(t => inTheWay.Contains(t.Inode)).Select(static t => t.Omitted).ToList();
        if (omitted.Count > 0)
            yield return new Remark
            {
                Id = "holders-cut",
                Text = $"Not every holder of {Wording.Count(omitted.Count, "socket", "sockets")} in the way is listed: up to "
                    + $"{Wording.Number(omitted.Max())} more processes have them.",
            };
    }

    private static Remark Stuck(ImmutableArray<int> processes)
    {
        const int listed = 5;
        var ids = string.Join(", ", processes.Take(listed).Select(static id => Wording.Number(id)));
        var more = processes.Length > listed ? ", …" : "";
        return new Remark
        {
            Id = "processes-stuck",
            Text = $"{Wording.Count(processes.Length, "process", "processes")} could not be looked at: stuck in the kernel (pid {ids}"
                + $"{more}).",
        };
    }

    private static Remark Unreadable(DiagnosisContext context)
    {
        var coverage = context.Snapshot.Coverage;
        var unread = coverage.UnreadableProcesses == 0 ? ""
            : $"{Wording.Number(coverage.UnreadableProcesses)} of {Wording.Count(coverage.Processes, "process", "processes")} could not be "
                + "read";
        var hidden = !coverage.ProcessesHidden ? "" : (unread.Length == 0 ? "" : ", and ") + "/proc hides the processes of other users";
        var misses = context.Blockers.Any(static b => b is { Owners.IsEmpty: true, Kernel: null } && !b.Socket.IsWithoutProcess);
        var needsHost = misses && context.Snapshot.Caller is { UserId: not 0, InInitialPidNamespace: Fact.No };
        var root = needsHost ? " Root on the host can see the owner; root in this container may not."
            : misses && context.Snapshot.Caller.UserId != 0 ? " Run with sudo to see the owner." : "";
        return new Remark
        {
            Id = "processes-unreadable",
            Text = $"{unread}{hidden}{(misses ? "." : ", so there may be other holders.")}{root}",
            IsInRemedies = misses && !needsHost && context.Snapshot.Caller.UserId != 0,
        };
    }
}
