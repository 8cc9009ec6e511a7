using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// How to end the processes that hold a socket by signals, in one line that frees the port: whoever would start the server again is told
/// first, and whoever would outlive its parent is told as well.
/// </summary>
internal static class EndRemedies
{
    private const int MaximumIds = 8;

    /// <param name="owners">The holders of one socket, its maker first.</param>
    /// <param name="besides">Other programs with a socket in the way, which have to end as well.</param>
    /// <param name="why">Why it is not ended by what manages it, a clause; null where nothing does.</param>
    public static Remedy Of(DiagnosisContext context, ImmutableArray<Owner> owners, IReadOnlyList<Owner>? besides = null,
        string? why = null)
    {
        var first = owners[0];
        var chain = ChainOf(context, owners);
        if (besides is { Count: > 0 })
        {
            var names = new List<string> { chain.Name };
            names.AddRange(besides.Select(static o => ProcessNames.Short(o.Process)));
            chain = chain with { Name = Wording.List(names), Ended = [.. chain.Ended, .. besides.Select(static o => o.Process)] };
        }
        var plan = chain.Ended.DistinctBy(static p => p.Id).Take(MaximumIds).ToList();
        var sudo = Sudo(context, plan);
        var isSuspended = plan.Exists(static p => p.State == 'T');
        var job = IsOneJob(chain, plan) ? ShellCommand.Of($"-- -{plan[0].Id}") : null;
        var stop = job is null ? Kill(sudo, plan) : ShellCommand.Of($"{sudo}kill {job}");
        var command = isSuspended ? ShellCommand.Of($"{sudo}kill -CONT {job ?? Ids(plan)} && {stop}") : stop;
        var text = first.Role == OwnerRole.Receiver
            ? $"Stop {ProcessNames.Short(first.Process)}; what waits in its UNIX socket closes with it"
            : HoldingReport.IsOnlyInferred(context.Main!) && owners.Length == 1
                ? $"Stop {ProcessNames.Short(first.Process)}, which probably holds it"
            : isSuspended ? $"Resume {chain.Name} and stop it"
            : $"Stop {chain.Name}{Keyboard(context, first, plan)}";
        var deaf = plan.Select(static p => (Process: p, Signal: EndSignal.Of(p))).FirstOrDefault(static one => one.Signal.Why.Length > 0);
        if (deaf.Signal is { } other)
            text += $", with {other.Name}: {(plan.Count == 1 ? "it" : ProcessNames.Short(deaf.Process))} {other.Why}";
        var isKilled = plan.Exists(static p => EndSignal.Of(p).IsKill);
        return Remedy.Of(chain.Tool is null ? isSuspended ? "continue-process" : "end-process" : "stop-tool",
            text + (plan.Exists(static p => p.IsStuck) ? Stuck(plan) : Left(context)) + (why is null ? "" : "; " + why) + ".", command,
            Changes(plan, isKilled), isKilled ? Killed(plan) : Risk(context, owners)) with
        { IsRiskNotable = isKilled };
    }

    private static ShellCommand Kill(ShellCommand sudo, List<ProcessRecord> plan) =>
        ShellCommand.Join(" && ",
            Grouped(plan).Select(group => ShellCommand.Of($"{sudo}kill {group.Signal.Option}{Ids(group.Processes)}")));

    /// <summary>Those that get the same signal, in the order in which they get it.</summary>
    private static IEnumerable<(EndSignal Signal, List<ProcessRecord> Processes)> Grouped(List<ProcessRecord> plan)
    {
        for (int at = 0, next; at < plan.Count; at = next)
        {
            var signal = EndSignal.Of(plan[at]);
            for (next = at + 1; next < plan.Count && EndSignal.Of(plan[next]).Number == signal.Number; next++)
            {
            }
            yield return (signal, plan[at..next]);
        }
    }

    private static ShellCommand Ids(List<ProcessRecord> processes) =>
        ShellCommand.Join(" ", processes.Select(static p => ShellCommand.Of($"{p.Id}")));

