using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// How to end the processes that hold a socket by signals, in one line that frees the port: whoever would start the server again is told
/// first, and whoever would outlive its parent is told as well.
/// </summary>
internal static class EndRemedies
{
    /// <summary>More processes than these are not named one by one in a sentence, nor reached one by one by a command.</summary>
    private const int MaximumIds = 8;
    private const int MaximumNames = 4;

    /// <param name="owners">The holders of one socket, its maker first.</param>
    /// <param name="besides">The holders of other sockets in the way, which have to end as well.</param>
    /// <param name="why">Why it is not ended by what manages it, a clause; null where nothing does.</param>
    public static Remedy Of(DiagnosisContext context, ImmutableArray<Owner> owners, IReadOnlyList<ImmutableArray<Owner>>? besides = null,
        string? why = null)
    {
        var first = owners[0];
        var chain = ChainOf(context, owners, besides);
        var plan = PlanOf(context, chain.Ended);
        if (plan.Find(one => one.Signal.IsNothing && owners.Any(o => o.Process.Id == one.Process.Id)) is { Process: { } beyond })
            return OutOfReach(beyond);
        // A runner as process 1 ends after its child.
        plan.RemoveAll(static one => one.Signal.IsNothing);
        var suspended = plan.FindAll(static one => one.Process.State == 'T');
        var isSuspended = suspended.Count > 0;
        var command = Command(context, chain, plan, suspended);
        var text = first.Role == OwnerRole.Receiver
            ? $"Stop {ProcessNames.Short(first.Process)}; what waits in its UNIX socket closes with it"
            : HoldingReport.IsOnlyInferred(context.Main!) && owners.Length == 1
                ? $"Stop {ProcessNames.Short(first.Process)}, which probably holds it"
            : isSuspended && besides is { Count: > 0 }
                ? $"Resume {Wording.List([.. suspended.Select(static one => ProcessNames.Short(one.Process))])} and stop "
                    + (suspended.Count == plan.Count ? "them" : chain.Name)
            : isSuspended ? $"Resume {chain.Name} and stop it"
            : $"Stop {chain.Name}{Keyboard(first, plan)}";
        var deaf = plan.Find(static one => one.Signal.Why.Length > 0);
        if (deaf.Signal is { } other)
            text += $", with {other.Name}: {(plan.Count == 1 ? "it" : ProcessNames.Short(deaf.Process))} {other.Why}";
        var isKilled = plan.Exists(static one => one.Signal.IsKill);
        return Remedy.Of(chain.Tool is null ? isSuspended ? "continue-process" : "end-process" : "stop-tool",
            text + (plan.Exists(static one => one.Process.IsStuck) ? Stuck(plan) : Left(context)) + (why is null ? "" : "; " + why) + ".",
            command, Changes(plan, isKilled), isKilled ? Killed(plan) : Risk(context, owners, plan)) with
        { IsRiskNotable = isKilled };
    }

    /// <summary>
    /// Without those that the kernel ends with process 1 of their PID namespace (zap_pid_ns_processes(), kernel/pid_namespace.c): a command
    /// would find them gone.
    /// </summary>
    private static List<Ending> PlanOf(DiagnosisContext context, IEnumerable<ProcessRecord> processes)
    {
        var plan = Ending.Of(processes);
        var ended = plan.Where(static one => one.Process.IsFirst && one.Signal.IsKill).Select(static one => one.Process.Id).ToHashSet();
        if (ended.Count > 0)
            plan.RemoveAll(one => context.Holders.ParentsOf(one.Process).Any(parent => ended.Contains(parent.Id)));
        return plan;
    }

    /// <summary>Process 1 of the PID namespace in which bindwise runs itself, which has no handler.</summary>
    private static Remedy OutOfReach(ProcessRecord process) => Remedy.Of("end-from-outside",
        $"End {ProcessNames.Short(process)} from the host, or restart its container: it {EndSignal.Of(process).Why}, and no signal from in "
            + "here is sure to end it.", null, "every process of the container ends with it", "unsaved work may be lost");

