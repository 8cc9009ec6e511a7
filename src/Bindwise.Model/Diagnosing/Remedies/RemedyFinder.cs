using Bindwise.Model.Diagnosing.Causes;
using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Ports;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Remarks;
using Bindwise.Model.Diagnosing.Sentences;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>
/// What to do, the best first: never kill -9 first, no pid when nobody owns the socket, no option where it would not help.
/// </summary>
internal static class RemedyFinder
{
    public static IEnumerable<Remedy> Of(DiagnosisContext context)
    {
        if (context.DependsOnReuseAddress)
            return Conditional(context);
        if (context.Verdict == Verdict.Free)
        {
            return
            [
                .. ElsewhereFinder.Remedies(context),
                .. PastedErrors.Remedies(context),
                .. WarningFinder.IsInEphemeralRange(context) ? [Reserve(context)]
                    : ExhaustionRemedies.IsNear(context) ? ExhaustionRemedies.Of(context) : Enumerable.Empty<Remedy>(),
            ];
        }
        if (context.Cause == Cause.PortsExhausted)
            return ExhaustionRemedies.Of(context);
        var remedies = new List<Remedy>();
        var isInUse = context.Decisive.Errno is null or "EADDRINUSE" && context.Cause != Cause.DeniedByPolicy;
        var isShared = isInUse && context.Main is not null && context.Target.Protocol != Protocol.Unix;
        if (isShared && context.Verdict == Verdict.Undetermined && context.Target.Protocol == Protocol.Tcp)
            remedies.Add(Remedy.Of("ask-with-probe", "Ask with a probe, one bind() that is closed at once.",
                $"bindwise why {context.Argument}",
                "nothing", "a server that starts in that instant may fail"));
        if (isShared)
        {
            remedies.AddRange(SharingAddress(context));
            remedies.AddRange(Waiting(context));
        }
        remedies.AddRange(isInUse ? HolderRemedies.Of(context) : CauseBook.Remedies(context));
        // With the policy out of the way the holder still is.
        if (context.Cause == Cause.DeniedByPolicy && context.Main is not null)
            remedies.AddRange(HolderRemedies.Of(context));
        if (isShared)
            remedies.AddRange(SharingPort(context).Concat(FamilyRemedies.Of(context)));
        if (context.Target.Protocol != Protocol.Unix && isInUse)
            remedies.Add(OtherPort(context));
        // What keeps it from happening again comes after what helps now.
        remedies.AddRange(isInUse ? Preventions.Of(context) : []);
        return remedies;
    }

    /// <summary>A server that sets SO_REUSEADDR can start now: that first; for one that does not, what everybody else has to do.</summary>
    private static IEnumerable<Remedy> Conditional(DiagnosisContext context)
    {
        var isBound = context.Main!.Socket.State == TcpSocketState.Bound;
        var start = CodeRemedies.Of(
            "set-reuse-address",
            isBound ? "Start your server; it has to set SO_REUSEADDR before bind()."
                : "Start your server now; if it fails, have it set SO_REUSEADDR before bind().",
            SnippetKind.ReuseAddress, TargetLanguage.Starting(context),
            "the program that starts",
            isBound ? "only one of the two can listen: the second to call listen() gets EADDRINUSE"
                : "none on Linux; on Windows the option means something else");
        // In whose language the server is written is not known: code in C would help few.
        yield return TargetLanguage.Starting(context).IsKnown ? start : start.Running(null) with { Language = null };
        foreach (var remedy in Waiting(context).Concat(HolderRemedies.Of(context)))
            yield return remedy;
        if (context.FreeAt is null && context.Snapshot.FreeNearby is not null)
            yield return OtherPort(context);
    }

    private static IEnumerable<Remedy> Waiting(DiagnosisContext context)
    {
        if (context.FreeAt is not { } at)
            yield break;
        var slack = context.SlackSeconds == 0 ? "" : $" (at most {Wording.Number(context.SlackSeconds)} s longer)";
        var plain = context.DependsOnReuseAddress ? ShellCommand.Of($" --plain") : ShellCommand.Empty;
        yield return Remedy.Of("wait",
            $"Wait {Wording.Number(context.SecondsLeft)} s, until "
                + $"{Wording.Time(at.AddMilliseconds(-context.Snapshot.Settings.TimerSlackMilliseconds))}"
                + $"{slack}.",
            $"bindwise why {context.Argument}{plain} --follow", "nothing", "none");
    }

    private static Remedy OtherPort(DiagnosisContext context) => BindElsewhere.OtherPort(
        context.Plan.Port ?? 0, context.Snapshot.FreeNearby,
        context.Blockers.All(static blocker => !blocker.Socket.Local.Address.IsAny && blocker.Socket.DeviceIndex == 0));

