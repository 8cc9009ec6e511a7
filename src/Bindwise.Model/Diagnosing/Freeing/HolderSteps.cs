using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Freeing;

/// <summary>The steps that make those who hold the sockets in the way let go: gathered socket by socket, each step once.</summary>
internal sealed class HolderSteps(DiagnosisContext context, FreeRights rights)
{
    private readonly List<FreeAction> _actions = [];
    private readonly List<FreeRefusal> _refusals = [];
    private readonly List<string> _notes = [];

    // The processes that the steps end, or that a manager ends by a step.
    private readonly HashSet<int> _ended = [];
    private readonly List<Blocker> _connections = [];
    private readonly List<HeldSocket> _ownerless = [];

    public ImmutableArray<string> Notes => [.. _notes.Distinct()];

    /// <summary>What is sure to keep the target taken for a while after all of it, one sentence; null for nothing.</summary>
    public string? Leftover { get; private set; }

    /// <summary>Why it is not done; null where nothing speaks against it.</summary>
    public FreeRefusal? Refusal()
    {
        // Who ends takes its connections along; anybody else's are not touched.
        var foreign = _connections.Find(blocker => !blocker.Owners.All(owner => _ended.Contains(owner.Process.Id)));
        if (_refusals.Count == 0 && foreign is not null)
        {
            return new()
            {
                Reason = "connection-only",
                Text = $"{ProcessNames.Short(foreign.Owners.First(owner => !_ended.Contains(owner.Process.Id)).Process)} only has a "
                    + $"connection on this port ({Wording.State(foreign.Socket)}), not a listening socket, so it is left alone."
                    + (RemedyCommand.Of(context, "end-process", "stop-tool", "stop-unit", "stop-container", "stop-supervised")
                        is { } command ? $" To end it yourself: {command}" : ""),
            };
        }
        return _refusals.Count > 0 ? _refusals[0] : null;
    }

    public ImmutableArray<FreeAction> Ordered() =>
    [
        .. _actions.OrderBy(static action => action.Kind switch
        {
            FreeActionKind.UnlinkFile => 4,
            FreeActionKind.DestroySocket or FreeActionKind.Wait => 3,
            _ when action.IsAskedSeparately => 2,
            _ when action.IsFollowUp => 1,
            _ => 0,
        }),
    ];

    /// <summary>Adds what one socket in the way takes.</summary>
    public void Add(Blocker blocker)
    {
        if (blocker.Kernel is { } kernel)
            Refuse(Cause.KernelSocket.Id(),
                $"The kernel itself opened the socket ({kernel.Label}): no process can be ended, and "
                    + $"bindwise why {context.Question} shows what closes it.");
        else if (blocker.Socket.IsWithoutProcess)
            _ownerless.Add(blocker.Socket);
        else if (blocker.Owners.IsEmpty)
            Refuse(Cause.OwnerHidden.Id(), $"The process that holds the socket is not visible here{FreePlanner.NotSeen(context)}.");
        else if (context.Snapshot.Elsewhere?.Sockets.FirstOrDefault(other => other.Socket.Inode == blocker.Socket.Inode) is { } elsewhere)
            Refuse("other-namespace", FreePlanner.Elsewhere(elsewhere));
        else if (blocker.Socket.IsConnection)
            _connections.Add(blocker);
        else
            AddHolders(blocker);
    }

    /// <summary>
    /// When every socket was added. While somebody holds the port, nothing proves yet whether a socket without a process is in the way: the
    /// bind() after its end does.
    /// </summary>
    public void Complete()
    {
        if (_actions.Count == 0 && _connections.Count == 0)
        {
            _ownerless.ForEach(AddOwnerless);
            return;
        }
        if (_actions.Count > 0 && !rights.Destroys && Leftovers.Of(context) is { } left && !(rights.Wait >= left.Lifetime))
        {
            _notes.Add($"{Wording.Sentence(left.Clause)}: bindwise free {context.Question} {left.WaitForAll} waits for that.");
            Leftover = left.IsCertain ? $"{Wording.Sentence(left.Clause)}." : null;
        }
        else if (_actions.Count > 0 && rights is { Destroys: true, IsNetworkAdministrator: true })
            _notes.Add("Connections without a process that are in the way after that are destroyed too (--destroy).");
    }