    /// <summary>One line that reaches all of them: their group, else their ids, and <c>bindwise free</c> where those are many.</summary>
    private static ShellCommand Command(DiagnosisContext context, Chain chain, List<Ending> plan, List<Ending> suspended)
    {
        var sudo = Sudo(context, plan);
        var isJob = IsOneJob(chain, plan);
        if (plan.Count > MaximumIds && !isJob && IsForFree(context))
            return ShellCommand.Of($"{sudo}bindwise free {context.Question} --yes");
        var job = isJob ? ShellCommand.Of($"-- -{plan[0].Process.Id}") : null;
        var stop = job is null ? Kill(sudo, plan) : ShellCommand.Of($"{sudo}kill {plan[0].Signal.Option}{job}");
        return suspended.Count > 0 ? ShellCommand.Of($"{sudo}kill -CONT {job ?? Ids(suspended)} && {stop}") : stop;
    }

    /// <summary>Servers' sockets alone, and none of a process that has to be thawed or resumed first: <c>free</c> ends those.</summary>
    private static bool IsForFree(DiagnosisContext context) => context.Blockers.All(static blocker => blocker.Socket.IsWithoutProcess
        || (!blocker.Socket.IsConnection && blocker.Flights.IsEmpty
            && blocker.Owners.All(static owner => owner is { Role: not OwnerRole.Candidate, Process: { Freeze: null, State: not 't' } })));

    private static Chain ChainOf(DiagnosisContext context, ImmutableArray<Owner> owners, IReadOnlyList<ImmutableArray<Owner>>? besides) =>
        besides is { Count: > 0 } ? Together([ChainOf(context, owners), .. besides.Select(others => ChainOf(context, others))])
            : ChainOf(context, owners);

    /// <summary>All of them as one: the first few called by their names, the rest by its number.</summary>
    private static Chain Together(List<Chain> chains)
    {
        var named = chains.Count <= MaximumNames ? chains.Count : MaximumNames - 1;
        var names = chains.Take(named).Select(static chain => chain.Name).ToList();
        if (named < chains.Count)
            names.Add(Wording.Count(chains.Count - named, "other", "others"));
        return chains[0] with { Name = Wording.List(names), Ended = [.. chains.SelectMany(static chain => chain.Ended)] };
    }

    /// <summary>One command for all that get the same signal, in the order of the first of each: fewer find somebody gone.</summary>
    private static ShellCommand Kill(ShellCommand sudo, List<Ending> plan) =>
        ShellCommand.Join(" && ", plan.GroupBy(static one => one.Signal.Number)
            .Select(group => ShellCommand.Of($"{sudo}kill {group.First().Signal.Option}{Ids(group)}")));

    private static ShellCommand Ids(IEnumerable<Ending> plan) =>
        ShellCommand.Join(" ", plan.Select(static one => ShellCommand.Of($"{one.Process.Id}")));

    private static string Killed(List<Ending> plan) => plan.Exists(static one => one.Process.IsFirst)
        ? "it cannot clean up, and every process of its PID namespace ends with it" : "it cannot clean up; unsaved work is lost";

    /// <summary>
    /// What was started is one job with a process group of its own: a signal to the group reaches all of it at once, and never finds one
    /// gone with its parent already.
    /// </summary>
    private static bool IsOneJob(Chain chain, List<Ending> plan) =>
        plan.Count > (chain.IsGroup ? 1 : MaximumIds) && plan[0].Process.Id > 1
        && plan.TrueForAll(one => one.Process.GroupId == plan[0].Process.Id && one.Signal.Number == plan[0].Signal.Number);