    private static string Killed(List<ProcessRecord> plan) => plan.Exists(static p => p.NamespacePid == 1)
        ? "it cannot clean up, and every process of its PID namespace ends with it" : "it cannot clean up; unsaved work is lost";

    /// <summary>
    /// What was started is one job with a process group of its own: a signal to the group reaches all of it at once, and never finds one
    /// gone with its parent already.
    /// </summary>
    private static bool IsOneJob(Chain chain, List<ProcessRecord> plan) => chain.IsJob && plan.Count > 1 && plan[0].Id > 1
        && plan.TrueForAll(p => p.GroupId == plan[0].Id && EndSignal.Of(p).Why.Length == 0);

    /// <summary>Another program whose socket is in the way too, where the first one is stopped by what manages it.</summary>
    public static Remedy Beside(DiagnosisContext context, Owner owner) => Remedy.Of(
        "end-process", $"Also stop {ProcessNames.Short(owner.Process)}, which has a socket in the way too.",
        $"{RunAs.OwnerOf(context, owner.Process)}kill {EndSignal.Of(owner.Process).Option}{owner.Process.Id}",
        Changes([owner.Process], EndSignal.Of(owner.Process).IsKill), "its clients are cut off; unsaved work may be lost");

    /// <summary>Those of which one holds the socket, to be ended one after the other until the port is free.</summary>
    public static IEnumerable<Remedy> OneByOne(DiagnosisContext context, ImmutableArray<Owner> candidates) =>
        candidates.Take(MaximumIds).Select((owner, at) => Remedy.Of(
        "end-process", at == 0 ? $"Stop {ProcessNames.Short(owner.Process)}, which may hold it."
            : $"If the port is still taken then, stop {ProcessNames.Short(owner.Process)}.",
        $"{RunAs.OwnerOf(context, owner.Process)}kill {EndSignal.Of(owner.Process).Option}{owner.Process.Id}", Changes([owner.Process],
            EndSignal.Of(owner.Process).IsKill), "it may be the wrong one; its clients are cut off, and unsaved work may be lost") with
        {
            IsRiskNotable = true,
        });

    /// <summary>The parent that may start it again, to be ended as well; null for none.</summary>
    public static Remedy? WithParent(DiagnosisContext context, ImmutableArray<Owner> owners)
    {
        if (RestartingParent(context, owners) is not { } parent)
            return null;
        var first = owners[0].Process;
        var sudo = Sudo(context, [parent, first]);
        return Remedy.Of("end-parent", $"If it comes back, its parent {ProcessNames.Short(parent)} restarts it; stop that too.",
            Kill(sudo, [parent, first]), Changes([parent, first], EndSignal.Of(first).IsKill),
            "the parent may run other programs as well") with
        { IsRiskNotable = true };
    }

    /// <summary>
    /// The parent that may start it again although it is no supervisor that is known: a script of an interpreter, or what has started
    /// children before. Null for none, and for what ends with its child.
    /// </summary>
    internal static ProcessRecord? RestartingParent(DiagnosisContext context, ImmutableArray<Owner> owners)
    {
        var first = owners[0].Process;
        return owners[0].StartedFrom is not ({ Tool: not null } or { Container: not null })
            && context.Holders.ParentsOf(first) is [var parent, ..] && parent.Id > 1
            && !owners.Any(o => o.Process.Id == parent.Id) && !ProcessNames.AreOfTheSameProgram(first, parent)
            && !context.Snapshot.Caller.AncestorIds.Contains(parent.Id) && ChainOf(context, owners).Ended.All(p => p.Id != parent.Id)
            && !Shells.IsInteractive(parent)
            && (ScriptNames.Run(parent) is not null || (parent.HasReapedChildren && Restarters.Are(parent))) ? parent : null;
    }

    private static ShellCommand Sudo(DiagnosisContext context, List<ProcessRecord> processes) =>
        processes.Select(p => RunAs.OwnerOf(context, p)).FirstOrDefault(static prefix => !prefix.IsEmpty) ?? ShellCommand.Empty;