    /// <summary>SO_REUSEADDR where it helps right now, by the rules or by the probe.</summary>
    private static IEnumerable<Remedy> SharingAddress(DiagnosisContext context)
    {
        var asked = context.Asked[0].Request;
        var isTcp = context.Target.Protocol == Protocol.Tcp;
        var language = TargetLanguage.Starting(context);
        if (isTcp && !asked.ReuseAddress && context.With(reuseAddress: true, reusePort: false) == Outcome.Allowed)
        {
            var isBound = context.Main!.Socket.State == TcpSocketState.Bound;
            yield return CodeRemedies.Of(
                "set-reuse-address",
                isBound ? "Set SO_REUSEADDR before bind(); the other socket set it too."
                    : "Set SO_REUSEADDR before bind(); it works now, because the old socket had set it too.",
                SnippetKind.ReuseAddress, language,
                "the program that starts",
                isBound ? "only one of the two can listen: the second to call listen() gets EADDRINUSE"
                    : "none on Linux; on Windows the option means something else");
        }
    }

    /// <summary>SO_REUSEPORT where it helps right now.</summary>
    private static IEnumerable<Remedy> SharingPort(DiagnosisContext context)
    {
        var asked = context.Asked[0].Request;
        var isTcp = context.Target.Protocol == Protocol.Tcp;
        var language = TargetLanguage.Starting(context);
        if (!asked.ReusePort && context.With(reuseAddress: false, reusePort: true) == Outcome.Allowed
            && context.Main!.Socket.State is TcpSocketState.Listen or TcpSocketState.Close)
        {
            yield return CodeRemedies.Of(
                "set-reuse-port",
                "Set SO_REUSEPORT before bind() to share the port; the other program set it too, as the same user.",
                isTcp ? SnippetKind.ReusePort : SnippetKind.ReusePortOfDatagrams, language,
                "the program that starts",
                isTcp ? "the kernel spreads new connections over both programs" : "the kernel spreads datagrams over both programs");
        }
    }

    /// <summary>Keeps the port out of the ephemeral range.</summary>
    internal static Remedy Reserve(DiagnosisContext context)
    {
        var reserved = ShellCommand.Join(",", context.Snapshot.Settings.ReservedPorts
            .Select(static r => r.First == r.Last ? ShellCommand.Of($"{r.First}") : ShellCommand.Of($"{r.First}-{r.Last}"))
            .Append(ShellCommand.Of($"{context.Plan.Port ?? 0}")));
        return Remedy.Of(
            "reserve-port",
            "Reserve the port, so that no connection gets it as its source port.",
            $"{RunAs.Root(context)}sysctl -w net.ipv4.ip_local_reserved_ports={reserved}",
            "which ports the system hands out, until the next boot (to keep it, write it to /etc/sysctl.d)",
            "one port fewer for outgoing connections; an explicit bind() still gets it");
    }
}

/// <summary>
/// Remedies for another program, carried out where it lives: in its network namespace, with the question asked again for it.
/// </summary>
internal static class SubjectRemedies
{
    private const string Sudo = "sudo ";

    /// <summary>What looks at or changes a network namespace, and so has to run in the right one.</summary>
    private static readonly string[] OfTheNetwork = ["sysctl -w net.", "ip ", "ss "];

    private static readonly string[] Options = ["--user ", "--netns ", "--pid ", "--unit ", "--container "];

    public static IEnumerable<Remedy> Adapt(DiagnosisContext context, IEnumerable<Remedy> remedies, Subject? program) =>
        program is null ? remedies : remedies.Select(remedy => Right(context, remedy, program))
            .Select(remedy => remedy.Id != ElsewhereFinder.AskThere && ShellCommand.OfRemedy(remedy) is { } command
                ? remedy.Running(Adapt(context, command, program)) : remedy);

    /// <summary>A unit and a container get the right to bind low ports from what starts them, not by their file.</summary>
    private static Remedy Right(DiagnosisContext context, Remedy remedy, Subject program) =>
        remedy.Id != "grant-capability" ? remedy : program switch
        {
            { Unit: { } unit } when program.UserId != 0 => remedy.Running(Edit(context, unit)) with
            {
                Text = "Give the unit the right to bind low ports: under [Service] the line AmbientCapabilities=CAP_NET_BIND_SERVICE.",
                Changes = "the unit, from its next start on",
                Risk = "none",
            },
            { Unit: { } unit } => remedy.Running(Edit(context, unit)) with
            {
                Text = "Keep CAP_NET_BIND_SERVICE in the unit's CapabilityBoundingSet=.",
                Changes = "the unit, from its next start on",
                Risk = "none",
            },
            { Container: not null } => remedy.Running(null) with
            {
                Text = "Let every program in the container bind low ports: start it with the option --sysctl "
                    + "net.ipv4.ip_unprivileged_port_start=0.",
                Changes = "the container's own network namespace",
                Risk = "none outside of it",
            },
            _ => remedy,
        };

