using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>Who holds the socket, and how: what is special about it, and how to make it let go, whatever kind of socket it is.</summary>
internal sealed class HolderTopic : Topic
{
    /// <summary>What is special about those who hold a socket, the most specific first. Nothing is claimed by guess.</summary>
    public static IEnumerable<Cause> CausesOf(Blocker blocker, Target target, OwnerIndex index, Caller caller)
    {
        var owners = blocker.Owners;
        if (HoldingReport.IsOnlyInFlight(blocker))
            yield return Cause.DescriptorInFlight;
        if (owners.IsEmpty)
            yield break;
        if (owners.Any(o => ContainerProxies.EngineOf(o.Process, blocker.Socket) is not null))
            yield return Cause.PublishedContainerPort;
        if (owners.Any(static o => SocketActivators.Is(o.Process)))
            yield return Cause.SocketActivation;
        if (owners.All(static o => o.Process is { State: 'Z', LivingThreads: > 0 }))
            yield return Cause.ZombieProcess;
        if (owners.All(static o => o.Process.Freeze is not null))
            yield return Cause.FrozenProcess;
        else if (HoldingReport.IsHalted(blocker))
            yield return Cause.StoppedProcess;
        if (IsHeldOutOfSight(blocker.Socket.Inode, index))
            yield return Cause.HiddenDescriptor;
        if (OwnerRoles.HasCreatorEnded(owners) && !index.IsCut(blocker.Socket.Inode))
            yield return Cause.InheritedDescriptor;
        if (Twin.Among(owners, target.Pasted, caller) is not null)
            yield return Cause.SameProgramTwice;
    }

    /// <summary>
    /// Held by other means than a descriptor that /proc/PID/fd shows: a mapping, io_uring's registered files, or a thread's own table.
    /// </summary>
    private static bool IsHeldOutOfSight(ulong inode, OwnerIndex owners)
    {
        var holders = owners.HoldersOf(inode);
        return holders.Exists(static h => h.Way != HoldingWay.InFlight) && holders.TrueForAll(h => h.Way switch
        {
            HoldingWay.Descriptor or HoldingWay.Announced => false,
            // Of a leader that has ended the living threads' common table tells.
            HoldingWay.ThreadTable => owners.ProcessOf(h.ProcessId) is not { State: 'Z' },
            _ => true,
        });
    }

    /// <summary>Nobody is seen to hold it, and not every process was seen: <see cref="Cause.OwnerHidden"/>.</summary>
    public static bool IsOwnerHidden(Blocker blocker, Snapshot snapshot) =>
        blocker is { Owners.IsEmpty: true, Kernel: null, Socket.Inode: not 0 } && snapshot.Coverage.OwnersRead
        && !snapshot.Coverage.IsEveryProcessSeen;

    /// <summary>What the first line adds of a listener: that it is frozen, inherited…</summary>
    public static string ListenerClause(DiagnosisContext context, Blocker main) => context.Cause switch
    {
        Cause.InheritedDescriptor => $", through a descriptor {FirstLine.Verb(main, "it", "they")} inherited",
        Cause.StoppedProcess => HoldingReport.IsTraced(main) ? ", but a debugger has stopped it"
            : $", but {FirstLine.Verb(main, "is", "are")} suspended",
        Cause.FrozenProcess => $", but {FrozenCgroup.Label(main.Owners[0])} is frozen",
        Cause.ZombieProcess => "; its main thread has ended, another one still runs",
        _ => HoldingReport.Behalf(context, main),
    };

    public override string? Explanation(DiagnosisContext context) => context.Cause switch
    {
        Cause.StoppedProcess when HoldingReport.IsTraced(context.Main) =>
            "A debugger has stopped the process; it keeps its sockets, so clients still connect and get no answer.",
        Cause.StoppedProcess => "A suspended process (Ctrl+Z, SIGSTOP) keeps its sockets, so clients still connect and get no answer.",
        Cause.FrozenProcess => "A frozen process (docker pause, systemctl freeze) keeps its sockets: clients connect and get no answer, "
            + "and it handles signals only once it is thawed.",
        Cause.ZombieProcess => "The main thread has ended, so ps shows a zombie, but another thread still runs and keeps the descriptors.",
        Cause.SameProgramTwice => Twin.Among(context.Main!.Owners, context.Target.Pasted, context.Snapshot.Caller)
            ?.Explain(context.Target.Protocol),
        Cause.SocketActivation or Cause.PublishedContainerPort => HoldingReport.OnBehalf(context),
        Cause.DescriptorInFlight => context.Main is { Flights.Length: > 0 } main ? HoldingReport.InFlight(context, main) : null,
        Cause.HiddenDescriptor => context.Main is { } main ? HoldingReport.Hidden(main) : null,
        _ => null,
    };