    /// <summary>A socket that no process holds.</summary>
    internal static string NameOf(HeldSocket socket) =>
        $"{socket.Local} {(socket.Remote.Port == 0 ? "" : $"to {socket.Remote} ")}in {Wording.State(socket)}";

    private void AddOwnerless(HeldSocket socket)
    {
        var name = NameOf(socket);
        var seconds = socket.MillisecondsLeft / 1000;
        var longest = socket.MillisecondsLeftAtMost(slack: 0) / 1000;
        if (rights.Destroys && rights.IsNetworkAdministrator && socket.Cookie != 0)
        {
            Take(new FreeAction { Kind = FreeActionKind.DestroySocket, Text = $"destroy the socket {name}", Socket = socket });
            return;
        }
        if (rights.Wait is { } wait && (seconds is null || seconds <= wait.TotalSeconds))
        {
            Take(new FreeAction
            {
                Kind = FreeActionKind.Wait,
                Text = $"wait up to {Wording.Number(Math.Min(longest ?? long.MaxValue, (long)wait.TotalSeconds))} s for {name}",
                Socket = socket,
            });
            if (longest > wait.TotalSeconds)
                _notes.Add($"If the peer closes before the end of {Wording.State(socket)}, TIME_WAIT keeps the port "
                    + $"{ConnectionTopic.TimeWaitFromThen}: {Leftovers.WaitOption(socket)} waits for that too.");
            return;
        }
        var remaining = seconds is not { } known ? "until the other end answers or is given up"
            : socket.MayTurnIntoTimeWait
            ? $"for at least {Wording.Number(known)} s more, or, if the peer closes before that, for {ConnectionTopic.TimeWaitFromThen}"
            : $"for up to {Wording.Number(known)} s more";
        if (rights.Destroys)
            Refuse("needs-root", $"The kernel keeps the port {remaining} ({Wording.State(socket)}): --destroy needs root (CAP_NET_ADMIN)"
                + (seconds is null ? "." : $"; {Leftovers.WaitOption(socket)} waits."));
        else if (rights.Wait is not null)
            Refuse("wait-too-short",
                $"The kernel keeps the port {remaining} ({Wording.State(socket)}): give --wait more time, or --destroy.");
        else
            Refuse(socket.State == TcpSocketState.TimeWait ? Cause.TimeWait.Id() : "orphan",
                $"No process holds the port; the kernel keeps it {remaining} ({Wording.State(socket)}). "
                    + (seconds is null ? "End the program at the other end" : "Wait for it with " + Leftovers.WaitOption(socket))
                    + $", or {(context.Snapshot.Caller.UserId == 0 ? "" : "as root ")}use --destroy.");
    }

    private void AddHolders(Blocker blocker)
    {
        var owners = blocker.Owners;
        if (owners.Any(static owner => owner.Role == OwnerRole.Candidate))
            Refuse("owner-uncertain",
                $"{ProcessNames.Of(owners, "somebody")} probably holds it, but that is only inferred, so it is left alone.");
        else if (context.Cause == Cause.DescriptorInFlight || owners.All(static owner => owner.Role == OwnerRole.Receiver))
            Refuse("in-flight",
                $"The socket waits in a UNIX socket of {ProcessNames.Short(owners[0].Process)} to be received: no process has it.");
        else if (owners.FirstOrDefault(static owner => owner.Process.State == 't') is { } traced)
            Refuse("traced",
                $"{ProcessNames.Short(traced.Process)} is stopped by a debugger, which would get the signal: resume it in the debugger.");
        else if (owners.FirstOrDefault(static owner => owner.Process.Freeze is not null) is { } frozen)
            Refuse("frozen", $"{ProcessNames.Short(frozen.Process)} is frozen with its cgroup{ByHand("thaw", "thaw-and-stop")}");
        else if (!AddManaged(blocker))
            AddProcesses(blocker, owners);
    }