    /// <summary>What the holders of one socket are called together, the line that ends them, and whether they are one process.</summary>
    public static (string Name, ShellCommand Command, bool IsOne) Stop(DiagnosisContext context, ImmutableArray<Owner> owners)
    {
        var chain = ChainOf(context, owners);
        var plan = PlanOf(context, chain.Ended);
        plan.RemoveAll(static one => one.Signal.IsNothing);
        return (chain.Name, Kill(Sudo(context, plan), plan), plan.Count == 1);
    }

    /// <summary>Other programs with a socket in the way too, where the first one is stopped by what manages it.</summary>
    public static Remedy Besides(DiagnosisContext context, IReadOnlyList<ImmutableArray<Owner>> others)
    {
        var chain = Together([.. others.Select(owners => ChainOf(context, owners))]);
        var plan = PlanOf(context, chain.Ended);
        return Remedy.Of("end-process",
            $"Also stop {chain.Name}, which {(plan.Count == 1 ? "has" : "have")} a socket in the way too.",
            Kill(Sudo(context, plan), plan), Changes(plan, plan.Exists(static one => one.Signal.IsKill)), CutsOff(plan.Count == 1));
    }

    /// <summary>Those of which one holds the socket, to be ended one after the other until the port is free.</summary>
    public static IEnumerable<Remedy> OneByOne(DiagnosisContext context, ImmutableArray<Owner> candidates) =>
        candidates.Take(MaximumIds).Select((owner, at) => EndSignal.Of(owner.Process).IsNothing ? OutOfReach(owner.Process) : Remedy.Of(
        "end-process", at == 0 ? $"Stop {ProcessNames.Short(owner.Process)}, which may hold it."
            : $"If the port is still taken then, stop {ProcessNames.Short(owner.Process)}.",
        $"{RunAs.OwnerOf(context, owner.Process)}kill {EndSignal.Of(owner.Process).Option}{owner.Process.Id}",
        Changes(Ending.Of([owner.Process]), EndSignal.Of(owner.Process).IsKill),
        "it may be the wrong one; its clients are cut off, and unsaved work may be lost") with
        {
            IsRiskNotable = true,
        });

    /// <summary>The parents that may start it again, to be ended as well; null for none.</summary>
    /// <param name="owners">The holders of one socket, its maker first.</param>
    /// <param name="besides">The holders of other sockets in the way, which have to end as well.</param>
    public static Remedy? WithParent(DiagnosisContext context, ImmutableArray<Owner> owners, IReadOnlyList<ImmutableArray<Owner>> besides)
    {
        if (RestartingParents(context, owners) is not [var parent, ..] parents)
            return null;
        if (EndSignal.Of(parent).IsNothing)
            return Remedy.Of("end-parent", $"{RestartsFromOutside(ProcessNames.Short(parent))}.", null,
                "every process of the container ends with it", "unsaved work may be lost");
        var first = owners[0].Process;
        var isDirect = first.ParentId == parent.Id;
        var plan = PlanOf(context, [.. parents.Reverse(), .. ChainOf(context, owners, besides).Ended]);
        var names = Wording.Alternatives([.. parents.Select(ProcessNames.Short)]);
        return Remedy.Of("end-parent", $"{Restarts($"{(isDirect ? "its parent " : "")}{names}", isOne: parents.Length == 1)}.",
            Kill(Sudo(context, plan), plan), Changes(plan, plan.Exists(static one => one.Signal.IsKill)),
            $"{(parents.Length > 1 ? "they" : isDirect ? "the parent" : ProcessNames.Plain(parent))} may run other programs as well") with
        { IsRiskNotable = true };
    }