    /// <summary>Who made the socket, and who inherited it or keeps it for others.</summary>
    public static string? Note(DiagnosisContext context)
    {
        if (context.Main is not { } main)
            return null;
        if (main.Owners is [{ Role: OwnerRole.Keeper, Process: var keeper }])
            return Keepers.PickedFor(main.Owners) is not null ? null
                : $"{ProcessNames.Short(keeper)} keeps the socket for the program that it runs, which does not use it now.";
        if (Keepers.Users(main.Owners) is { Length: > 1 } users)
        {
            var inherited = users.Count(static o => o.Role == OwnerRole.Inherited);
            return MasterPrograms.HaveLostTheirs(users)
                ? "These workers have lost the master process that made the socket and would end them."
                : inherited == users.Length
                ? $"{Wording.Count(inherited, "process", "processes")} inherited the descriptor; the process that made the socket is gone "
                    + "or has closed it."
                : inherited > 0
                ? $"{ProcessNames.Short(main.Owners[0].Process)} made the socket; {Wording.Count(inherited, "process", "processes")} "
                    + "inherited it, and the port stays taken until all of them close it."
                : null;
        }
        return context.Cause != Cause.InheritedDescriptor || main.Owners is not [var only] ? null
            : MasterPrograms.HaveLostTheirs([only])
            ? $"{ProcessNames.Short(only.Process)} has lost the master process that made the socket and would end it."
            : $"{ProcessNames.Short(only.Process)} never opens a listening socket itself: it inherited this one from a process that is "
                + "gone, and holds it without serving it.";
    }

    /// <summary>How to make those who hold the socket let go, in the terms of what runs them, or how to see them.</summary>
    public override IEnumerable<Remedy> Remedies(DiagnosisContext context)
    {
        if (context.Main is not { Owners: { IsEmpty: false } owners } main)
            return context.Main is { } hidden && Besides(context, hidden) is { Count: > 0 } seen
                ? [SearchAsRoot(context), .. StopRemedies.AlsoOf(context, seen)] : [SearchAsRoot(context)];
        if (context.Cause == Cause.DescriptorInFlight)
            return
            [
                .. HoldingReport.InFlightRemedies(context, main),
                .. CallersOwn.Or(context, owners, others => EndRemedies.Of(context, others)),
            ];
        if (HoldingReport.IsOnlyInferred(main) && owners.Length > 1)
            return CallersOwn.Of(context, [owners]).Concat(EndRemedies.OneByOne(context, CallersOwn.WithoutThem(context, owners)))
                .Prepend(context.Snapshot.Caller.UserId == 0 ? null : SearchAsRoot(context)).OfType<Remedy>();
        return
        [
            .. WaitForKeeper(context, owners), .. StopRemedies.Of(context, owners, Besides(context, main)),
            .. UnixPathTopic.AskAgain(context),
            // To end those that are seen would not be enough.
            .. context.Blockers.Any(b => b != main && IsOwnerHidden(b, context.Snapshot))
                ? [SearchAsRoot(context)] : Enumerable.Empty<Remedy>(),
        ];
    }

    // run --hold closes what no start has taken again (KeptSockets).
    private static IEnumerable<Remedy> WaitForKeeper(DiagnosisContext context, ImmutableArray<Owner> owners) =>
        owners is [{ Role: OwnerRole.Keeper, Process: var keeper }] && Keepers.RunBy(keeper) is { } program
            ? [Remedy.Of("wait", $"Wait, if {program} has moved to another address: {ProcessNames.Short(keeper)} closes the socket "
                + "5 s after its start has listened there.", $"bindwise wait {context.Question}", "nothing", "none")] : [];

    /// <summary>Those who hold other sockets in the way: the port is free only when all of them have ended.</summary>
    private static List<ImmutableArray<Owner>> Besides(DiagnosisContext context, Blocker main)
    {
        var ended = main.Owners.Select(static o => o.Process.Id).ToHashSet();
        return
        [
            .. context.Blockers.Where(b => b.Owners is [var first, ..] && ended.Add(first.Process.Id)
                && context.Cause != Cause.PublishedContainerPort && !IsForOthers(b.Socket, first.Process)).Select(static b => b.Owners),
        ];
    }