    private bool AddManaged(Blocker blocker)
    {
        var owners = blocker.Owners;
        var first = owners.FirstOrDefault(static owner => SocketActivators.ServeSeveral(owner.Process)) ?? owners[0];
        var origin = first.StartedFrom ?? new ProcessProvenance();
        if (SocketActivators.IsSystemd(first.Process))
            return AddSocketUnit(blocker, first.Process, origin.SocketUnit);
        if (SocketActivators.Closing(first.Process) is { } closing)
        {
            Refuse("service-manager",
                $"{ProcessNames.Short(first.Process)} may listen for other services too, and is never ended. {closing}.");
            return true;
        }
        if (origin.Container is not null || ContainerProxies.EngineOf(first.Process, blocker.Socket) is not null
            || context.Cause == Cause.PublishedContainerPort)
            return AddContainer(blocker, first, origin);
        // Its protection refuses it.
        if (VirtualMachines.Are(first.Process))
            return false;
        if (origin.Unit is { } unit && SystemdCgroup.StandsFor(unit, first.Process) && unit != rights.OwnUnit
            && !StopRemedies.IsUnitOfSupervisor(context, first.Process, origin))
            return AddUnits(blocker, [unit], SystemdCgroup.UserOf(first.Process.Cgroup),
                owner => owner.Process.Unit == unit && SystemdCgroup.StandsFor(unit, owner.Process));
        if (Supervisors.Of(origin) is not { } tool)
            return false;
        var why = tool.ProcessId == first.Process.Id
            ? $"{ProcessNames.Short(first.Process)} holds it for what it runs, all of which would end with it"
            : $"{tool.Command} would start it again at once";
        Refuse("supervised", Supervisors.OwnSocket(tool, blocker, owners) ?? why + ByHand("stop-supervised"));
        return true;
    }

    private bool AddSocketUnit(Blocker blocker, ProcessRecord manager, SocketUnitUse? unit)
    {
        if (unit is not { Others.IsEmpty: true })
        {
            Refuse("socket-unit-unknown", $"systemd holds the socket, but for which socket unit is not known{ByHand("find-socket-unit")}");
            return true;
        }
        // A template starts one service a connection: each of them ends by itself.
        ImmutableArray<string> units = unit.Service.Contains("@.", StringComparison.Ordinal) ? [unit.Name] : [unit.Name, unit.Service];
        return AddUnits(blocker, units, unit.IsUsers ? manager.UserId : null,
            owner => owner.Process == manager || owner.Process.Unit == unit.Service);
    }

    private bool AddUnits(Blocker blocker, ImmutableArray<string> units, uint? user, Func<Owner, bool> isCovered)
    {
        var name = string.Join(" and ", units);
        var caller = context.Snapshot.Caller.UserId;
        if (units.Any(static unit => NameGrammar.Unit.Word(unit) is null))
            Refuse("name-refused", "systemd would not accept the name of its unit, so no command is made of it.");
        else if (user is { } other && other != caller)
            Refuse("other-user",
                $"{name} belongs to the service manager of another user (uid {Wording.Number(other)})"
                    + $"{ByHand("stop-unit", "stop-socket-unit")}");
        else if (user is null && caller != 0)
            Refuse("needs-root", $"{name} is a unit of the system, which only root may stop{ByHand("stop-unit", "stop-socket-unit")}");
        else
        {
            string[] scope = user is null ? [] : ["--user"];
            string[] end = units.Any(static unit => unit[0] == '-') ? ["--"] : [];
            ImmutableArray<string> command = ["systemctl", .. scope, "stop", .. end, .. units];
            Take(new FreeAction
            {
                Kind = FreeActionKind.StopUnit,
                Text = $"stop {name} ({string.Join(' ', command)})",
                Unit = units[0],
                Command = command,
            });
            _ended.UnionWith(blocker.Owners.Where(isCovered).Select(static owner => owner.Process.Id));
            AddProcesses(blocker, [.. blocker.Owners.Where(owner => !isCovered(owner))], isBesides: true);
        }
        return true;
    }

