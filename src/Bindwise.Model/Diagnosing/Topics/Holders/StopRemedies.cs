using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// How to end those who hold the socket, in the terms of what started them: service manager, container engine, supervisor, watcher,
/// terminal.
/// </summary>
internal static class StopRemedies
{
    /// <summary>How to make the holders of one socket let go of it, and others with a socket in the way.</summary>
    /// <param name="owners">The holders of the socket that decides.</param>
    /// <param name="besides">The holders of others, each of which has to go as well.</param>
    public static IEnumerable<Remedy> Of(DiagnosisContext context, ImmutableArray<Owner> owners,
        IReadOnlyList<ImmutableArray<Owner>> besides)
    {
        foreach (var remedy in CallersOwn.Of(context, [owners, .. besides]))
            yield return remedy;
        (owners, besides) = (CallersOwn.WithoutThem(context, owners), [.. besides.Select(o => CallersOwn.WithoutThem(context, o))
            .Where(static o => !o.IsEmpty)]);
        if (owners.IsEmpty && besides is [var next, ..])
            (owners, besides) = (next, [.. besides.Skip(1)]);
        if (owners.IsEmpty)
            yield break;
        var process = owners[0].Process;
        var origin = owners[0].StartedFrom ?? new ProcessProvenance();
        if (SocketActivators.IsSystemd(process))
        {
            // Never end a service manager: pid 1 would take the host with it.
            yield return origin.SocketUnit is { Others.IsEmpty: true } unit ? SocketUnit(context, process, unit)
                : FindSocketUnit(context, process);
            yield break;
        }
        if (SocketActivators.Closing(process) is { } closing)
        {
            yield return Remedy.Of("close-service", closing + ".", null, "it no longer listens for that service",
                "what that service serves is gone");
            yield break;
        }
        if (owners.FirstOrDefault(static o => o.Process.State == 't')?.Process is { } traced)
        {
            // Every signal goes to the debugger first, which keeps it until somebody resumes the program.
            yield return LeaveDebugger(traced);
            yield break;
        }
        if (origin.Container is null && VirtualMachines.ForwardingOf(process) is { } forwarding)
        {
            yield return Remedy.Of("shut-down-guest",
                $"Shut the guest down from inside, or take the port out of its forwarding{forwarding}: a signal to "
                    + $"{ProcessNames.Short(process)} is a power cut for the guest.",
                VirtualMachines.AreOfVirtualBox(process)
                    ? ShellCommand.Of($"{RunAs.User(context, process.UserId)}VBoxManage list runningvms") : null,
                "the guest shuts down, or the port leads to it no longer", "what the guest serves is gone");
            yield break;
        }
        if (process.Freeze is { } freeze && context.Cause != Cause.PublishedContainerPort)
        {
            var whole = FreezeRemedies.Thaw(context, owners[0], freeze);
            var unfit = new List<string>();
            var stop = OfContainer(context, process, origin, unfit).Concat(OfUnit(context, process, origin, unfit))
                .Concat(SupervisorRemedies.Of(context, owners, origin, unfit)).FirstOrDefault(static r => r.Command is not null);
            if (whole.Command is not null)
                yield return stop is null ? FreezeRemedies.EndAndThaw(owners[0], EndRemedies.Of(context, owners, besides), whole)
                    : FreezeRemedies.ThawAndStop(owners[0], whole, stop);
            yield return whole;
            yield break;
        }
        var refused = new List<string>();
        var managed = OfContainer(context, process, origin, refused).Concat(OfUnit(context, process, origin, refused))
            .Concat(SupervisorRemedies.Of(context, owners, origin, refused)).ToList();
        foreach (var remedy in managed)
            yield return remedy;
        // Without its proxy a container still runs, unreachable, and the engine still counts the port as
        // given away. What a manager stops it starts again.
        if (context.Cause != Cause.PublishedContainerPort && managed.Count == 0)
            yield return EndRemedies.Of(context, owners, besides, refused.FirstOrDefault());
        else if (besides.Count > 0)
            yield return EndRemedies.Besides(context, besides);
        if (managed.Count == 0 && EndRemedies.WithParent(context, owners, besides) is { } withParent)
            yield return withParent;
        if (context.Cause == Cause.CloseWait)
            yield return ConnectionTopic.CloseAfterEnd(context);
    }

