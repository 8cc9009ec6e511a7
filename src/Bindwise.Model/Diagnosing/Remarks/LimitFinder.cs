using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remarks;

/// <summary>What could not be seen, and what would show it: said only where it may change the answer.</summary>
internal static class LimitFinder
{
    public static IEnumerable<Remark> Of(DiagnosisContext f)
    {
        foreach (var limit in f.Plan.Limits)
            yield return limit;
        foreach (var limit in SubjectLimits.Of(f))
            yield return limit;
        if (ElsewhereFinder.Limit(f) is { } unseen)
            yield return unseen;
        var coverage = f.Snapshot.Coverage;
        var isAllTheKernels = f.Main is not null && f.Blockers.All(static b => b.Kernel is not null);
        if (coverage.OwnersRead && (coverage.UnreadableProcesses > 0 || coverage.ProcessesHidden) && !isAllTheKernels)
            yield return Unreadable(f);
        if (coverage is { OwnersRead: true, StuckProcesses.IsEmpty: false })
            yield return Stuck(coverage.StuckProcesses);
        if (coverage.SocketsPartial)
            yield return new Remark("table-partial", "The socket table kept changing while it was read, so sockets may be missing.");
        var onPort = f.Snapshot.Tallies.Sum(static t => (long)t.Count);
        var listed = f.Snapshot.Sockets.Count(s => s.Local.Port == f.Plan.Port);
        if (f.Main is not null && onPort > listed)
            yield return new Remark("list-cut", $"{Wording.Number(listed)} of {Wording.Number(onPort)} sockets on the port are listed one by one; the counts cover all of them.");
        if (coverage.AllStatesRead && !coverage.BoundOnlySeen && f.Target.Protocol == Protocol.Tcp)
            yield return new Remark("bound-only-unseen", "This kernel (before 6.8) does not show sockets that are bound without listening.");
        if (f.Verdict == Verdict.Free && !f.Asked.Any(static j => j.ProbedErrno is not null || j.IsPermitted) && f.Target.Protocol != Protocol.Unix && f.Snapshot.Caller.As?.ProbeObstacle is null)
            yield return new Remark("not-probed", "No probe confirmed this; it is what the rules say about the socket table.");
        if (f.Decisive.IsOpenByPolicy)
            yield return new Remark("policy-unknown", $"It cannot be known from outside whether {PolicyNames.Or([.. f.Policies.Select(PolicyNames.Label).Distinct(StringComparer.Ordinal)])} lets the process bind.");
        else if (f.Verdict == Verdict.Undetermined && f.Target.Protocol == Protocol.Udp)
            yield return new Remark("undetermined", "The options of the socket there cannot be read, and a UDP port is never probed with a sharing option, because the probe would take its datagrams.");
        else if (f.Verdict == Verdict.Undetermined)
            yield return new Remark("undetermined", "The socket table does not show the options of the old socket; a probe (without --no-probe) can tell.");
        if (IsWithoutVisibleOwner(f))
            yield return new Remark("owner-not-found", HoldingReport.NotFound(f));
        if (f.Blockers.FirstOrDefault(HoldingReport.IsOnlyInferred) is { } inferred)
            yield return new Remark("holder-inferred", HoldingReport.Inferred(f, inferred));
        foreach (var limit in KernelLimits.Of(f).Concat(PolicyReasons.Limits(f)))
            yield return limit;
        if (f.Blockers.Select(HoldingReport.Hint).FirstOrDefault(static hint => hint is not null) is { } made)
            yield return new Remark("creator-hint", made);
        if (Omitted(f) is { Count: > 0 } omitted)
            yield return new Remark("holders-cut", $"Not every holder of {Wording.Count(omitted.Count, "socket", "sockets")} in the way is listed: up to {Wording.Number(omitted.Max())} more processes have them.");
        foreach (var note in coverage.Notes)
            yield return new Remark("note", note);
    }

    private static List<int> Omitted(DiagnosisContext f)
    {
        var inTheWay = f.Blockers.Select(static b => b.Socket.Inode).ToHashSet();
        return [.. f.Snapshot.HoldersOmitted.Where(t => inTheWay.Contains(t.Inode)).Select(static t => t.Omitted)];
    }

    private static Remark Stuck(ImmutableArray<int> processes)
    {
        const int listed = 5;
        var ids = string.Join(", ", processes.Take(listed).Select(static id => Wording.Number(id)));
        var more = processes.Length > listed ? ", …" : "";
        return new Remark("processes-stuck", $"{Wording.Count(processes.Length, "process", "processes")} could not be looked at: stuck in the kernel (pid {ids}{more}).");
    }

    private static Remark Unreadable(DiagnosisContext f)
    {
        var coverage = f.Snapshot.Coverage;
        var unread = coverage.UnreadableProcesses == 0 ? ""
            : $"{Wording.Number(coverage.UnreadableProcesses)} of {Wording.Count(coverage.Processes, "process", "processes")} could not be read";
        var hidden = !coverage.ProcessesHidden ? "" : (unread.Length == 0 ? "" : ", and ") + "/proc hides the processes of other users";
        var misses = f.Blockers.Any(static b => b is { Owners.IsEmpty: true, Kernel: null } && !b.Socket.IsWithoutProcess);
        var needsHost = misses && f.Snapshot.Caller is { UserId: not 0, InInitialPidNamespace: Fact.No };
        var root = needsHost ? " Root on the host can see the owner; root in this container may not."
            : misses && f.Snapshot.Caller.UserId != 0 ? " Run with sudo to see the owner." : "";
        return new Remark("processes-unreadable", $"{unread}{hidden}{(misses ? "." : ", so there may be other holders.")}{root}")
        {
            IsInRemedies = misses && !needsHost && f.Snapshot.Caller.UserId != 0,
        };
    }

    private static bool IsWithoutVisibleOwner(DiagnosisContext f) => f.Snapshot.Coverage.IsEveryProcessSeen
        && f.Blockers.Any(static b => b is { Owners.IsEmpty: true, Flights.IsEmpty: true, Kernel: null } && !b.Socket.IsWithoutProcess && b.Socket.Protocol != Protocol.Unix);
}