    private static ShellCommand? Edit(DiagnosisContext context, string unit) =>
        NameGrammar.Unit.Word(unit) is { } word ? ShellCommand.Of($"{RunAs.Root(context)}systemctl edit {word}") : null;

    private static ShellCommand? Adapt(DiagnosisContext context, ShellCommand command, Subject program)
    {
        var bare = command.After(Sudo) ?? command;
        if (bare.After("bindwise why ") is not null)
            return OptionsOf(program.Asked) is { } options ? ShellCommand.Of($"{command}{options}") : null;
        if (program.IsOtherNetwork && program.NetworkPath is { } path && Array.Exists(OfTheNetwork, start => bare.After(start) is not null))
            return NameGrammar.Path.Word(path) is { } file ? ShellCommand.Of($"{RunAs.Root(context)}nsenter --net={file} {bare}") : null;
        return NameGrammar.Path.Word(program.Process?.Executable) is { } executable ? command.With("/path/to/program", executable)
            : command;
    }

    /// <summary>The options again, each with its value quoted; null where they are none of bindwise.</summary>
    private static ShellCommand? OptionsOf(string asked)
    {
        var line = ShellCommand.Empty;
        for (var rest = asked; rest.Length > 0;)
        {
            if (Array.Find(Options, option => rest.StartsWith(option, StringComparison.Ordinal)) is not { } option)
                return null;
            rest = rest[option.Length..];
            var end = Options.Select(next => rest.IndexOf(" " + next, StringComparison.Ordinal)).Where(static at => at >= 0)
                .DefaultIfEmpty(rest.Length).Min();
            if (NameGrammar.OptionValue.Word(rest[..end]) is not { } value)
                return null;
            line = option switch
            {
                "--user " => $"{line} --user {value}",
                "--netns " => $"{line} --netns {value}",
                "--pid " => $"{line} --pid {value}",
                "--unit " => $"{line} --unit {value}",
                _ => $"{line} --container {value}",
            };
            rest = end < rest.Length ? rest[(end + 1)..] : "";
        }
        return line;
    }
}

/// <summary>How to make those who hold the socket let go, in the terms of what runs them.</summary>
internal static class HolderRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext context)
    {
        if (context.Target.Protocol == Protocol.Unix && context.Main is null)
            return UnixPathRemedies.Of(context);
        if (context.Snapshot.Coverage.SocketsUnread)
            return [Remedy.Of("leave-sandbox", "Ask outside the sandbox that blocks the socket table (sock_diag(7)).",
                $"bindwise why {context.Argument}", "nothing", "none")];
        if (context.Main is not { } main)
            return [SearchAsRoot(context)];
        if (main.Kernel is { } kernel)
            return KernelRemedies.Of(context, kernel);
        if (main.Socket.IsWithoutProcess)
            return WithoutProcess(context, main.Socket);
        if (main.Owners.IsEmpty)
            return [SearchAsRoot(context)];
        if (context.Cause == Cause.DescriptorInFlight)
            return [.. HoldingReport.InFlightRemedies(context, main), EndRemedies.Of(context, main.Owners)];
        if (HoldingReport.IsOnlyInferred(main) && main.Owners.Length > 1)
            return [.. context.Snapshot.Caller.UserId == 0 ? [] : new[] { SearchAsRoot(context) },
                .. EndRemedies.OneByOne(context, main.Owners)];
        var stop = StopRemedies.Of(context, main.Owners, Besides(context, main));
        // Many servers leave their file; whether it may go is known only once connect() is refused.
        return context.Target.Protocol != Protocol.Unix || context.Name.StartsWith('@') ? stop
            : [.. stop, Remedy.Of("ask-again", "If the file is still there then, ask again.", $"bindwise why {context.Argument}", "nothing",
                "none")];
    }

    /// <summary>Other programs whose sockets are in the way too: the port is free only when all of them have ended.</summary>
    private static List<Owner> Besides(DiagnosisContext context, Blocker main)
    {
        const int limit = 3;
        var ended = main.Owners.Select(static o => o.Process.Id).ToHashSet();
        return
        [
            .. context.Blockers.Where(static b => !b.Owners.IsEmpty).Select(static b => b.Owners[0])
                .Where(o => ended.Add(o.Process.Id) && context.Cause != Cause.PublishedContainerPort && !SocketActivators.Is(o.Process))
                .Take(limit),
        ];
    }

    private static IEnumerable<Remedy> WithoutProcess(DiagnosisContext context, HeldSocket socket)
    {
        if (socket.State is TcpSocketState.TimeWait or TcpSocketState.FinWait2)
            yield break;
        yield return Remedy.Of("destroy-socket", "Reset the connection; no process is left to close it.",
            $"{RunAs.Root(context)}ss -K -t 'sport = :{socket.Local.Port} and dport = :{socket.Remote.Port}'",
            "the connection is reset at both ends", "data on its way is lost");
    }

    private static Remedy SearchAsRoot(DiagnosisContext context) =>
        context.Snapshot.Caller is { UserId: 0, MayReadEveryProcess: not Fact.No }
        ? Remedy.Of("look-again", "Look at the evidence: no process in /proc shows the socket.",
            $"bindwise why {context.Argument} --verbose",
            "nothing", "none")
        : Remedy.Of("ask-as-root", "Ask as root, who sees every process.", $"{RunAs.Root(context)}bindwise why {context.Argument}",
            "nothing", "none");
}