    private static bool IsForOthers(HeldSocket socket, ProcessRecord process) => SocketActivators.Is(process)
        || Supervisors.ServeSeveral(process) || ContainerProxies.EngineOf(process, socket) is not null || VirtualMachines.Are(process);

    private static Remedy SearchAsRoot(DiagnosisContext context) =>
        ProcMountText.Remedy(context.Snapshot.Coverage.Proc) is { } withProc
        ? Remedy.Of("mount-proc", withProc,
            $"{RunAs.Root(context)}unshare --mount-proc bindwise why {context.Question}", "nothing", "none")
        : IsOutside(context)
        ? Remedy.Of(ElsewhereFinder.AskThere,
            $"Ask on the host (bindwise why {context.Question}): no process of this PID namespace holds it.", null, "nothing", "none")
        : context.Snapshot.Caller is { UserId: 0, MayReadEveryProcess: not Fact.No }
        ? Remedy.Of("look-again", "Look at the evidence: no process in /proc shows the socket.",
            $"bindwise why {context.Question} --verbose",
            "nothing", "none")
        : Remedy.Of("ask-as-root", "Ask as root, who sees every process.",
            $"{RunAs.Root(context)}bindwise why {context.Question}{ForCaller(context)}", "nothing", "none");

    /// <summary>--user, where root's own bind() might end otherwise: by SO_REUSEPORT, which goes by the user, or on a low port.</summary>
    private static ShellCommand ForCaller(DiagnosisContext context)
    {
        var caller = context.Snapshot.Caller;
        var isOfUser = context.Asked.Any(static a => a.Request.ReusePort)
            || (context.IsPortPrivileged && caller.MayBindPrivilegedPorts != Fact.Yes);
        // What it is asked for otherwise is added to every question.
        if (!isOfUser || caller.As is not null || caller.UserId == 0)
            return ShellCommand.Empty;
        return caller.UserName is { } name && NameGrammar.OptionValue.Word(name) is { } word ? ShellCommand.Of($" --user {word}")
            : ShellCommand.Of($" --user {caller.UserId}");
    }

    // Every process in here was looked into: root would see no more.
    private static bool IsOutside(DiagnosisContext context) => context.Snapshot.Coverage.IsEveryProcessSeen
        && context.Snapshot.Caller.InInitialPidNamespace == Fact.No
        && context.Blockers.Any(HolderRemarks.IsUnfound);

    public override IEnumerable<Remedy> Preventions(DiagnosisContext context)
    {
        if (context.Cause == Cause.SameProgramTwice)
        {
            foreach (var remedy in ConnectionTopic.EndOnSigterm(context))
                yield return remedy;
        }
        if (context.Cause != Cause.InheritedDescriptor || MasterPrograms.HaveLostTheirs(context.Main!.Owners))
            yield break;
        var onExec = Remedy.OfCode("close-on-exec",
            "From now on, open the listening socket with close-on-exec, so the programs it starts do not inherit it.",
            SnippetKind.CloseOnExec, TargetLanguage.Starting(context), "the server's code",
            "a program that passes its socket on deliberately needs another way");
        // A runtime that sets it by itself has code for a child without exec() in its place.
        var isOfFork = onExec.Note is not null;
        if (context.Main!.Owners.Any(static o => OwnerRoles.CannotListen(o.Process)))
            yield return isOfFork ? onExec.Running(null) with { Text = $"{onExec.Text} {onExec.Note}", Note = null } : onExec;
        if (!context.Main.Owners.All(static o => OwnerRoles.CannotListen(o.Process)))
            yield return (isOfFork ? onExec : onExec.Running(null) with { Language = null }) with
            {
                Id = "close-in-child",
                Text = "From now on, have a child that does not serve the socket close it right after fork().",
                Note = null,
                Risk = "none",
            };
    }
}

/// <summary>What is unusual about the program that holds the port, and what could not be seen of who holds it.</summary>
internal static class HolderRemarks
{
    private const int ManyRestarts = 3;