    private bool AddContainer(Blocker blocker, Owner owner, ProcessProvenance origin)
    {
        if (origin.Container is not { } container)
        {
            Refuse("container-unknown",
                $"{ProcessNames.Short(owner.Process)} holds it for a container that could not be identified{ByHand("find-container")}");
            return true;
        }
        if (container.Id.Length > 0 && container.Id == rights.OwnContainer)
            return false;
        // Outside of this cgroup namespace nothing tells who gave the group its name.
        if (owner.Process is { Container: not null, Cgroup: ['/', '.', '.', ..] })
        {
            Refuse("container-unknown",
                $"The container of {ProcessNames.Short(owner.Process)} is outside of the container in which bindwise runs"
                    + $"{ByHand("stop-container")}");
            return true;
        }
        var words = ContainerStop.Words(container, origin.Compose);
        var name = container.Name ?? ContainerRecord.ShortId(container.Id);
        if (origin.Pod is not null)
            Refuse("pod", $"Container {name} belongs to a Kubernetes pod, which would start it again{ByHand("delete-pod")}");
        else if (words.IsEmpty)
            Refuse("name-refused", "No engine would accept the name of its container, so no command is made of it.");
        else if (container.UserId is { } user && user != context.Snapshot.Caller.UserId)
            Refuse("other-user",
                $"Container {name} runs in the engine of another user (uid {Wording.Number(user)}){ByHand("stop-container")}");
        else if (container.UserId is null && context.Snapshot.Caller.UserId != 0 && !container.IsEngineOpen)
            Refuse("needs-root",
                $"Container {name} belongs to the system's engine, which this user may not control{ByHand("stop-container")}");
        else
        {
            Take(new FreeAction
            {
                Kind = FreeActionKind.StopContainer,
                Text = $"stop container {name} ({string.Join(' ', words)})",
                Container = name,
                Command = words,
            });
            _ended.UnionWith(blocker.Owners.Select(static one => one.Process.Id));
        }
        return true;
    }

    /// <summary>By signals: first to the maker of the socket and whoever would start it again, then to those that did not follow.</summary>
    /// <param name="owners">Its holders that no manager ends.</param>
    /// <param name="isBesides">A manager ends the others: these have it from them.</param>
    private void AddProcesses(Blocker blocker, ImmutableArray<Owner> owners, bool isBesides = false)
    {
        if (owners.IsEmpty)
            return;
        var maker = isBesides ? blocker.Owners[0] : owners[0];
        var chain = isBesides ? default : EndRemedies.ChainOf(context, owners);
        var first = (chain.Ended ?? []).Select(static process => process.Id).ToHashSet();
        var signals = Ending.Of([.. chain.Ended ?? [], .. owners.Select(static owner => owner.Process)])
            .ToDictionary(static one => one.Process.Id, static one => one.Signal);
        foreach (var process in chain.Ended ?? [])
        {
            if (owners.All(owner => owner.Process.Id != process.Id))
                End(process, signals[process.Id], 0, Runs(process, chain.Tool), isFollowUp: false, isHeir: false);
        }
        var master = isBesides ? null : EndRemedies.ForkingParent(context, maker.Process);
        if (master is not null && owners.All(owner => owner.Process.Id != master.Id) && !first.Contains(master.Id))
            End(master, EndSignal.Of(master), 0, ", the parent of its workers", isFollowUp: false, isHeir: false);
        foreach (var owner in owners.OrderByDescending(static owner => owner.Role == OwnerRole.Keeper))
        {
            // Of a socket whose maker is gone nobody is known to be a worker.
            var isWorker = owner != maker && maker.Role != OwnerRole.Inherited && Workers.AreOf(owner.Process, maker.Process);
            var isHeir = owner.Role != OwnerRole.Keeper && !isWorker && (owner.Role == OwnerRole.Inherited || isBesides)
                && !(maker.Role == OwnerRole.Inherited && MasterPrograms.IsLostWorker(owner));
            var hasMaker = maker.Role == OwnerRole.Creator || isBesides;
            var follows = (!isBesides && !first.Contains(owner.Process.Id)) || (owner != maker && hasMaker && (isWorker || isHeir))
                || (owner == maker && master is not null);
            var what = isHeir ? ", which only inherited the socket"
                : owner.Role == OwnerRole.Keeper
                    ? ", which keeps the socket" + (Keepers.RunBy(owner.Process) is { } program ? $" and runs {program}" : "")
                : isWorker && hasMaker ? ", its worker" : "";
            // Its master may be all that ends it gently, as a worker of Apache with threads.
            if (owner != maker && signals[owner.Process.Id].IsKill && !rights.Forces && EndRemedies.EndsItsWorkers(owners))
                _ended.Add(owner.Process.Id);
            else
                End(owner.Process, signals[owner.Process.Id], blocker.Socket.Inode, what, follows, isHeir);
        }
        foreach (var parent in !isBesides && master is null && rights.Settles ? EndRemedies.RestartingParents(context, owners) : [])
        {
            var signal = EndSignal.Of(parent);
            if (Protection(parent) is not null || (signal.IsKill && !rights.Forces))
                _notes.Add(EndRemedies.IfItComesBack(parent, RunAs.OwnerOf(context, parent)) + ".");
            else
                Take(new FreeAction
                {
                    Kind = FreeActionKind.Signal,
                    Text = $"send {signal.Name} to {(maker.Process.ParentId == parent.Id ? "its parent " : "")}"
                        + ProcessNames.Short(parent),
                    Process = parent,
                    Signal = signal.Name,
                    IsFollowUp = true,
                    IsIfTakenAgain = true,
                });
        }
        if (context.Target.Protocol == Protocol.Unix && context.Target.Path is not (null or ['@', ..]))
            Take(FreePlanner.Unlink(context, isFollowUp: true));
    }

