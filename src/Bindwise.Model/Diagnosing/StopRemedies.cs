using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Idioms;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>How to end those who hold the socket, in the terms of what started them: service manager, container engine, supervisor, watcher, terminal.</summary>
internal static class StopRemedies
{
    public static IEnumerable<Remedy> Of(Findings f, ImmutableArray<Owner> owners)
    {
        var process = owners[0].Process;
        var origin = owners[0].StartedFrom ?? new Provenance();
        if (process.Id == f.Snapshot.Caller.ProcessId)
        {
            // The library asks on behalf of the program that it is in.
            yield return new Remedy("close-own-socket", "Close the socket that this very process has there already, or bind it once only.", null, "what that socket serves is no longer reached", "none");
            yield break;
        }
        if (SocketActivators.IsSystemd(process))
        {
            // Never end a service manager: pid 1 would take the host with it.
            yield return origin.SocketUnit is { Others.IsEmpty: true } unit ? SocketUnit(f, process, unit) : FindSocketUnit(f, process);
            yield break;
        }
        if (Continuing(f, process) is { } continuing)
            yield return continuing;
        var managed = OfContainer(f, process, origin).Concat(OfUnit(f, process, origin)).Concat(OfTool(f, origin)).ToList();
        foreach (var remedy in managed)
            yield return remedy;
        // Without its proxy a container lives on, unreachable, and the engine still counts the port as given away.
        var isRestarted = origin.Tool is { Kind: not (ToolKind.Runner or ToolKind.Watcher) };
        if (f.Cause != CauseId.PublishedContainerPort && !(isRestarted && managed.Count > 0))
            yield return EndOf(f, owners);
        if (f.Cause == CauseId.CloseWait)
            yield return CodeRemedies.Of("close-after-end", "Mend the program: close the connection when reading tells its end.", Thought.CloseAfterEnd, Speaker.Holding(f), "the program's code", "none");
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
            $"Stop {unit.Name}, for which the service manager listens{(isTemplate ? "" : ", and its service with it: the service alone would be started again with the next connection")}.",
            $"{Systemctl(f, process, unit.IsUsers)} stop {units}", "the port is no longer listened on", "what it serves is gone until it is started again; disable it, or it is back after the next boot");
    }

    private static Remedy FindSocketUnit(Findings f, ProcessRecord process)
    {
        var what = f.Plan.Port is { } port ? Wording.Number(port) : ShellQuoting.Quote(f.Name);
        return new Remedy("find-socket-unit", "Find the socket unit that has the port and stop it (systemctl stop NAME.socket): stopping the service alone would start it again with the next connection.",
            $"systemctl {(process.Id == 1 ? "" : "--user ")}list-sockets --all | grep -w -- {what}", "nothing", "none");
    }

    private static Remedy? Continuing(Findings f, ProcessRecord process)
    {
        var id = Wording.Number(process.Id);
        if (f.Cause != CauseId.StoppedProcess)
            return null;
        return process.State == 't'
            ? new Remedy("leave-debugger", $"{ProcessNames.Short(process)} is stopped by a debugger: let it go on there, or detach.", $"grep TracerPid /proc/{id}/status", "nothing", "none")
            : new Remedy("continue-process", $"{ProcessNames.Short(process)} is stopped (Ctrl+Z): let it go on, then end it as it is meant to be ended, or bring it back with fg.",
                $"{Sudo(f, process)}kill -CONT {id}", "it runs again", "none");
    }

    private static IEnumerable<Remedy> OfContainer(Findings f, ProcessRecord process, Provenance origin)
    {
        if (origin.Container is { } container)
        {
            if (origin.Pod is { Name: { } pod })
            {
                yield return new Remedy("delete-pod", $"Delete the pod {pod}, or scale down what keeps it: its controller starts another one.",
                    $"kubectl delete pod {(origin.Pod.Namespace is { } space ? $"-n {ShellQuoting.Quote(space)} " : "")}{ShellQuoting.Quote(pod)}", "the pod ends", "its controller starts another one, here or elsewhere");
            }
            yield return new Remedy("stop-container", StopText(origin, container), Sudo(f, process) + ContainerStop.Command(f, container, origin.Compose),
                "the container ends", "what it serves is gone; its restart policy may start it again");
        }
        else if (f.Cause == CauseId.PublishedContainerPort)
        {
            var engine = ContainerProxies.EngineOf(process) ?? "docker";
            yield return new Remedy("find-container", "Find the container that publishes the port, then stop it.",
                engine == "podman" ? $"podman ps --format '{{{{.Names}}}} {{{{.Ports}}}}' | grep -w {Wording.Number(f.Plan.Port ?? 0)}"
                    : $"{Sudo(f, process)}docker ps --filter publish={Wording.Number(f.Plan.Port ?? 0)}", "nothing", "none");
        }
    }

    private static string StopText(Provenance origin, ContainerUse container) => origin.Compose is { Service: { } service } compose
        ? $"Stop the compose service {service} of project {compose.Project}, which has the port."
        : container.Name is { } name ? $"Stop the container {name}, which has the port."
        : "Stop the container that holds the port.";

    private static IEnumerable<Remedy> OfUnit(Findings f, ProcessRecord process, Provenance origin)
    {
        if (origin.Container is not null || origin.Unit is not { } unit
            || !(unit.EndsWith(".service", StringComparison.Ordinal) || unit.EndsWith(".socket", StringComparison.Ordinal)))
            yield break;
        yield return new Remedy("stop-unit", "Stop the unit that holds the port: the service manager would restart a process that is merely killed.",
            $"{Systemctl(f, process, IsUserUnit(process))} stop {ShellQuoting.Quote(unit)}", "the service ends", "what it serves is gone until it is started again");
    }

    private static IEnumerable<Remedy> OfTool(Findings f, Provenance origin)
    {
        if (origin.Tool is not { } tool || origin.Container is not null)
            yield break;
        var runner = f.Snapshot.Processes.FirstOrDefault(p => p.Id == tool.ProcessId);
        var sudo = runner is null ? "" : Sudo(f, runner);
        var service = tool.Service is null ? null : ShellQuoting.Quote(tool.Service);
        var command = tool.Kind switch
        {
            ToolKind.Supervisord => $"supervisorctl stop {service ?? "NAME"}",
            ToolKind.Pm2 => $"{AsUser(f, runner)}pm2 stop {service ?? "NAME"}",
            ToolKind.Runit => $"sv stop {service ?? "NAME"}",
            ToolKind.OpenRc => $"rc-service {service ?? "NAME"} stop",
            // What Ctrl+C sends, and to whom: everything that the terminal's job is made of.
            _ when origin.Terminal is not null && tool.GroupId > 1 => $"kill -s INT -- -{Wording.Number(tool.GroupId)}",
            _ => $"kill {Wording.Number(tool.ProcessId)}",
        };
        if (tool.Kind is not (ToolKind.Runner or ToolKind.Watcher))
        {
            yield return new Remedy("stop-supervised", $"Have {tool.Command.Split(' ')[0]} stop it: a process that is merely killed it would start again.", (tool.Kind == ToolKind.Pm2 ? "" : sudo) + command, "the service ends", "what it serves is gone until it is started again");
            yield break;
        }
        var where = Where(origin);
        yield return new Remedy("stop-tool",
            where.Length > 0 ? $"Stop {tool.Command} with Ctrl+C {where}{Again(tool)}." : $"Stop {tool.Command}, which started it{Again(tool)}.",
            sudo + command, "it ends with all that it started", "what it serves is gone until it is started again");
    }

    // Each user has a PM2 of its own.
    private static string AsUser(Findings f, ProcessRecord? process) =>
        process?.UserId is { } user && user != f.Snapshot.Caller.UserId ? $"sudo -H -u '#{Wording.Number(user)}' " : "";

    private static string Again(StartingTool tool) => tool.Kind == ToolKind.Watcher ? ": it would start a server that is merely killed again" : "";

    private static string Where(Provenance origin) => (origin.Editor ?? origin.Session, origin.Terminal) switch
    {
        (null, null) or ("cron", _) => "",
        (null, { } terminal) => $"on {terminal}",
        ({ } place, null) => $"in {place}",
        ({ } place, { } terminal) => $"in {place} ({terminal})",
    };

    /// <summary>Ending the maker of a socket ends its workers as a rule; holders without their maker have to end one by one.</summary>
    public static Remedy EndOf(Findings f, ImmutableArray<Owner> owners)
    {
        const int limit = 8;
        var isMakerAlive = owners[0].Role == OwnerRole.Creator;
        var many = owners.Length > 1 && !isMakerAlive && owners.Length <= limit;
        var others = Wording.Count(owners.Length - 1, "other holder has", "other holders have");
        var text = owners[0].Role == OwnerRole.Receiver ? $"End {ProcessNames.Short(owners[0].Process)}: what waits in its UNIX socket is closed with it."
            : many ? $"End all {Wording.Number(owners.Length)} holders in an orderly way (SIGTERM)."
            : owners.Length > 1 ? $"End {ProcessNames.Short(owners[0].Process)}{(isMakerAlive ? ", which made the socket" : "")}; its {others} to end as well."
            : $"End {ProcessNames.Short(owners[0].Process)} in an orderly way (SIGTERM).";
        var ended = many ? owners : owners[..1];
        var sudo = ended.Select(o => Sudo(f, o.Process)).Max(StringComparer.Ordinal);
        return new Remedy("end-process", text, $"{sudo}kill {string.Join(' ', ended.Select(static o => Wording.Number(o.Process.Id)))}", "the process gets SIGTERM and can clean up",
            f.Cause == CauseId.StoppedProcess ? "a stopped process sees the signal only once it goes on"
            : owners[0].StartedFrom?.Tool is { Kind: ToolKind.Watcher } tool ? $"{tool.Command} may start it again"
            : "its clients are cut off; unsaved work may be lost");
    }

    // Another user's manager is reached by the user's name (systemctl(1), --machine).
    private static string Systemctl(Findings f, ProcessRecord process, bool isUsers) => !isUsers ? "sudo systemctl"
        : process.UserId is { } user && user != f.Snapshot.Caller.UserId && process.UserName is { } name ? $"sudo systemctl --user --machine={ShellQuoting.Quote(name)}@"
        : "systemctl --user";

    private static bool IsUserUnit(ProcessRecord process) => process.Cgroup?.Contains("/user@", StringComparison.Ordinal) == true;
}