    /// <summary>Whom the signal goes to, and what all of them together are called.</summary>
    internal readonly record struct Chain(string Name, IReadOnlyList<ProcessRecord> Ended, StartingTool? Tool, bool IsJob = false);

    /// <summary>Those that have to end for one socket to be let go of, whoever would start the others again first.</summary>
    internal static Chain ChainOf(DiagnosisContext context, ImmutableArray<Owner> owners)
    {
        // What keeps the socket for the run in which it is asked goes on, and gives it to whoever binds it next.
        if (owners.RemoveAll(o => o.Role == OwnerRole.Keeper && context.Snapshot.Caller.AncestorIds.Contains(o.Process.Id))
            is { IsEmpty: false } users)
            owners = users;
        var first = owners[0].Process;
        var parents = context.Holders.ParentsOf(first);
        if (owners[0].StartedFrom is { Tool: { Kind: ToolKind.Runner or ToolKind.Watcher } tool, Container: null }
            && !context.Snapshot.Caller.AncestorIds.Contains(tool.ProcessId)
            && parents.ToList().FindIndex(p => p.Id == tool.ProcessId) is >= 0 and var at)
        {
            // A runner that gets SIGTERM leaves its child behind as often as not; the child alone would be started again by a watcher.
            return new Chain(tool.Command, [.. parents.Take(at + 1).Reverse(), first, .. Others(owners)], tool, IsJob: true);
        }
        // A loop in a shell starts the server again; a script that only waits for it ends with it anyway.
        var scripts = parents.TakeWhile(p => owners[0].Process.Container is null && p.Id > 1 && Shells.IsScript(p)
            && !context.Snapshot.Caller.AncestorIds.Contains(p.Id)).Reverse().ToList();
        if (scripts.Count > 0 && owners.Length == 1)
            return new Chain($"{ProcessNames.Short(first)} and the script that runs it", [.. scripts, first], null, IsJob: true);
        if (Keepers.Of(owners) is { } keeper)
        {
            var name = owners.Length == 1 ? $"{ProcessNames.Short(keeper)}, which keeps it"
                : $"{ProcessNames.Short(keeper)}, which runs {ProcessNames.Short(first)} and keeps its socket";
            return new Chain(name, [keeper], null);
        }
        if (MasterPrograms.HaveLostTheirs(owners))
            return new Chain(owners.Length == 1 ? $"{ProcessNames.Short(first)}, a worker that lost its master"
                : $"these {Wording.Number(owners.Length)} workers, which lost their master", [.. owners.Select(static o => o.Process)],
                null);
        if (Respawner(context, owners, parents) is { } master)
            return new Chain($"{ProcessNames.Short(master)}, the parent of "
                + $"{(owners.Length == 1 ? "this worker" : $"these {Wording.Number(owners.Length)} workers")}", [master], null);
        if (EndsItsWorkers(owners))
            return new Chain(ProcessNames.Short(first) + And(owners), [first], null);
        if (owners.Length == 1 || owners[0].Role == OwnerRole.Creator)
            return new Chain(ProcessNames.Short(first) + And(owners), [first, .. Others(owners)], null);
        return owners.Length <= MaximumIds
            ? new Chain($"all {Wording.Number(owners.Length)} processes that hold it", [.. owners.Select(static o => o.Process)], null)
            : new Chain($"{ProcessNames.Short(first)}, and then the other {Wording.Number(owners.Length - 1)} processes that hold it",
                [first], null);
    }

    /// <summary>
    /// Workers of another user's server: their parent, of the same program and of a user whose descriptors cannot be read, starts a new one
    /// for each that ends.
    /// </summary>
    private static ProcessRecord? Respawner(DiagnosisContext context, ImmutableArray<Owner> owners, IReadOnlyList<ProcessRecord> parents)
    {
        if (parents is not [var parent, ..] || parent.Id <= 1 || context.Snapshot.Caller.UserId == 0
            || parent.UserId == context.Snapshot.Caller.UserId)
            return null;
        return owners.All(o => o.Process.ParentId == parent.Id && o.Process.Name == parent.Name) ? parent : null;
    }