    // Its own title may be the whole command.
    private static string Runs(ProcessRecord process, StartingTool? tool) =>
        tool is null || ProcessNames.Plain(process) == tool.Command ? ", which runs it" : $", which runs it ({tool.Command})";

    private void End(ProcessRecord process, EndSignal signal, ulong inode, string what, bool isFollowUp, bool isHeir)
    {
        if (Protection(process) is { } refusal)
        {
            _refusals.Add(refusal);
            return;
        }
        _ended.Add(process.Id);
        var user = process.UserId == context.Snapshot.Caller.UserId ? ""
            : process.UserName is { } name ? $" of user {name}" : $" of uid {Wording.Number(process.UserId ?? 0)}";
        if (signal.IsKill && !rights.Forces)
        {
            Refuse("sigterm-ignored",
                $"{ProcessNames.Short(process)} {signal.Why}. Only SIGKILL is sure to end it, and then it cannot clean up: "
                    + $"bindwise free {context.Question} --force sends that.");
            return;
        }
        var action = new FreeAction
        {
            Kind = FreeActionKind.Signal,
            Text = $"send {signal.Name} to {ProcessNames.Short(process)}{user}{what}{(signal.Why.Length > 0 ? $" (it {signal.Why})" : "")}",
            Process = process,
            Inode = inode,
            Signal = signal.Name,
            IsFollowUp = isFollowUp,
            IsAskedSeparately = isHeir,
        };
        Take(action);
        if (process.State == 'T')
            Take(action with
            {
                Kind = FreeActionKind.Continue,
                Signal = "SIGCONT",
                Text = $"resume {ProcessNames.Short(process)}, which is stopped and handles the signal only then (SIGCONT)"
            });
    }

    /// <summary>Why a process gets no signal, whatever it holds.</summary>
    private FreeRefusal? Protection(ProcessRecord process) => ProcessProtection.Of(context, rights, process);

    private void Take(FreeAction action)
    {
        // One process may hold several of the sockets: one signal is enough.
        if (!_actions.Exists(known =>
            known.IsSameAs(action) || (action.Process is not null && known.Kind == action.Kind && known.Process?.Id == action.Process.Id)))
            _actions.Add(action);
    }

    private void Refuse(string reason, string text) => _refusals.Add(new FreeRefusal { Reason = reason, Text = text });

    /// <summary>The end of a sentence: the command that the remedies name for it.</summary>
    private string ByHand(params ReadOnlySpan<string> ids) => RemedyCommand.End(context, ids);
}