    /// <summary>Said only where it is true of the program.</summary>
    public static IEnumerable<Remark> Warnings(DiagnosisContext context)
    {
        if (context.Verdict == Verdict.Free || context.Main is not { Kernel: null } main
            || main.Socket.State is not (TcpSocketState.Listen or TcpSocketState.Close))
            yield break;
        if (main.Owners is not [var owner, ..])
        {
            if (FullQueue(context) is { } unseen)
                yield return unseen;
            yield break;
        }
        var name = ProcessNames.Plain(owner.Process);
        var origin = owner.StartedFrom;
        var isDevelopment = origin is { Tool.Kind: ToolKind.Runner or ToolKind.Watcher } or { Editor: not null };
        if (main.Socket is { Local.Address.IsAny: true, DeviceIndex: 0 }
            && (isDevelopment || (IsLocalhost(context) && origin?.ProjectFolder is not null)))
            yield return Remark.Of("wildcard",
                $"{name} listens on every address, so other machines on the network can reach it; localhost would keep it to this "
                    + "one.");
        if (owner.Process is { UserId: 0, Container: null }
            && (isDevelopment || (origin?.ProjectFolder is not null && ScriptNames.Of(owner.Process) is not null)))
            yield return Remark.Of("runs-as-root", $"{name} runs as root.");
        if (FullQueue(context) is { } full)
            yield return full;
        if (owner.Process.ExecutableDeleted)
            yield return Remark.Of("executable-deleted",
                $"The executable of {name} was deleted or replaced after it started, so a restart may run another version.");
        if (owner.Process.Restarts is >= ManyRestarts and var restarts)
            yield return Remark.Of("restarted-often", $"{name} has been restarted {Wording.Number(restarts)} times.");
    }

    /// <summary>The listener in the way takes no connections; also one on a path, or of which nobody is seen.</summary>
    public static Remark? FullQueue(DiagnosisContext context) => context.Verdict != Verdict.Free && context.Main is { Kernel: null } main
        && ListenerPlan.FullQueue(context.Blockers.Select(static b => b.Socket).Where(s =>
            (s.Local, s.DeviceIndex, s.Path) == (main.Socket.Local, main.Socket.DeviceIndex, main.Socket.Path))) is { } full
        ? Remark.Of("accept-queue-full", $"{(main.Owners is [var owner, ..] ? ProcessNames.Plain(owner.Process) : "The server")} {full}.")
        : null;

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

    /// <summary>A program's socket of which no holder was found.</summary>
    public static bool IsUnfound(Blocker blocker) => blocker is { Owners.IsEmpty: true, Flights.IsEmpty: true, Kernel: null }
        && !blocker.Socket.IsWithoutProcess;

    /// <summary>Sockets of which no holder was found, or none for sure.</summary>
    public static IEnumerable<Remark> NotFound(DiagnosisContext context)
    {
        if (context.Snapshot.Coverage.IsEveryProcessSeen
            && context.Blockers.Any(static b => b.Socket.Protocol != Protocol.Unix && IsUnfound(b)))
            yield return Remark.Of("owner-not-found", HoldingReport.NotFound(context));
        if (context.Blockers.FirstOrDefault(HoldingReport.IsOnlyInferred) is { } inferred)
            yield return Remark.Of("holder-inferred", HoldingReport.Inferred(context, inferred));
    }

    /// <summary>Who may have made a socket without a holder, and how many holders are left out.</summary>
    public static IEnumerable<Remark> Incomplete(DiagnosisContext context)
    {
        if (context.Blockers.Select(HoldingReport.Hint).FirstOrDefault(static hint => hint is not null) is { } made)
            yield return Remark.Of("creator-hint", made);
        var inTheWay = context.Blockers.Select(static b => b.Socket.Inode).ToHashSet();
        var omitted = context.Snapshot.HoldersOmitted.Where(t => inTheWay.Contains(t.Inode)).Select(static t => t.Omitted).ToList();
        if (omitted.Count > 0)
            yield return Remark.Of("holders-cut",
                $"Not every holder of {Wording.Count(omitted.Count, "socket", "sockets")} in the way is listed: up to "
                    + $"{Wording.Count(omitted.Max(), "more process has", "more processes have")} them.");
    }

    private static Remark Stuck(ImmutableArray<int> processes)
    {
        const int listed = 5;
        var ids = string.Join(", ", processes.Take(listed).Select(static id => Wording.Number(id)));
        var more = processes.Length > listed ? ", …" : "";
        return Remark.Of("processes-stuck",
            $"{Wording.Count(processes.Length, "process", "processes")} could not be inspected: stuck in the kernel (pid {ids}"
                + $"{more}).");
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
