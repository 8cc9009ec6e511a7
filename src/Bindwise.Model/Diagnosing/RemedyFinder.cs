using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing;

/// <summary>What to do, the best first: never kill -9 first, no pid when nobody owns the socket, no option where it would not help.</summary>
internal static class RemedyFinder
{
    public static IEnumerable<Remedy> Of(Findings f)
    {
        if (f.Verdict == Verdict.Free)
            return [.. ElsewhereFinder.Remedies(f), .. WarningFinder.IsInEphemeralRange(f) ? [Reserve(f)] : Enumerable.Empty<Remedy>()];
        var remedies = new List<Remedy>();
        var isInUse = f.Decisive.Errno is null or "EADDRINUSE";
        if (isInUse && f.Main is not null && f.Target.Protocol != Protocol.Unix)
        {
            remedies.AddRange(Sharing(f));
            if (f.FreeAt is { } at)
                remedies.Add(new Remedy("wait", $"Wait: free in {f.SecondsLeft} s at the latest, at {Wording.Time(at)}.", null, "nothing", "none"));
        }
        remedies.AddRange(isInUse ? HolderRemedies.Of(f) : RefusalRemedies.Of(f));
        remedies.AddRange(isInUse ? Prevention(f) : []);
        if (f.Target.Protocol != Protocol.Unix && f.Cause != CauseId.PortsExhausted && isInUse)
            remedies.Add(new Remedy("other-port", "Take another port.", null, "where clients have to connect", "clients have to be told"));
        return remedies;
    }

    /// <summary>Options that help right now, by the rules or by the probe.</summary>
    private static IEnumerable<Remedy> Sharing(Findings f)
    {
        var asked = f.Asked[0].Request;
        var isTcp = f.Target.Protocol == Protocol.Tcp;
        if (isTcp && !asked.ReuseAddress && f.With(reuseAddress: true, reusePort: false) == Outcome.Allowed)
        {
            var isBound = f.Main!.Socket.State == TcpState.Bound;
            yield return new Remedy(
                "set-reuse-address",
                isBound ? "Set SO_REUSEADDR before bind(): the other socket set it too." : "Set SO_REUSEADDR before bind(): it works now, since the old socket had set it too.",
                CodeLines.Set("SO_REUSEADDR", f.Target.Pasted?.Runtime),
                "the program that starts",
                isBound ? "only one of the two can listen: whoever comes second gets EADDRINUSE from listen()" : "none on Linux; on Windows the option means something else");
        }
        if (!asked.ReusePort && f.With(reuseAddress: false, reusePort: true) == Outcome.Allowed && f.Main!.Socket.State is TcpState.Listen or TcpState.Close)
        {
            yield return new Remedy(
                "set-reuse-port",
                "Set SO_REUSEPORT before bind() to share the port with the one that is there: it set it too, as the same user.",
                CodeLines.Set("SO_REUSEPORT", f.Target.Pasted?.Runtime),
                "the program that starts",
                isTcp ? "the kernel spreads new connections over both programs" : "the kernel spreads datagrams over both programs");
        }
    }

    /// <summary>What keeps it from happening again.</summary>
    private static IEnumerable<Remedy> Prevention(Findings f)
    {
        var helpsNow = f.With(reuseAddress: true, reusePort: false) == Outcome.Allowed;
        if (f.Cause == CauseId.TimeWait || f.Cause == CauseId.FinWait || f.Cause == CauseId.SurvivingConnection)
        {
            if (!helpsNow && !f.Asked[0].Request.ReuseAddress)
            {
                yield return new Remedy(
                    "set-reuse-address-from-now",
                    "Set SO_REUSEADDR before bind() in the server from now on: it has to be set on the old socket and on the new one, so it helps from the restart after the next.",
                    CodeLines.Set("SO_REUSEADDR", f.Target.Pasted?.Runtime),
                    "the server's code",
                    "none on Linux; on Windows the option means something else");
            }
            yield return new Remedy(
                "client-closes-first",
                "Let the client close first: TIME_WAIT then stays at its end, on a port of its own.",
                "shutdown(fd, SHUT_WR);  /* then read until 0, with a time limit, then close(fd) */",
                "the server's way of ending a connection",
                "a client that never closes has to be cut off by a time limit");
        }
        if (f.Cause == CauseId.OutgoingConnection && CauseFinder.IsEphemeral(f.Plan.Port ?? 0, f.Snapshot))
            yield return Reserve(f);
        if (f.Cause == CauseId.InheritedDescriptor)
        {
            yield return new Remedy(
                "close-on-exec",
                "Open the listening socket with close-on-exec, so that programs it starts do not inherit it.",
                "socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);",
                "the server's code",
                "a program that hands its socket over on purpose must pass it another way");
        }
    }

    /// <summary>Keeps the port out of the ephemeral range.</summary>
    internal static Remedy Reserve(Findings f)
    {
        var reserved = string.Join(',', f.Snapshot.Settings.ReservedPorts
            .Select(static r => r.First == r.Last ? Wording.Number(r.First) : Wording.Number(r.First) + "-" + Wording.Number(r.Last))
            .Append(Wording.Number(f.Plan.Port ?? 0)));
        return new Remedy(
            "reserve-port",
            "Take the port out of the ephemeral range, so that no connection is given it.",
            $"sudo sysctl -w net.ipv4.ip_local_reserved_ports={reserved}",
            "which ports the system hands out; until the next boot, unless it is written to /etc/sysctl.d",
            "one port fewer for outgoing connections; an explicit bind() still gets it");
    }
}