    private static Remedy LeaveDebugger(ProcessRecord traced)
    {
        var (text, command) = traced.Tracer is { } tracer
            ? ($"{tracer.Name} (pid {Wording.Number(tracer.Id)})", ShellCommand.Of($"ps -o pid,tty,args -p {tracer.Id}"))
            : ("a debugger", ShellCommand.Of($"grep TracerPid /proc/{traced.Id}/status"));
        return Remedy.Of("leave-debugger",
            $"{ProcessNames.Short(traced)} is stopped by {text}, which would get the signal: end the program there (gdb: kill), or detach, "
                + "and ask again.", command, "nothing", "none");
    }

    /// <summary>Others with a socket in the way, beside one whose holder cannot be seen.</summary>
    public static IEnumerable<Remedy> AlsoOf(DiagnosisContext context, IReadOnlyList<ImmutableArray<Owner>> besides)
    {
        foreach (var remedy in CallersOwn.Of(context, besides))
            yield return remedy;
        if (besides.Select(o => CallersOwn.WithoutThem(context, o)).Where(static o => !o.IsEmpty).ToList() is { Count: > 0 } others)
            yield return EndRemedies.Besides(context, others);
    }

    private static Remedy SocketUnit(DiagnosisContext context, ProcessRecord process, SocketUnitUse unit)
    {
        // A template starts one service a connection: each of them ends by itself.
        var isTemplate = unit.Service.Contains("@.", StringComparison.Ordinal);
        if ((isTemplate ? NameGrammar.Unit.Word(unit.Name) : NameGrammar.Unit.Words(unit.Name, unit.Service)) is not { } units)
            return FindSocketUnit(context, process);
        return Remedy.Of("stop-socket-unit",
            $"Stop {unit.Name}{(isTemplate ? "" : " and its service (the next connection would start the service alone again)")}.",
            $"{Systemctl(context, unit.IsUsers ? process.UserId : null)} stop {units}", "the port is no longer listened on",
            "what it serves is gone until it is started again; unless you disable it, it is back after the next boot");
    }

    private static Remedy FindSocketUnit(DiagnosisContext context, ProcessRecord process)
    {
        var what = context.Plan.Port is { } port ? ShellCommand.Of($"{port}")
            : NameGrammar.Path.Word(context.Target.Path) is { } path ? ShellCommand.Of($"{path}") : ShellCommand.Of($"PATH");
        var stop = Systemctl(context, process.Id == 1 ? null : process.UserId);
        return Remedy.Of("find-socket-unit",
            $"Find the socket unit and stop it ({stop} stop NAME.socket); the next connection would start the service alone again.",
            $"{(process.Id == 1 ? ShellCommand.Of($"systemctl") : stop)} list-sockets --all | grep -w -- {what}", "nothing", "none");
    }

    private static IEnumerable<Remedy> OfContainer(DiagnosisContext context, ProcessRecord process, ProcessProvenance origin,
        List<string> refused)
    {
        if (origin.Container is { } container)
        {
            if (origin.Pod is { Name: { } pod } && NameGrammar.Pod.Word(pod) is { } name
                && (origin.Pod.Namespace is null ? ShellCommand.Empty : NameGrammar.PodNamespace.Word(origin.Pod.Namespace) is { } space
                    ? ShellCommand.Of($"-n {space} ") : null) is { } place)
            {
                yield return Remedy.Of("delete-pod", $"Delete the pod {pod}, or scale its controller down, which would start another one.",
                    $"kubectl delete pod {place}{name}", "the pod ends", "its controller starts another one, here or elsewhere");
            }
            if (ContainerStop.Of(context, container, origin.Compose,
                container.IsEngineOpen ? ShellCommand.Empty : RunAs.OwnerOf(context, process))
                is { } stop)
            {
                yield return Remedy.Of("stop-container", stop.Text, stop.Command, "the container ends",
                    "what it serves is gone; its restart policy may start it again");
                yield break;
            }
            refused.Add(Refused("container", container.Engine ?? "docker"));
        }
        if (context.Cause == Cause.PublishedContainerPort)
        {
            var user = ContainerEngines.UserOf(process);
            var isPodman = ContainerProxies.EngineOf(process) == "podman";
            yield return Remedy.Of("find-container",
                $"Find the container that publishes the port, then stop it ({(isPodman ? "podman" : "docker")} stop NAME).",
                isPodman ? ShellCommand.Of($"{RunAs.UserOfPodman(context, user)}podman ps --format '{{{{.Names}}}} {{{{.Ports}}}}' | "
                    + $"grep -w {context.Plan.Port ?? 0}")
                : ContainerProxies.AreDesktop(process)
                    ? ShellCommand.Of($"{RunAs.User(context, user)}docker --context desktop-linux ps {Publishing(context)}")
                : ShellCommand.Of($"{(user is null ? RunAs.OwnerOf(context, process) : RunAs.UserWithDocker(context, user))}docker ps "
                    + $"{Publishing(context)}"), "nothing", "none");
        }
    }

