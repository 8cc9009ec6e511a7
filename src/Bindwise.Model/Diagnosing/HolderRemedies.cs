using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Idioms;
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
        return StopRemedies.Of(f, main.Owners).Concat(EndingOthers(f, main));
    }

    /// <summary>Other programs whose sockets are in the way too: the port is free only when all of them have ended.</summary>
    private static IEnumerable<Remedy> EndingOthers(Findings f, Blocker main)
    {
        const int limit = 3;
        var ended = main.Owners.Select(static o => o.Process.Id).ToHashSet();
        var others = f.Blockers.Where(static b => !b.Owners.IsEmpty).Select(static b => b.Owners[0])
            .Where(o => ended.Add(o.Process.Id) && f.Cause != CauseId.PublishedContainerPort && !SocketActivators.Is(o.Process));
        foreach (var owner in others.Take(limit))
        {
            yield return new Remedy("end-process", $"End {ProcessNames.Short(owner.Process)} as well: it has a socket in the way too.",
                $"{StopRemedies.Sudo(f, owner.Process)}kill {Wording.Number(owner.Process.Id)}", "the process gets SIGTERM and can clean up", "its clients are cut off; unsaved work may be lost");
        }
    }

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
}