    /// <summary>Masters that are known to end their workers: one signal is enough, and a second one may find the worker gone.</summary>
    private static bool EndsItsWorkers(ImmutableArray<Owner> owners) => owners is [{ Role: OwnerRole.Creator, Process: var maker }, _, ..]
        && owners.All(o => ProcessNames.AreOfTheSameProgram(o.Process, maker)) && MasterPrograms.Is(maker);

    /// <summary>
    /// The other holders: a pre-forking server ends its workers itself, and yet a child that outlives its parent keeps the port. The
    /// signals go out in this order, so that nobody starts a worker anew. Too many to be named one by one are left to their parent.
    /// </summary>
    private static IEnumerable<ProcessRecord> Others(ImmutableArray<Owner> owners) =>
        owners.Length > MaximumIds ? [] : owners.Skip(1).Select(static o => o.Process);

    private static string And(ImmutableArray<Owner> owners)
    {
        var first = owners[0].Process;
        var strangers = owners.Skip(1).Where(o => !ProcessNames.AreOfTheSameProgram(o.Process, first)).ToList();
        var workers = owners.Length - 1 - strangers.Count;
        var parts = new List<string>();
        if (workers > 0)
            parts.Add(workers == 1 ? "its worker" : $"its {Wording.Number(workers)} workers");
        if (strangers.Count > 0)
            parts.Add($"{ProcessNames.Short(strangers[0].Process)}"
                + $"{(strangers.Count == 1 ? "" : $" and {Wording.Count(strangers.Count - 1, "other", "others")}")}, which inherited the "
                + "socket");
        return parts.Count == 0 ? "" : " and " + string.Join(", and ", parts);
    }

    /// <summary>The key that does the same, where a person has the program in front.</summary>
    private static string Keyboard(DiagnosisContext context, Owner owner, List<ProcessRecord> ended)
    {
        if (owner.StartedFrom is not { Terminal: { } terminal, Session: not "cron" } origin
            || !ended.TrueForAll(static p => p.IsInForeground))
            return "";
        var place = origin.Editor ?? origin.Session;
        return place is null ? $", with Ctrl+C on {terminal} or from here" : $", with Ctrl+C in {place} ({terminal}) or from here";
    }

    // Not even SIGKILL ends a wait for an answer that somebody has begun to give (request_wait_answer(), fs/fuse/dev.c).
    private static string Stuck(List<ProcessRecord> ended) =>
        $"; {(ended.Count == 1 ? "it" : "one of them")} is stuck in the kernel, and ends only when what it waits for (such as a FUSE or "
            + "NFS server) answers or is unmounted";

    /// <summary>
    /// What the end of a program with open connections leaves: this side closes first then, so TIME_WAIT stays here. Without any, what it
    /// has left already.
    /// </summary>
    private static string Left(DiagnosisContext context)
    {
        if (context.Main is not { Socket: { Protocol: Protocol.Tcp } held } || held.ReuseAddress == Fact.Yes)
            return "";
        var isListener = held.State == TcpSocketState.Listen;
        var open = (isListener ? context.Snapshot.Sockets.Where(s => s.Local.Port == held.Local.Port)
            : context.Blockers.Select(static b => b.Socket)).Where(static s => s.OutlivesProcess).ToList();
        var verb = held.ReuseAddress == Fact.No ? "will" : "may";
        if (open.Count == 0)
            return LeftAlready(context, verb);
        // What is unread now may be read by then.
        if (open.TrueForAll(static s => s.HasUnread))
            verb = "may";
        else
            open.RemoveAll(static s => s.HasUnread);
        // An MPTCP connection waits for the peer's DATA_FIN first, as one that was shut down waits for its FIN.
        var left = open.TrueForAll(static s => s.State == TcpSocketState.FinWait2 || s.IsMultipath == Fact.Yes) ? "FIN_WAIT2" : "TIME_WAIT";
        var connections = isListener || context.Blockers.Length > 1
            ? "its " + Wording.Count(open.Count, "open connection", "open connections") : "the connection";
        return $"; {connections} {verb} keep the port in {left} for about a minute more";
    }

