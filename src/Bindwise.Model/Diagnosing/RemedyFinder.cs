using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Idioms;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing;

/// <summary>What to do, the best first: never kill -9 first, no pid when nobody owns the socket, no option where it would not help.</summary>
internal static class RemedyFinder
{
    public static IEnumerable<Remedy> Of(Findings f)
    {
        if (f.Verdict == Verdict.Free)
            return WarningFinder.IsInEphemeralRange(f) ? [Reserve(f)] : [];
        var remedies = new List<Remedy>();
        var isInUse = f.Decisive.Errno is null or "EADDRINUSE";
        if (isInUse && f.Main is not null && f.Target.Protocol != Protocol.Unix)
        {
            remedies.AddRange(Sharing(f));
            if (f.FreeAt is { } at)
                remedies.Add(new Remedy("wait", $"Wait: free in {f.SecondsLeft} s at the latest, at {Wording.Time(at)}.", null, "nothing", "none"));
        }
        remedies.AddRange(isInUse ? HolderRemedies.Of(f) : RefusalRemedies.Of(f));
        remedies.AddRange(isInUse ? Preventions.Of(f) : []);
        if (f.Target.Protocol != Protocol.Unix && f.Cause != CauseId.PortsExhausted && isInUse)
            remedies.Add(new Remedy("other-port", "Take another port.", null, "where clients have to connect", "clients have to be told"));
        return remedies;
    }

    /// <summary>Options that help right now, by the rules or by the probe.</summary>
    private static IEnumerable<Remedy> Sharing(Findings f)
    {
        var asked = f.Asked[0].Request;
        var isTcp = f.Target.Protocol == Protocol.Tcp;
        var speaker = Speaker.Starting(f);
        if (isTcp && !asked.ReuseAddress && f.With(reuseAddress: true, reusePort: false) == Outcome.Allowed)
        {
            var isBound = f.Main!.Socket.State == TcpState.Bound;
            yield return CodeRemedies.Of(
                "set-reuse-address",
                isBound ? "Set SO_REUSEADDR before bind(): the other socket set it too." : "Set SO_REUSEADDR before bind(): it works now, since the old socket had set it too.",
                Thought.ReuseAddress, speaker,
                "the program that starts",
                isBound ? "only one of the two can listen: whoever comes second gets EADDRINUSE from listen()" : "none on Linux; on Windows the option means something else");
        }
        if (!asked.ReusePort && f.With(reuseAddress: false, reusePort: true) == Outcome.Allowed && f.Main!.Socket.State is TcpState.Listen or TcpState.Close)
        {
            yield return CodeRemedies.Of(
                "set-reuse-port",
                "Set SO_REUSEPORT before bind() to share the port with the one that is there: it set it too, as the same user.",
                isTcp ? Thought.ReusePort : Thought.ReusePortOfDatagrams, speaker,
                "the program that starts",
                isTcp ? "the kernel spreads new connections over both programs" : "the kernel spreads datagrams over both programs");
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