/// <summary>What keeps it from happening again: mostly a change of the program's code, in its own language.</summary>
internal static class Preventions
{
    public static IEnumerable<Remedy> Of(DiagnosisContext context)
    {
        if (context.Cause == Cause.TimeWait || context.Cause == Cause.FinWait || context.Cause == Cause.SurvivingConnection)
        {
            if (ReuseAddressFromNow(context) is { } reuse)
                yield return reuse;
            yield return CodeRemedies.Of(
                "client-closes-first",
                "From now on, have the server read until the client closes, and close after it; TIME_WAIT then stays on the client's side.",
                SnippetKind.CloseLast, TargetLanguage.Holding(context),
                "the server's way of ending a connection",
                "a client that never closes has to be cut off by a time limit");
        }
        if (context.Cause == Cause.SurvivingConnection || context.Cause == Cause.SameProgramTwice)
        {
            yield return CodeRemedies.Of(
                "end-on-sigterm",
                "From now on, have the server close its listener on SIGTERM, finish what is open and exit, and start the next one after "
                    + "that.",
                SnippetKind.EndOnSigterm, TargetLanguage.Holding(context),
                "the server's code",
                "a client that never ends delays the exit; set a time limit");
        }
        if (context.Cause == Cause.OutgoingConnection && CauseFinder.IsEphemeral(context.Plan.Port ?? 0, context.Snapshot))
            yield return RemedyFinder.Reserve(context);
        if (context.Cause == Cause.InheritedDescriptor && !MasterPrograms.HaveLostTheirs(context.Main!.Owners))
        {
            yield return CodeRemedies.Of(
                "close-on-exec",
                "From now on, open the listening socket with close-on-exec, so the programs it starts do not inherit it.",
                SnippetKind.CloseOnExec, TargetLanguage.Starting(context),
                "the server's code",
                "a program that passes its socket on deliberately needs another way");
        }
        // A server that wants both families, as a bare port asks for, would still not get [::].
        if (context.Cause == Cause.DualStackListener && context.Asked.All(static j => j.Request.Address.AsIPv4 is not null))
        {
            yield return CodeRemedies.Of(
                "set-v6-only",
                "Have the server on [::] set IPV6_V6ONLY, to leave IPv4 to another program.",
                SnippetKind.SetV6Only, TargetLanguage.Holding(context),
                "the server on [::] no longer takes IPv4 clients",
                "the other program has to serve its IPv4 clients");
        }
    }

    /// <summary>Where it would not help yet; null where it helps already, was asked for, or the runtime does this by default.</summary>
    private static Remedy? ReuseAddressFromNow(DiagnosisContext context)
    {
        // Assumed of a usual server, it may be missing in this one: the old one did not set it.
        if (context.With(reuseAddress: true, reusePort: false) == Outcome.Allowed
            || (context.Asked[0].Request.ReuseAddress && !context.Plan.AssumesReuseAddress))
            return null;
        var remedy = CodeRemedies.Of(
            "set-reuse-address-from-now",
            "From now on, set SO_REUSEADDR before bind() in your server; both sockets need it, so it helps from the restart after the "
                + "next.",
            SnippetKind.ReuseAddress, TargetLanguage.Starting(context),
            "the server's code",
            "none on Linux; on Windows the option means something else");
        return remedy.Command is null ? null
            : TargetLanguage.Starting(context).IsKnown ? remedy : remedy.Running(null) with { Language = null };
    }
}