    private static string LeftAlready(DiagnosisContext context, string verb)
    {
        var closed = context.Blockers.Select(static b => b.Socket)
            .Where(static s => s.IsWithoutProcess && s.State is TcpSocketState.TimeWait or TcpSocketState.FinWait2).ToList();
        var states = Wording.List([.. closed.Select(Wording.State).Distinct()]);
        return closed.Count == 0 ? ""
            : $"; {Wording.Count(closed.Count, "connection", "connections")} in {states} {verb} keep the port for up to a minute more";
    }

    private static string Changes(List<ProcessRecord> plan, bool isKilled) => isKilled ? "the kernel ends it at once"
        : $"{(plan.Count == 1 ? "the process gets" : "the processes get")} "
            + $"{Wording.List([.. plan.Select(static p => EndSignal.Of(p).Name).Distinct()])} and can clean up";

    private static string Risk(DiagnosisContext context, ImmutableArray<Owner> owners) =>
        context.Cause == Cause.StoppedProcess ? "a suspended process sees SIGTERM only once it runs again"
        : owners[0].StartedFrom?.Tool is { Kind: ToolKind.Watcher } tool ? $"{tool.Command} may start it again"
        : "its clients are cut off; unsaved work may be lost";
}

/// <summary>The gentlest signal that ends a process: SIGTERM, unless that has no effect on it (signal(7), pid_namespaces(7)).</summary>
/// <param name="Number">The same on every architecture that is supported.</param>
/// <param name="Why">Why it is not SIGTERM, a clause without its subject; empty for SIGTERM.</param>
internal sealed record EndSignal(string Name, int Number, string Why = "")
{
    private static readonly EndSignal Terminate = new("SIGTERM", 15);

    /// <summary>The last one: whoever gets it cannot clean up.</summary>
    public static EndSignal Kill { get; } = new("SIGKILL", 9);

    // SIGHUP is left out: who handles it most often reads its configuration again.
    private static readonly EndSignal[] Others = [new("SIGINT", 2), new("SIGQUIT", 3)];

    /// <summary>As kill(1) takes it: nothing for SIGTERM.</summary>
    public ShellCommand Option => Number switch
    {
        15 => ShellCommand.Empty,
        9 => ShellCommand.Of($"-KILL "),
        2 => ShellCommand.Of($"-INT "),
        _ => ShellCommand.Of($"-QUIT ")
    };

    /// <summary>It has no chance to clean up.</summary>
    public bool IsKill => Number == Kill.Number;

    /// <summary>The number of a signal by its name; SIGTERM's for any other.</summary>
    public static int NumberOf(string? name) => Others.Append(Kill).FirstOrDefault(one => one.Name == name, Terminate).Number;

    /// <summary>The signal for a process; SIGTERM where its masks are not known.</summary>
    public static EndSignal Of(ProcessRecord process)
    {
        if (process.Signals is not { } masks || Reaches(Terminate))
            return Terminate;
        var why = Has(masks.Ignored, Terminate) ? "ignores SIGTERM"
            : process.NamespacePid == 1 && !Has(masks.Caught, Terminate) ? "is process 1 of its PID namespace and does not handle SIGTERM"
            : "blocks SIGTERM";
        var other = Array.Find(Others, one => Has(masks.Caught, one) && Reaches(one)) ?? Array.Find(Others, Reaches) ?? Kill;
        return other with { Why = why };

        bool Reaches(EndSignal signal) =>
            !Has(masks.Blocked, signal) && !Has(masks.Ignored, signal) && (process.NamespacePid != 1 || Has(masks.Caught, signal));
    }

    private static bool Has(ulong mask, EndSignal signal) => (mask >> (signal.Number - 1) & 1) != 0;
}