    /// <summary>Which containers docker ps(1) lists: those that publish the port, for TCP where the filter names no protocol.</summary>
    internal static ShellCommand Publishing(DiagnosisContext context)
    {
        var port = context.Plan.Port ?? 0;
        return context.Target.Protocol == Protocol.Udp ? ShellCommand.Of($"--filter publish={port}/udp")
            : context.Target.IsProtocolAssumed && context.Cause != Cause.PublishedContainerPort
                ? ShellCommand.Of($"--filter publish={port} --filter publish={port}/udp")
            : ShellCommand.Of($"--filter publish={port}");
    }

    /// <summary>The unit is that of the supervisor that runs the process, and stands for all that this one runs.</summary>
    internal static bool IsUnitOfSupervisor(DiagnosisContext context, ProcessRecord process, ProcessProvenance origin) =>
        Supervisors.Of(origin) is { } supervisor && context.Holders.ProcessOf(supervisor.ProcessId)?.Unit == process.Unit;

    private static IEnumerable<Remedy> OfUnit(DiagnosisContext context, ProcessRecord process, ProcessProvenance origin,
        List<string> refused)
    {
        // The unit of an engine's proxy is the engine's, with all its containers.
        if (origin.Container is not null || context.Cause == Cause.PublishedContainerPort || origin.Unit is not { } unit
            || !SystemdCgroup.StandsFor(unit, process) || IsUnitOfSupervisor(context, process, origin))
            yield break;
        if (NameGrammar.Unit.Word(unit) is { } word)
        {
            yield return Remedy.Of("stop-unit", $"Stop the unit {unit} (systemd may restart it after a mere kill).",
                $"{Systemctl(context, SystemdCgroup.UserOf(process.Cgroup))} stop {word}", "the service ends",
                "what it serves is gone until it is started again");
        }
        else
            refused.Add(Refused("unit", "systemd"));
    }

    /// <summary>Why there is no command: a clause for the end of a sentence.</summary>
    internal static string Refused(string what, string tool) =>
        $"its {what} has a name that {tool} does not take, so no command with that name is shown";

    // Another user's manager is found by the folder of that user's sockets.
    internal static ShellCommand Systemctl(DiagnosisContext context, uint? user) =>
        user is null ? ShellCommand.Of($"{RunAs.Root(context)}systemctl")
            : ShellCommand.Of($"{RunAs.UserWithRuntime(context, user)}systemctl --user");
}

