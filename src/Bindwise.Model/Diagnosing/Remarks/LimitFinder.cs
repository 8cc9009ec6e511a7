using System.Collections.Immutable;
using System.Text;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Diagnosing.Sentences;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Remarks;

/// <summary>What could not be seen, and what would show it: said only where it may change the answer.</summary>
internal static class LimitFinder
{
    public static IEnumerable<Remark> Of(DiagnosisContext context)
    {
        foreach (var limit in context.Plan.Limits)
            yield return limit;
        foreach (var limit in SubjectLimits.Of(context))
            yield return limit;
        if (ElsewhereFinder.Limit(context) is { } unseen)
            yield return unseen;
        var coverage = context.Snapshot.Coverage;
        var isAllTheKernels = context.Main is not null && context.Blockers.All(static b => b.Kernel is not null);
        if (coverage.OwnersRead && (coverage.UnreadableProcesses > 0 || coverage.ProcessesHidden) && !isAllTheKernels)
            yield return Unreadable(context);
        if (coverage is { OwnersRead: true, StuckProcesses.IsEmpty: false })
            yield return Stuck(coverage.StuckProcesses);
        if (coverage.SocketsPartial)
            yield return new Remark
            {
                Id = "table-partial",
                Text = "The socket table kept changing while it was read, so sockets may be missing.",
            };
        var onPort = context.Snapshot.Tallies.Sum(static t => (long)t.Count);
        var listed = context.Snapshot.Sockets.Count(s => s.Local.Port == context.Plan.Port);
        if (context.Main is not null && onPort > listed)
            yield return new Remark
            {
                Id = "list-cut",
                Text = $"{Wording.Number(listed)} of {Wording.Number(onPort)} sockets on the port are listed one by one; the counts cover "
                    + "all of them.",
            };
        if (coverage.AllStatesRead && !coverage.BoundOnlySeen && context.Target.Protocol == Protocol.Tcp)
            yield return new Remark
            {
                Id = "bound-only-unseen",
                Text = "This kernel (before 6.8) does not show sockets that are bound without listening.",
            };
        if (context.Verdict == Verdict.Free && !context.Asked.Any(static j => j.ProbedErrno is not null || j.IsPermitted)
            && context.Target.Protocol != Protocol.Unix && context.Snapshot.Caller.As?.ProbeObstacle is null)
            yield return new Remark
            {
                Id = "not-probed",
                Text = "No probe confirmed this; it is what the rules say about the socket table.",
            };
        if (context.Decisive.IsOpenByPolicy)
            yield return new Remark
            {
                Id = "policy-unknown",
                Text = $"It cannot be known from outside whether "
                    + $"{PolicyNames.Or([.. context.Policies.Select(PolicyNames.Label).Distinct(StringComparer.Ordinal)])} lets the "
                    + $"process "
                    + "bind.",
            };
        else if (context.Verdict == Verdict.Undetermined && context.Target.Protocol == Protocol.Udp)
            yield return new Remark
            {
                Id = "undetermined",
                Text = "The options of the socket there cannot be read, and a UDP port is never probed with a sharing option, because the "
                    + "probe would take its datagrams.",
            };
        else if (context.Verdict == Verdict.Undetermined)
            yield return new Remark
            {
                Id = "undetermined",
                Text = "The socket table does not show the options of the old socket; a probe (without --no-probe) can tell.",
            };
        if (IsWithoutVisibleOwner(context))
            yield return new Remark { Id = "owner-not-found", Text = HoldingReport.NotFound(context) };
        if (context.Blockers.FirstOrDefault(HoldingReport.IsOnlyInferred) is { } inferred)
            yield return new Remark { Id = "holder-inferred", Text = HoldingReport.Inferred(context, inferred) };
        foreach (var limit in KernelLimits.Of(context).Concat(PolicyReasons.Limits(context)))
            yield return limit;
        if (context.Blockers.Select(HoldingReport.Hint).FirstOrDefault(static hint => hint is not null) is { } made)
            yield return new Remark { Id = "creator-hint", Text = made };
        if (Omitted(context) is { Count: > 0 } omitted)
            yield return new Remark
            {
                Id = "holders-cut",
                Text = $"Not every holder of {Wording.Count(omitted.Count, "socket", "sockets")} in the way is listed: up to "
                    + $"{Wording.Number(omitted.Max())} more processes have them.",
            };
        foreach (var note in coverage.Notes)
            yield return new Remark { Id = "note", Text = note };
    }

