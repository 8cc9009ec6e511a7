using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Idioms;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing;

/// <summary>How to make those who hold the socket let go, in the terms of what runs them.</summary>
internal static class HolderRemedies
{
    public static IEnumerable<Remedy> Of(Findings f)
    {
        if (f.Target.Protocol == Protocol.Unix && f.Main is null)
            return UnixFile(f);
        if (f.Cause == CauseId.PortsExhausted)
            return Exhausted();
        if (f.Snapshot.Coverage.SocketsUnread)
            return [new Remedy("leave-sandbox", "Ask outside the sandbox that keeps the socket table from being read (sock_diag(7)).", $"bindwise why {ShellQuoting.Quote(f.PortName)}", "nothing", "none")];
        if (f.Main is not { } main)
            return [SearchAsRoot(f)];
        if (main.Socket.IsWithoutProcess)
            return WithoutProcess(main.Socket);
        if (main.Owners.IsEmpty)
            return [SearchAsRoot(f)];
        return Stopping(f, main.Owners).Concat(EndingOthers(f, main));
    }

    private static IEnumerable<Remedy> Stopping(Findings f, ImmutableArray<Owner> owners)
    {
        var process = owners[0].Process;
        if (process.Name == "systemd" && CauseFinder.IsServiceManager(process))
        {
            // Never end a service manager: pid 1 would take the host with it.
            var what = f.Plan.Port is { } port ? Wording.Number(port) : ShellQuoting.Quote(f.Name);
            yield return new Remedy("find-socket-unit", "Find the socket unit that has the port and stop it (systemctl stop NAME.socket): stopping the service alone would start it again with the next connection.",
                $"systemctl {(process.Id == 1 ? "" : "--user ")}list-sockets --all | grep -w -- {what}", "nothing", "none");
            yield break;
        }
        var id = Wording.Number(process.Id);
        var sudo = Sudo(f, process);
        if (f.Cause == CauseId.StoppedProcess && process.State == 't')
        {
            yield return new Remedy("leave-debugger", $"{ProcessNames.Short(process)} is stopped by a debugger: let it go on there, or detach.", $"grep TracerPid /proc/{id}/status", "nothing", "none");
        }
        else if (f.Cause == CauseId.StoppedProcess)
        {
            yield return new Remedy("continue-process", $"{ProcessNames.Short(process)} is stopped (Ctrl+Z): let it go on, then end it as it is meant to be ended, or bring it back with fg.",
                $"{sudo}kill -CONT {id}", "it runs again", "none");
        }
        if (process.Container is { } container)
        {
            yield return new Remedy("stop-container", "Stop the container that holds the port.", sudo + ContainerStop.Command(process, container), "the container ends", "what it serves is gone; its restart policy may start it again");
        }
        else if (f.Cause == CauseId.PublishedContainerPort)
        {
            yield return new Remedy("find-container", "Find the container that publishes the port, then stop it.", $"{sudo}docker ps --filter publish={Wording.Number(f.Plan.Port ?? 0)}", "nothing", "none");
        }
        else if (process.Unit is { } unit && (unit.EndsWith(".service", StringComparison.Ordinal) || unit.EndsWith(".socket", StringComparison.Ordinal))
            && !unit.StartsWith("user@", StringComparison.Ordinal))
        {
            yield return new Remedy("stop-unit", "Stop the unit that holds the port: the service manager would restart a process that is merely killed.",
                $"{(IsUserUnit(process) ? "systemctl --user" : "sudo systemctl")} stop {ShellQuoting.Quote(unit)}", "the service ends", "what it serves is gone until it is started again");
        }
        // Without its proxy a container lives on, unreachable, and the engine still counts the port as given away.
        if (f.Cause != CauseId.PublishedContainerPort)
            yield return EndOf(f, owners);
        if (f.Cause == CauseId.CloseWait)
        {
            yield return CodeRemedies.Of("close-after-end", "Mend the program: close the connection when reading tells its end.", Thought.CloseAfterEnd, Speaker.Holding(f), "the program's code", "none");
        }
    }

