using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Ports;
using Bindwise.Model.Diagnosing.Remarks;
using Bindwise.Model.Diagnosing.Sentences;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>What to do, the best first: never kill -9 first, no pid when nobody owns the socket, no option where it would not help.</summary>
internal static class RemedyFinder
{
    public static IEnumerable<Remedy> Of(DiagnosisContext f)
    {
        if (f.DependsOnReuseAddress)
            return Conditional(f);
        if (f.Verdict == Verdict.Free)
        {
            return
            [
                .. ElsewhereFinder.Remedies(f),
                .. PastedErrors.Remedies(f),
                .. WarningFinder.IsInEphemeralRange(f) ? [Reserve(f)] : ExhaustionRemedies.IsNear(f) ? ExhaustionRemedies.Of(f) : Enumerable.Empty<Remedy>(),
            ];
        }
        if (f.Cause == CauseId.PortsExhausted)
            return ExhaustionRemedies.Of(f);
        var remedies = new List<Remedy>();
        var isInUse = f.Decisive.Errno is null or "EADDRINUSE" && f.Cause != CauseId.DeniedByPolicy;
        var isShared = isInUse && f.Main is not null && f.Target.Protocol != Protocol.Unix;
        if (isShared && f.Verdict == Verdict.Undetermined && f.Target.Protocol == Protocol.Tcp)
            remedies.Add(Remedy.Of("ask-with-probe", "Ask with a probe, one bind() that is closed at once.", $"bindwise why {f.Argument}", "nothing", "a server that starts in that instant may fail"));
        if (isShared)
        {
            remedies.AddRange(SharingAddress(f));
            remedies.AddRange(Waiting(f));
        }
        remedies.AddRange(isInUse ? HolderRemedies.Of(f) : RefusalRemedies.Of(f));
        // With the policy out of the way the holder still is.
        if (f.Cause == CauseId.DeniedByPolicy && f.Main is not null)
            remedies.AddRange(HolderRemedies.Of(f));
        if (isShared)
            remedies.AddRange(SharingPort(f).Concat(FamilyRemedies.Of(f)));
        if (f.Target.Protocol != Protocol.Unix && isInUse)
            remedies.Add(OtherPort(f));
        // What keeps it from happening again comes after what helps now.
        remedies.AddRange(isInUse ? Preventions.Of(f) : []);
        return remedies;
    }

    /// <summary>A server that sets SO_REUSEADDR can start now: that first; for one that does not, what everybody else has to do.</summary>
    private static IEnumerable<Remedy> Conditional(DiagnosisContext f)
    {
        var isBound = f.Main!.Socket.State == TcpState.Bound;
        var start = CodeRemedies.Of(
            "set-reuse-address",
            isBound ? "Start your server; it has to set SO_REUSEADDR before bind()." : "Start your server now; if it fails, have it set SO_REUSEADDR before bind().",
            SnippetKind.ReuseAddress, TargetLanguage.Starting(f),
            "the program that starts",
            isBound ? "only one of the two can listen: the second to call listen() gets EADDRINUSE" : "none on Linux; on Windows the option means something else");
        // In whose language the server is written is not known: code in C would help few.
        yield return TargetLanguage.Starting(f).IsKnown ? start : start.Running(null) with { Language = null };
        foreach (var remedy in Waiting(f).Concat(HolderRemedies.Of(f)))
            yield return remedy;
        if (f.FreeAt is null && f.Snapshot.FreeNearby is not null)
            yield return OtherPort(f);
    }

    private static IEnumerable<Remedy> Waiting(DiagnosisContext f)
    {
        if (f.FreeAt is not { } at)
            yield break;
        var slack = f.SlackSeconds == 0 ? "" : $" (at most {Wording.Number(f.SlackSeconds)} s longer)";
        var plain = f.DependsOnReuseAddress ? ShellCommand.Of($" --plain") : ShellCommand.Empty;
        yield return Remedy.Of("wait", $"Wait {Wording.Number(f.SecondsLeft)} s, until {Wording.Time(at.AddMilliseconds(-f.Snapshot.Settings.TimerSlackMilliseconds))}{slack}.",
            $"bindwise why {f.Argument}{plain} --follow", "nothing", "none");
    }

    private static Remedy OtherPort(DiagnosisContext f) => Remedy.Of("other-port", f.Snapshot.FreeNearby is { } free ? $"Take another port; {Wording.Number(free)} is free." : "Take another port.",
        null, "where clients have to connect", "clients have to be told");

    /// <summary>SO_REUSEADDR where it helps right now, by the rules or by the probe.</summary>
    private static IEnumerable<Remedy> SharingAddress(DiagnosisContext f)
    {
        var asked = f.Asked[0].Request;
        var isTcp = f.Target.Protocol == Protocol.Tcp;
        var speaker = TargetLanguage.Starting(f);
        if (isTcp && !asked.ReuseAddress && f.With(reuseAddress: true, reusePort: false) == Outcome.Allowed)
        {
            var isBound = f.Main!.Socket.State == TcpState.Bound;
            yield return CodeRemedies.Of(
                "set-reuse-address",
                isBound ? "Set SO_REUSEADDR before bind(); the other socket set it too." : "Set SO_REUSEADDR before bind(); it works now, because the old socket had set it too.",
                SnippetKind.ReuseAddress, speaker,
                "the program that starts",
                isBound ? "only one of the two can listen: the second to call listen() gets EADDRINUSE" : "none on Linux; on Windows the option means something else");
        }
    }

    /// <summary>SO_REUSEPORT where it helps right now.</summary>
    private static IEnumerable<Remedy> SharingPort(DiagnosisContext f)
    {
        var asked = f.Asked[0].Request;
        var isTcp = f.Target.Protocol == Protocol.Tcp;
        var speaker = TargetLanguage.Starting(f);
        if (!asked.ReusePort && f.With(reuseAddress: false, reusePort: true) == Outcome.Allowed && f.Main!.Socket.State is TcpState.Listen or TcpState.Close)
        {
            yield return CodeRemedies.Of(
                "set-reuse-port",
                "Set SO_REUSEPORT before bind() to share the port; the other program set it too, as the same user.",
                isTcp ? SnippetKind.ReusePort : SnippetKind.ReusePortOfDatagrams, speaker,
                "the program that starts",
                isTcp ? "the kernel spreads new connections over both programs" : "the kernel spreads datagrams over both programs");
        }
    }

    /// <summary>Keeps the port out of the ephemeral range.</summary>
    internal static Remedy Reserve(DiagnosisContext f)
    {
        var reserved = ShellCommand.Join(",", f.Snapshot.Settings.ReservedPorts
            .Select(static r => r.First == r.Last ? ShellCommand.Of($"{r.First}") : ShellCommand.Of($"{r.First}-{r.Last}"))
            .Append(ShellCommand.Of($"{f.Plan.Port ?? 0}")));
        return Remedy.Of(
            "reserve-port",
            "Reserve the port, so that no connection gets it as its source port.",
            $"sudo sysctl -w net.ipv4.ip_local_reserved_ports={reserved}",
            "which ports the system hands out, until the next boot (to keep it, write it to /etc/sysctl.d)",
            "one port fewer for outgoing connections; an explicit bind() still gets it");
    }
}
