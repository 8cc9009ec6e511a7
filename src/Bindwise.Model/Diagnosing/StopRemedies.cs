using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Idioms;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>How to end those who hold the socket, in the terms of what started them: service manager, container engine, supervisor, watcher, terminal.</summary>
internal static class StopRemedies
{
    /// <summary>How to make the holders of one socket let go of it, and others with a socket in the way.</summary>
    /// <param name="f">The findings.</param>
    /// <param name="owners">The holders of the socket that decides.</param>
    /// <param name="besides">Others, each of which has to end as well.</param>
    public static IEnumerable<Remedy> Of(Findings f, ImmutableArray<Owner> owners, IReadOnlyList<Owner> besides)
    {
        var process = owners[0].Process;
        var origin = owners[0].StartedFrom ?? new Provenance();
        if (process.Id == f.Snapshot.Caller.ProcessId)
        {
            // The library asks on behalf of the program that it is in.
            yield return new Remedy("close-own-socket", "Close the socket that this process already has there, or bind it only once.", null, "what that socket serves can no longer be reached", "none");
            yield break;
        }
        if (SocketActivators.IsSystemd(process))
        {
            // Never end a service manager: pid 1 would take the host with it.
            yield return origin.SocketUnit is { Others.IsEmpty: true } unit ? SocketUnit(f, process, unit) : FindSocketUnit(f, process);
            yield break;
        }
        if (f.Cause == CauseId.StoppedProcess && process.State == 't')
            yield return new Remedy("leave-debugger", $"{ProcessNames.Short(process)} is stopped by a debugger: let it go on there, or detach.", $"grep TracerPid /proc/{Wording.Number(process.Id)}/status", "nothing", "none");
        if (process.Freeze is { } freeze && f.Cause != CauseId.PublishedContainerPort)
        {
            var whole = FreezeRemedies.Thaw(f, owners[0], freeze);
            var stop = OfContainer(f, process, origin).Concat(OfUnit(f, process, origin)).Concat(OfSupervisor(f, origin)).FirstOrDefault(static r => r.Command is not null);
            if (whole.Command is not null)
                yield return stop is null ? FreezeRemedies.EndAndThaw(owners[0], EndRemedies.Of(f, owners, besides), whole) : FreezeRemedies.ThawAndStop(owners[0], whole, stop);
            yield return whole;
            yield break;
        }
        var managed = OfContainer(f, process, origin).Concat(OfUnit(f, process, origin)).Concat(OfSupervisor(f, origin)).ToList();
        foreach (var remedy in managed)
            yield return remedy;
        // Without its proxy a container still runs, unreachable, and the engine still counts the port as given away. What a manager stops it starts again.
        if (f.Cause != CauseId.PublishedContainerPort && managed.Count == 0)
            yield return EndRemedies.Of(f, owners, besides);
        else
        {
            foreach (var other in besides)
                yield return EndRemedies.Beside(f, other);
        }
        if (managed.Count == 0 && EndRemedies.WithParent(f, owners) is { } withParent)
            yield return withParent;
        if (f.Cause == CauseId.CloseWait)
            yield return CodeRemedies.Of("close-after-end", "Fix the program: close the connection when a read reaches the end of the stream.", Thought.CloseAfterEnd, Speaker.Holding(f), "the program's code", "none");
    }

    /// <summary>sudo, where the process is another user's.</summary>
    public static string Sudo(Findings f, ProcessRecord process) =>
        f.Snapshot.Caller.UserId != 0 && process.UserId is { } user && user != f.Snapshot.Caller.UserId ? "sudo " : "";

    private static Remedy SocketUnit(Findings f, ProcessRecord process, SocketUnitUse unit)
    {
        // A template starts one service a connection: each of them ends by itself.
        var isTemplate = unit.Service.Contains("@.", StringComparison.Ordinal);
        var units = isTemplate ? ShellQuoting.Quote(unit.Name) : $"{ShellQuoting.Quote(unit.Name)} {ShellQuoting.Quote(unit.Service)}";
        return new Remedy("stop-socket-unit",
            $"Stop {unit.Name}{(isTemplate ? "" : " and its service (the next connection would start the service alone again)")}.",
            $"{Systemctl(f, process, unit.IsUsers)} stop {units}", "the port is no longer listened on", "what it serves is gone until it is started again; unless you disable it, it is back after the next boot");
    }