    /// <summary>Ending the maker of a socket ends its workers as a rule; holders without their maker have to end one by one.</summary>
    private static Remedy EndOf(Findings f, ImmutableArray<Owner> owners)
    {
        const int limit = 8;
        var isMakerAlive = owners[0].Role == OwnerRole.Creator;
        var many = owners.Length > 1 && !isMakerAlive && owners.Length <= limit;
        var others = Wording.Count(owners.Length - 1, "other holder has", "other holders have");
        var text = many ? $"End all {Wording.Number(owners.Length)} holders in an orderly way (SIGTERM)."
            : owners.Length > 1 ? $"End {ProcessNames.Short(owners[0].Process)}{(isMakerAlive ? ", which made the socket" : "")}; its {others} to end as well."
            : $"End {ProcessNames.Short(owners[0].Process)} in an orderly way (SIGTERM).";
        var ended = many ? owners : owners[..1];
        var sudo = ended.Select(o => Sudo(f, o.Process)).Max(StringComparer.Ordinal);
        return new Remedy("end-process", text, $"{sudo}kill {string.Join(' ', ended.Select(static o => Wording.Number(o.Process.Id)))}", "the process gets SIGTERM and can clean up",
            f.Cause == CauseId.StoppedProcess ? "a stopped process sees the signal only once it goes on" : "its clients are cut off; unsaved work may be lost");
    }

    /// <summary>Other programs whose sockets are in the way too: the port is free only when all of them have ended.</summary>
    private static IEnumerable<Remedy> EndingOthers(Findings f, Blocker main)
    {
        const int limit = 3;
        var ended = main.Owners.Select(static o => o.Process.Id).ToHashSet();
        var others = f.Blockers.Where(static b => !b.Owners.IsEmpty).Select(static b => b.Owners[0])
            .Where(o => ended.Add(o.Process.Id) && f.Cause != CauseId.PublishedContainerPort && !CauseFinder.IsServiceManager(o.Process));
        foreach (var owner in others.Take(limit))
        {
            yield return new Remedy("end-process", $"End {ProcessNames.Short(owner.Process)} as well: it has a socket in the way too.",
                $"{Sudo(f, owner.Process)}kill {Wording.Number(owner.Process.Id)}", "the process gets SIGTERM and can clean up", "its clients are cut off; unsaved work may be lost");
        }
    }

    private static string Sudo(Findings f, ProcessRecord process) =>
        f.Snapshot.Caller.UserId != 0 && process.UserId is { } user && user != f.Snapshot.Caller.UserId ? "sudo " : "";

    private static IEnumerable<Remedy> WithoutProcess(HeldSocket socket)
    {
        if (socket.State is TcpState.TimeWait or TcpState.FinWait2)
            yield break;
        yield return new Remedy("destroy-socket", "Have the kernel drop the connection: no process is left to close it.",
            $"sudo ss -K -t 'sport = :{Wording.Number(socket.Local.Port)} and dport = :{Wording.Number(socket.Remote.Port)}'",
            "the connection is reset at both ends", "data on its way is lost");
    }

    private static IEnumerable<Remedy> UnixFile(Findings f)
    {
        if (f.Snapshot.UnixPath is { IsSocket: true })
        {
            yield return new Remedy("remove-socket-file", "Remove the left-over file: nobody here serves it.", $"rm -- {ShellQuoting.Quote(f.Name)}", "the file is gone",
                "make sure that no container (another network namespace) and no other host serves it");
            yield return CodeRemedies.Of("unlink-before-bind", "Have the server remove it before bind(), after it tried to connect to it.", Thought.UnlinkBeforeBind, Speaker.Starting(f), "the server's code", "two servers started at once may remove each other's file");
        }
        else
        {
            yield return new Remedy("other-path", "Take another path: what stands there is not a socket, and not ours to remove.", null, "where clients connect", "clients have to be told");
        }
    }

    private static IEnumerable<Remedy> Exhausted()
    {
        yield return new Remedy("widen-range", "Widen the ephemeral range.", "sudo sysctl -w net.ipv4.ip_local_port_range=\"15000 64999\"", "which ports the system hands out", "keep the ports of your servers out of it, or reserve them");
        yield return new Remedy("bind-late", "For outgoing connections, set IP_BIND_ADDRESS_NO_PORT before bind(addr, 0): a port then counts per destination.", "setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));", "the client's code", "none");
        yield return new Remedy("keep-alive", "Keep connections open and use them again.", null, "how clients connect", "none");
    }

    private static Remedy SearchAsRoot(Findings f) => f.Snapshot.Caller is { UserId: 0, MayReadEveryProcess: not Fact.No }
        ? new Remedy("look-again", "Ask again with the evidence: nobody that /proc shows holds the socket.", $"bindwise why {f.PortName} --verbose", "nothing", "none")
        : new Remedy("ask-as-root", "Ask as root, who sees every process's descriptors.", $"sudo bindwise why {ShellQuoting.Quote(f.PortName)}", "nothing", "none");

    private static bool IsUserUnit(ProcessRecord process) => process.Cgroup?.Contains("/user@", StringComparison.Ordinal) == true;
}