    private static List<int> Omitted(DiagnosisContext context)
    {
        var inTheWay = context.Blockers.Select(static b => b.Socket.Inode).ToHashSet();
        return [.. context.Snapshot.HoldersOmitted.Where(t => inTheWay.Contains(t.Inode)).Select(static t => t.Omitted)];
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

    private static bool IsWithoutVisibleOwner(DiagnosisContext context) => context.Snapshot.Coverage.IsEveryProcessSeen
        && context.Blockers.Any(static b => b is { Owners.IsEmpty: true, Flights.IsEmpty: true, Kernel: null } && !b.Socket.IsWithoutProcess
            && b.Socket.Protocol != Protocol.Unix);
}

/// <summary>What could not be seen or tried of another program.</summary>
internal static class SubjectLimits
{
    public static IEnumerable<Remark> Of(DiagnosisContext context)
    {
        if (context.Snapshot.Caller.As is not { } program)
            yield break;
        if (program.ProbeObstacle is { } obstacle)
            yield return new Remark
            {
                Id = "not-probed-as",
                Text = $"No probe was made as {SubjectSentences.UserOf(program)}: {obstacle}. The answer is what the rules say.",
            };
        if (program.MayBindPrivilegedPorts == Fact.Unknown && context.Target.Protocol != Protocol.Unix
            && context.Plan.Port is > 0 and var port && port < (context.Snapshot.Settings.UnprivilegedPortStart ?? 1024))
            yield return new Remark
            {
                Id = "rights-unknown",
                Text = "Whether the program may bind privileged ports is not known, because its user namespace cannot be read from here.",
            };
        foreach (var policy in Policies(context))
            yield return policy;
        foreach (var note in program.Notes)
            yield return new Remark { Id = "note", Text = note };
    }

    /// <summary>What may refuse a bind() that is free by the sockets: told in words, since no bind() can be tried there.</summary>
    private static IEnumerable<Remark> Policies(DiagnosisContext context)
    {
        if (context.Verdict != Verdict.Free || context.Target.Protocol == Protocol.Unix
            || context.Snapshot.Policies is not { ProcessId: not null } survey)
            yield break;
        var untried = UntriedPolicies.Of(context.Snapshot);
        var filter = untried.FirstOrDefault(static r => r.Kind == PolicyKind.Seccomp);
        if (filter is not null && context.Snapshot.Caller.As is { Listeners: [var listener, ..] })
            yield return new Remark
            {
                Id = "filter-untried",
                Text = $"The process runs under a seccomp filter. It listens on {listener.Local}, so the filter lets it bind, unless it "
                    + "was set after that.",
            };
        var others = untried.Where(static r => r.Kind != PolicyKind.Seccomp && !r.GovernsCaller)
            .Select(static r => PolicyNames.Label(PolicyFinder.Named(r, false)))
            .Distinct(StringComparer.Ordinal).ToList();
        if (others.Count > 0)
            yield return new Remark
            {
                Id = "policies-untried",
                Text = $"No bind() can be tried in the program's place, so {PolicyNames.Or(others)} may still refuse it.",
            };
        if (!survey.Unread.IsEmpty)
            yield return new Remark
            {
                Id = "policies-unread",
                Text = $"This user may not read: {Wording.List(survey.Unread)}."
                    + (context.Snapshot.Caller.UserId == 0 ? "" : " Run with sudo to see it."),
            };
        if (context.Target.Protocol == Protocol.Tcp && !survey.Absent.Contains(PolicyKind.Landlock))
        {
            yield return survey.NoNewPrivileges == Fact.Yes
                ? new Remark
                {
                    Id = "landlock-unseen",
                    Text = "The process gave up new privileges (no_new_privs); whether a Landlock ruleset also keeps it from this port "
                        + "cannot be known from outside.",
                }
                : new Remark
                {
                    Id = "landlock-possible",
                    Text = "Whether a Landlock ruleset keeps the process from this port cannot be known from outside.",
                };
        }
    }
}

/// <summary>Where the rules and the kernel differ: said plainly, answered as the kernel, with a scenario to attach to a report.</summary>
internal static class DisagreementReport
{
    /// <summary>The scenario in the .bind language; null when they agree.</summary>
    public static string? Of(DiagnosisContext context)
    {
        var differing = context.Asked.Concat(context.Others).FirstOrDefault(static j => j.Contradicts);
        if (differing is null)
            return null;
        var text = new StringBuilder("# The rules and this kernel (")
            .Append(context.Snapshot.Kernel).Append(") differ here: please report it.\n");
        var index = 0;
        foreach (var socket in context.Snapshot.Sockets)
        {
            index++;
            text.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"s{index} = {Protocols(socket)}{Options(socket)} {socket.Local}");
            text.Append(socket.State == TcpSocketState.Listen ? " listen" : "").Append("  # ").Append(Wording.State(socket)).Append('\n');
        }
        text.Append("new = ").Append(differing.Request.Protocol == Protocol.Udp ? "udp" : "tcp").Append(Options(differing.Request))
            .Append(' ').Append(differing.Request.Endpoint)
            .Append("  -> ").Append(ErrnoNames.Of(differing.ProbedErrno ?? 0))
            .Append("  # the rules say ").Append(differing.Decision.Errno ?? "ok").Append(" by ").Append(differing.Decision.Rule.Id);
        return text.ToString();
    }

    private static string Protocols(HeldSocket socket) => socket.Protocol == Protocol.Udp ? "udp" : "tcp";

    private static string Options(BindRequest request) =>
        (request.ReuseAddress ? " reuseaddr" : "") + (request.ReusePort ? " reuseport" : "") + (request.V6Only == true ? " v6only" : "");

    private static string Options(HeldSocket socket) =>
        (socket.ReuseAddress == Fact.Yes ? " reuseaddr" : "") + (socket.ReusePort == Fact.Yes ? " reuseport" : "")
            + (socket.V6Only == Fact.Yes ? " v6only" : "");
}