/// <summary>The command that stops a container, in the terms of its engine.</summary>
internal readonly record struct ContainerStop(ShellCommand Command, string Text)
{
    /// <summary>The program and its arguments, for who runs it without a shell; empty where no name is one that the engine takes.</summary>
    public static ImmutableArray<string> Words(ContainerUse container, ComposeUse? compose)
    {
        // The words of these grammars are quoted for a shell as they are.
        if (compose is { Service: { } service } && container.Engine == "docker"
            && NameGrammar.ComposeProject.Word(compose.Project) is { } project && NameGrammar.ComposeService.Word(service) is not null)
            return service.StartsWith('-') ? ["docker", "compose", "-p", project.Text, "stop", "--", service]
                : ["docker", "compose", "-p", project.Text, "stop", service];
        return NameOf(container) is not { } name ? [] : container.Engine switch
        {
            "containerd" or "cri-o" => ["crictl", "stop", name.Text],
            "lxc" => ["lxc-stop", "--name", name.Text],
            "nspawn" => ["machinectl", "stop", name.Text],
            "podman" => ["podman", "stop", name.Text],
            _ => ["docker", "stop", name.Text],
        };
    }

    /// <summary>By the compose service, the name or the id, whichever is one first; null where none is.</summary>
    /// <param name="system">The prefix of a command to the system's engine.</param>
    public static ContainerStop? Of(DiagnosisContext context, ContainerUse container, ComposeUse? compose, ShellCommand system)
    {
        if (OfCompose(context, container, compose, system, ShellCommand.Of($"stop")) is { } service)
            return new(service, $"Stop the compose service {compose!.Service} of project {compose.Project}.");
        if (NameOf(container) is not { } name)
            return null;
        var text = container.Name is null ? "Stop the container that holds the port."
            : NameGrammar.Container.Word(container.Name) is not null ? $"Stop the container {container.Name}."
            : $"Stop the container {ContainerRecord.ShortId(container.Id)}, by its id; its name is none that "
                + $"{container.Engine ?? "docker"} takes.";
        return container.Engine switch
        {
            "containerd" or "cri-o" => new($"{system}crictl stop {name}", text),
            "lxc" => new($"{Lxc(context, container, system)}lxc-stop --name {name}", text),
            "nspawn" => new($"{system}machinectl stop {name}", text),
            _ => new($"{Engine(context, container, system)} stop {name}", text),
        };
    }

    /// <summary>The command that thaws a paused container; null for an engine without one, and for a name that it does not take.</summary>
    public static ShellCommand? Thaw(DiagnosisContext context, ContainerUse container, ComposeUse? compose, ShellCommand system)
    {
        if (OfCompose(context, container, compose, system, ShellCommand.Of($"unpause")) is { } service)
            return service;
        return NameOf(container) is not { } name ? null : container.Engine switch
        {
            "lxc" => ShellCommand.Of($"{Lxc(context, container, system)}lxc-unfreeze --name {name}"),
            "containerd" or "cri-o" or "nspawn" => null,
            _ => ShellCommand.Of($"{Engine(context, container, system)} unpause {name}"),
        };
    }

    private static ShellCommand? OfCompose(DiagnosisContext context, ContainerUse container, ComposeUse? compose, ShellCommand system,
        ShellCommand verb) =>
        compose is { Service: { } service } && container.Engine == "docker"
        && NameGrammar.ComposeProject.Word(compose.Project) is { } project && NameGrammar.ComposeService.Word(service) is { } part
            ? ShellCommand.Of($"{Engine(context, container, system)} compose -p {project} {verb} {part}") : null;

    private static ShellWord? NameOf(ContainerUse container)
    {
        var (grammar, name) = container.Engine switch
        {
            "lxc" => (NameGrammar.Lxc, container.Id),
            "nspawn" => (NameGrammar.Machine, container.Id),
            "containerd" or "cri-o" => (NameGrammar.ContainerId, ContainerRecord.ShortId(container.Id)),
            _ => (NameGrammar.Container, container.Name),
        };
        return grammar.Word(name) ?? NameGrammar.ContainerId.Word(ContainerRecord.ShortId(container.Id));
    }

    private static ShellCommand Lxc(DiagnosisContext context, ContainerUse container, ShellCommand system) =>
        container.UserId is { } user ? RunAs.User(context, user) : system;

    private static ShellCommand Engine(DiagnosisContext context, ContainerUse container, ShellCommand system) =>
        (container.Engine, container.UserId) switch
        {
            ("podman", null) => ShellCommand.Of($"{system}podman"),
            ("podman", var user) => ShellCommand.Of($"{RunAs.UserOfPodman(context, user)}podman"),
            (_, null) => ShellCommand.Of($"{system}docker"),
            (_, var user) => ShellCommand.Of($"{RunAs.UserWithDocker(context, user)}docker"),
        };
}