    private static Remedy FindSocketUnit(Findings f, ProcessRecord process)
    {
        var what = f.Plan.Port is { } port ? Wording.Number(port) : ShellQuoting.Quote(f.Name);
        return new Remedy("find-socket-unit", "Find the socket unit and stop it (systemctl stop NAME.socket); the next connection would start the service alone again.",
            $"systemctl {(process.Id == 1 ? "" : "--user ")}list-sockets --all | grep -w -- {what}", "nothing", "none");
    }

    private static IEnumerable<Remedy> OfContainer(Findings f, ProcessRecord process, Provenance origin)
    {
        if (origin.Container is { } container)
        {
            if (origin.Pod is { Name: { } pod })
            {
                yield return new Remedy("delete-pod", $"Delete the pod {pod}, or scale its controller down, which would start another one.",
                    $"kubectl delete pod {(origin.Pod.Namespace is { } space ? $"-n {ShellQuoting.Quote(space)} " : "")}{ShellQuoting.Quote(pod)}", "the pod ends", "its controller starts another one, here or elsewhere");
            }
            yield return new Remedy("stop-container", StopText(origin, container), (container.IsEngineOpen ? "" : Sudo(f, process)) + ContainerStop.Command(f, container, origin.Compose),
                "the container ends", "what it serves is gone; its restart policy may start it again");
        }
        else if (f.Cause == CauseId.PublishedContainerPort)
        {
            var engine = ContainerProxies.EngineOf(process) ?? "docker";
            yield return new Remedy("find-container", $"Find the container that publishes the port, then stop it ({engine} stop NAME).",
                engine == "podman" ? $"podman ps --format '{{{{.Names}}}} {{{{.Ports}}}}' | grep -w {Wording.Number(f.Plan.Port ?? 0)}"
                    : $"{Sudo(f, process)}docker ps --filter publish={Wording.Number(f.Plan.Port ?? 0)}", "nothing", "none");
        }
    }

    private static string StopText(Provenance origin, ContainerUse container) => origin.Compose is { Service: { } service } compose
        ? $"Stop the compose service {service} of project {compose.Project}."
        : container.Name is { } name ? $"Stop the container {name}."
        : "Stop the container that holds the port.";

    private static IEnumerable<Remedy> OfUnit(Findings f, ProcessRecord process, Provenance origin)
    {
        if (origin.Container is not null || origin.Unit is not { } unit
            || !(unit.EndsWith(".service", StringComparison.Ordinal) || unit.EndsWith(".socket", StringComparison.Ordinal)))
            yield break;
        yield return new Remedy("stop-unit", $"Stop the unit {unit} (systemd may restart it after a mere kill).",
            $"{Systemctl(f, process, IsUserUnit(process))} stop {ShellQuoting.Quote(unit)}", "the service ends", "what it serves is gone until it is started again");
    }

    private static IEnumerable<Remedy> OfSupervisor(Findings f, Provenance origin)
    {
        if (origin.Tool is not { Kind: not (ToolKind.Runner or ToolKind.Watcher) } tool || origin.Container is not null)
            yield break;
        var supervisor = f.Snapshot.Processes.FirstOrDefault(p => p.Id == tool.ProcessId);
        var sudo = supervisor is null || tool.Kind == ToolKind.Pm2 ? "" : Sudo(f, supervisor);
        var service = tool.Service is null ? "NAME" : ShellQuoting.Quote(tool.Service);
        var command = tool.Kind switch
        {
            ToolKind.Supervisord => $"supervisorctl stop {service}",
            ToolKind.Pm2 => $"{AsUser(f, supervisor)}pm2 stop {service}",
            ToolKind.Runit => $"sv stop {service}",
            _ => $"rc-service {service} stop",
        };
        yield return new Remedy("stop-supervised", $"Stop it with {tool.Command.Split(' ')[0]}, which would restart it after a kill.", sudo + command, "the service ends", "what it serves is gone until it is started again");
    }

    // Each user has a PM2 of its own.
    private static string AsUser(Findings f, ProcessRecord? process) =>
        process?.UserId is { } user && user != f.Snapshot.Caller.UserId ? $"sudo -H -u '#{Wording.Number(user)}' " : "";

    // Another user's manager is reached by the user's name (systemctl(1), --machine).
    public static string Systemctl(Findings f, ProcessRecord process, bool isUsers) => !isUsers ? "sudo systemctl"
        : process.UserId is { } user && user != f.Snapshot.Caller.UserId && process.UserName is { } name ? $"sudo systemctl --user --machine={ShellQuoting.Quote(name)}@"
        : "systemctl --user";

    public static bool IsUserUnit(ProcessRecord process) => process.Cgroup?.Contains("/user@", StringComparison.Ordinal) == true;
}