    /// <summary>
    /// The parent that may start it again although it is no supervisor that is known: a script of an interpreter, what has started
    /// children before, or what forked it. None where that ends with its child: it stands above wrappers, and above the tools and
    /// the script that are ended anyway. Of a shell's script also the scripts above it.
    /// </summary>
    internal static ImmutableArray<ProcessRecord> RestartingParents(DiagnosisContext context, ImmutableArray<Owner> owners)
    {
        var first = owners[0].Process;
        if (Supervisors.Of(owners[0].StartedFrom) is not null || owners[0].StartedFrom is { Container: not null })
            return [];
        var ended = ChainOf(context, owners).Ended.Select(static p => p.Id).Except(owners.Select(static o => o.Process.Id)).ToHashSet();
        var parents = context.Holders.ParentsOf(first);
        var below = parents.TakeWhile(
            p => p.Id > 1 && (Wrappers.Are(p) || Keepers.AreProgram(p) || Shells.RunsOnce(p) || ended.Contains(p.Id))).ToList();
        return parents.ElementAtOrDefault(below.Count) is { } parent
            && !Restarters.MayHaveAdopted(parent, below is [.., var child] ? child : first)
            && !owners.Any(o => o.Process.Id == parent.Id)
            && (ForkingParent(context, first)?.Id == parent.Id || (!ProcessNames.AreOfTheSameProgram(first, parent)
                && (ScriptNames.AreRunBy(parent) || (parent is { Id: > 1, HasReapedChildren: true }))))
            && !context.Snapshot.Caller.IsOrRuns(parent.Id) && !Shells.IsInteractive(parent)
            && Restarters.Are(parent) && !HostingUnits.AreOf(parent)
            ? [parent, .. Shells.IsScript(parent) ? ScriptsOf(context, first, parents.Skip(below.Count + 1)) : []] : [];
    }

    /// <summary>
    /// The parent that forked this worker: the same program with the same command line, which starts another one for each that ends. Null
    /// for none.
    /// </summary>
    internal static ProcessRecord? ForkingParent(DiagnosisContext context, ProcessRecord worker) =>
        context.Holders.ParentsOf(worker) is [{ Id: > 1 } parent, ..] && ProcessNames.AreOfTheSameProgram(worker, parent)
            && !worker.Arguments.IsEmpty && parent.Arguments.SequenceEqual(worker.Arguments) && !Shells.IsInteractive(parent)
            && !context.Snapshot.Caller.IsOrRuns(parent.Id) ? parent : null;

    /// <summary>What a parent that may start it again was not ended for yet, and what ends it then.</summary>
    /// <param name="sudo">What its owner's rights take; empty where the caller may end it.</param>
    public static string IfItComesBack(ProcessRecord parent, ShellCommand sudo) => EndSignal.Of(parent) is var signal && signal.IsNothing
        ? RestartsFromOutside(ProcessNames.Short(parent))
        : $"{Restarts(ProcessNames.Short(parent))}: {ShellCommand.Of($"{sudo}kill {signal.Option}{parent.Id}")}";

    private static string RestartsFromOutside(string parent) =>
        $"If it comes back, {parent} restarts it; end that from the host, or stop the container";

    private static string Restarts(string parent, bool isOne = true) =>
        $"If it comes back, {parent} restarts it; stop {(isOne ? "that" : "those")} too";

    /// <summary>
    /// How to end who has started a server again, the end of a sentence: a loop that somebody typed ends where it was typed.
    /// </summary>
    /// <param name="owner">The server that runs now.</param>
    public static string Starter(ProcessRecord starter, Owner owner, uint user)
    {
        var signal = EndSignal.Of(starter);
        if (signal.IsNothing)
            return ": end that from the host, or stop the container.";
        var kill = ShellCommand.Of($"{RunAs.OwnerOf(user, starter)}kill {signal.Option}{starter.Id}");
        return signal.IsHangUp && Shells.IsInteractive(starter)
            ? $", which {signal.Why}: end its loop {Place(owner) ?? "there"}, or close that shell: {kill}"
            : $", which has to end first: {kill}";
    }

    private static ShellCommand Sudo(DiagnosisContext context, List<Ending> plan) =>
        plan.Select(one => RunAs.OwnerOf(context, one.Process)).FirstOrDefault(static prefix => !prefix.IsEmpty) ?? ShellCommand.Empty;