/// <summary>What is frozen with a process, by the name that people know.</summary>
internal static class FrozenCgroup
{
    /// <summary>What is frozen: <c>the container web</c>, <c>web.service</c>, <c>its cgroup</c>.</summary>
    public static string Label(Owner owner) => owner.Process.Freeze is not { } freeze ? "it"
        : ContainerOf(owner, freeze) is { } container ? $"the container {container.Name ?? ContainerRecord.ShortId(container.Id)}"
        : UnitOf(freeze) ?? "its cgroup";

    public static ContainerUse? ContainerOf(Owner owner, CgroupFreeze freeze) =>
        owner.StartedFrom?.Container is { } container && freeze.Path.Contains(container.Id, StringComparison.Ordinal) ? container : null;

    /// <summary>
    /// The unit whose cgroup is frozen; null for none. A slice or scope is frozen as a unit as well (systemctl(1), freeze).
    /// </summary>
    public static string? UnitOf(CgroupFreeze freeze) => freeze.IsVersion1 ? null : SystemdCgroup.UnitOf(freeze.Path);
}

/// <summary>How to thaw a frozen process, in the terms of what froze it: container engine, systemd, or the cgroup's own file.</summary>
internal static class FreezeRemedies
{
    public static Remedy Thaw(DiagnosisContext context, Owner owner, CgroupFreeze freeze)
    {
        var command = FrozenCgroup.ContainerOf(owner, freeze) is { } container
            && ContainerStop.Thaw(context, container, owner.StartedFrom?.Compose,
                container.IsEngineOpen ? ShellCommand.Empty : RunAs.OwnerOf(context, owner.Process)) is { } engine ? engine
            : FrozenCgroup.UnitOf(freeze) is { } unit && NameGrammar.Unit.Word(unit) is { } word
                ? ShellCommand.Of(
                    $"{StopRemedies.Systemctl(context, IsUsers(freeze) ? SystemdCgroup.UserOf(owner.Process.Cgroup) : null)} thaw {word}")
            : Write(context, freeze);
        return Remedy.Of("thaw", command is null ? $"Thaw the cgroup {freeze.Path} where it is mounted; signals wait until then."
            : $"Thaw {FrozenCgroup.Label(owner)}, and it serves again.", command, "the processes run on, and answer what came meanwhile",
            "none");
    }

    /// <summary>Sends the signal and thaws it: the signal waits until the process runs again, and nothing is served in between.</summary>
    public static Remedy EndAndThaw(Owner owner, Remedy end, Remedy thaw) => end.Running(Both(end, thaw)) with
    {
        Id = "thaw-and-stop",
        Text = $"{end.Text.TrimEnd('.')}, and thaw {FrozenCgroup.Label(owner)}: only then the signal is handled.",
    };

    public static Remedy ThawAndStop(Owner owner, Remedy thaw, Remedy stop) => stop.Running(Both(thaw, stop)) with
    {
        Id = "thaw-and-stop",
        Text = $"Thaw {FrozenCgroup.Label(owner)}, then stop it.",
    };

    private static ShellCommand? Both(Remedy first, Remedy second) =>
        ShellCommand.OfRemedy(first) is { } one && ShellCommand.OfRemedy(second) is { } other ? ShellCommand.Of($"{one} && {other}") : null;

    private static bool IsUsers(CgroupFreeze freeze) =>
        freeze.Path.Contains("/user@", StringComparison.Ordinal) && !freeze.Path.EndsWith(".slice", StringComparison.Ordinal);

    private static ShellCommand? Write(DiagnosisContext context, CgroupFreeze freeze)
    {
        var files = freeze.Files.Select(NameGrammar.Path.Word).OfType<ShellWord>().Select(static file => ShellCommand.Of($"{file}"))
            .ToList();
        if (files.Count == 0 || files.Count < freeze.Files.Length)
            return null;
        var value = freeze.IsVersion1 ? ShellCommand.Of($"THAWED") : ShellCommand.Of($"0");
        return ShellCommand.Of($"echo {value} | {RunAs.Root(context)}tee {ShellCommand.Join(" ", files)}");
    }
}