    /// <summary>Whom the signal goes to, and what all of them together are called.</summary>
    /// <param name="IsJob">The server was started as a part of it.</param>
    internal readonly record struct Chain(string Name, IReadOnlyList<ProcessRecord> Ended, StartingTool? Tool, bool IsJob = false)
    {
        /// <summary>The name stands for all that it has started.</summary>
        public bool IsGroup { get; init; }
    }

    /// <summary>
    /// Between a tool and its server: a shell without a loop, and a runner that is process 1, which nothing but SIGKILL would reach.
    /// </summary>
    private static bool EndsByItself(ProcessRecord process, StartingTool tool) => Shells.RunsOnce(process)
        || (tool.Kind == ToolKind.Runner && process.IsFirst && EndSignal.Of(process) is { IsKill: true } or { IsNothing: true });

    /// <summary>Those that have to end for one socket to be let go of, whoever would start the others again first.</summary>
    internal static Chain ChainOf(DiagnosisContext context, ImmutableArray<Owner> owners)
    {
        if (CallersOwn.WithoutThem(context, owners) is { IsEmpty: false } users)
            owners = users;
        var first = owners[0].Process;
        var parents = context.Holders.ParentsOf(first);
        if (owners[0].StartedFrom is { Tool: { Kind: ToolKind.Runner or ToolKind.Watcher } tool, Container: null }
            && !context.Snapshot.Caller.IsOrRuns(tool.ProcessId)
            && parents.ToList().FindIndex(p => p.Id == tool.ProcessId) is >= 0 and var at)
        {
            var above = NearestScript(context, first, parents.Skip(at + 1));
            // A runner that gets SIGTERM leaves its child behind as often as not; the child alone would be started again by a watcher.
            var between = parents.Take(at + 1).Reverse().Where(p => !EndsByItself(p, tool));
            return new Chain(above.Count == 0 ? tool.Command : $"{tool.Command} and the script that runs it",
                [.. above, .. between, first, .. Others(owners)], tool, IsJob: true)
            {
                // A script may have started others in its group.
                IsGroup = above.Count == 0,
            };
        }
        var script = NearestScript(context, first, parents);
        if (script.Count > 0 && owners.Length == 1)
            return new Chain($"{ProcessNames.Short(first)} and the script that runs it", [.. script, first], null, IsJob: true);
        if (Keepers.Of(owners) is { } keeper)
        {
            var name = owners.Length == 1 ? ProcessNames.Short(keeper) + (Keepers.RunBy(keeper) is { } program
                    ? $", which keeps it, and {program}, which it runs" : ", which keeps it")
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
        if (owners.Length == 1 || owners[0].Role == OwnerRole.Creator)
            return new Chain(ProcessNames.Short(first) + And(owners), [first, .. Others(owners)], null);
        var all = owners.Length == 2 ? "both" : "all " + Wording.Number(owners.Length);
        return new Chain($"{all} processes that hold it", [.. owners.Select(static o => o.Process)], null);
    }

    /// <summary>
    /// A loop in a shell starts what it runs again, and so may a script in a file; the scripts above that one may have other work to do.
    /// One that ignores SIGTERM leaves it to its server, and ends after that (mysqld_safe); it is ended only if it starts that again.
    /// </summary>
    private static List<ProcessRecord> NearestScript(DiagnosisContext context, ProcessRecord process, IEnumerable<ProcessRecord> parents) =>
        [.. ScriptsOf(context, process, parents).Take(1).Where(static p => p.Signals is not { IgnoreTerminate: true })];

    /// <summary>The nearest first.</summary>
    private static IEnumerable<ProcessRecord> ScriptsOf(
        DiagnosisContext context, ProcessRecord process, IEnumerable<ProcessRecord> parents) =>
        parents.TakeWhile(p => process.Container is null && Wrappers.AreOrScript(p) && !context.Snapshot.Caller.IsOrRuns(p.Id))
            .Where(static p => Shells.IsScript(p) && !Shells.RunsOnce(p));

    /// <summary>
    /// Workers of another user's server: their parent, of the same program and of a user whose descriptors cannot be read, starts a new one
    /// for each that ends.
    /// </summary>
    private static ProcessRecord? Respawner(DiagnosisContext context, ImmutableArray<Owner> owners, IReadOnlyList<ProcessRecord> parents)
    {
        if (parents is not [var parent, ..] || parent.Id <= 1 || context.Snapshot.Caller.UserId == 0
            || parent.UserId == context.Snapshot.Caller.UserId)
            return null;
        return owners.All(o => o.Process.ParentId == parent.Id && o.Process.Name == parent.Name
            && (ScriptNames.Run(o.Process) == ScriptNames.Run(parent) || Workers.AreOfMultiprocessing(o.Process))) ? parent : null;
    }

    /// <summary>Masters that are known to end their workers: one signal is enough, and a second one may find the worker gone.</summary>
    internal static bool EndsItsWorkers(ImmutableArray<Owner> owners) => owners is [{ Role: OwnerRole.Creator, Process: var maker }, _, ..]
        && owners.All(o => ProcessNames.AreOfTheSameProgram(o.Process, maker)) && MasterPrograms.Is(maker)
        // Whoever gets SIGKILL ends nobody else.
        && !EndSignal.Of(maker).IsKill;

    /// <summary>
    /// The other holders: a pre-forking server ends its workers itself, and yet a child that outlives its parent keeps the port, unless
    /// the master is known to end them. The signals go out in this order, so that nobody starts a worker anew.
    /// </summary>
    private static IEnumerable<ProcessRecord> Others(ImmutableArray<Owner> owners) =>
        EndsItsWorkers(owners) ? [] : owners.Skip(1).Select(static o => o.Process);

    private static string And(ImmutableArray<Owner> owners)
    {
        var first = owners[0].Process;
        var strangers = owners.Skip(1).Where(o => !Workers.AreOf(o.Process, first)).ToList();
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
    private static string Keyboard(Owner owner, List<Ending> plan) =>
        Place(owner) is { } place && plan.TrueForAll(static one => one.Process.IsInForeground) ? $", with Ctrl+C {place} or from here" : "";

    /// <summary>Where a person has it in front: <c>on pts/3</c>, <c>in tmux (pts/3)</c>; null for nowhere.</summary>
    private static string? Place(Owner owner) =>
        owner.StartedFrom is not { Terminal: { } terminal, Session: not "cron" } origin ? null
        : (origin.Editor ?? origin.Session) is { } place ? $"in {place} ({terminal})" : $"on {terminal}";

    // Not even SIGKILL ends a wait for an answer that somebody has begun to give (request_wait_answer(), fs/fuse/dev.c).
    private static string Stuck(List<Ending> plan) =>
        $"; {(plan.Count == 1 ? "it" : "one of them")} is stuck in the kernel, and ends only when what it waits for (such as a FUSE or "
            + "NFS server) answers or is unmounted";

    private static string Left(DiagnosisContext context) => Leftovers.Of(context) is { } left ? $"; {left.Clause}" : "";

    private static string Changes(List<Ending> plan, bool isKilled) => isKilled ? "the kernel ends it at once"
        : $"{(plan.Count == 1 ? "the process gets" : "the processes get")} "
            + $"{Wording.List([.. plan.Select(static one => one.Signal.Name).Distinct()])} and can clean up";

    /// <summary>What one process or several risk that are asked to end.</summary>
    public static string CutsOff(bool isOne) => $"{(isOne ? "its" : "their")} clients are cut off; unsaved work may be lost";

    private static string Risk(DiagnosisContext context, ImmutableArray<Owner> owners, List<Ending> plan) =>
        context.Cause == Cause.StoppedProcess ? "a suspended process sees SIGTERM only once it runs again"
        : owners[0].StartedFrom?.Tool is { Kind: ToolKind.Watcher } tool ? $"{tool.Command} may start it again"
        : CutsOff(plan.Count == 1);
}
