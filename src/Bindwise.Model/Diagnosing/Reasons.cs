using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Diagnosing;

/// <summary>
/// Why, in sentences: the case at hand first, which a reader needs who sees nothing else, then the rule in its general form, what is known
/// of the sockets, and which defaults were taken.
/// </summary>
internal static class Reasons
{
    public static IEnumerable<string> Of(DiagnosisContext context)
    {
        var ofCase = OfCase(context);
        var ports = context.Verdict != Verdict.Free || context.Target.Destination is not null
            ? EphemeralPortTopic.Notes(context).ToList() : [];
        // Who has the ports is news; that they are used up is in the first line.
        if (context.Cause == Cause.PortsExhausted && ofCase is null && ports is [var users, ..])
        {
            ofCase = users;
            ports.RemoveAt(0);
        }
        if (ofCase is not null)
            yield return ofCase;
        if (ofCase != context.Decisive.Rule.Sentence)
            yield return context.Decisive.Rule.Sentence;
        if (context.Verdict != Verdict.Free || context.DependsOnReuseAddress)
        {
            foreach (var sentence in OfBlockers(context).Concat(PolicyTopic.Notes(context)))
                yield return sentence;
        }
        foreach (var sentence in ports)
            yield return sentence;
        if (PastedErrors.Defaults(context) is { } said)
            yield return said;
        foreach (var sentence in SubjectAnswer.Reasons(context))
            yield return sentence;
    }

    /// <summary>One sentence about the case at hand; null where the rule's own says it best.</summary>
    private static string? OfCase(DiagnosisContext context)
    {
        // Where SO_REUSEADDR decides, that is the answer.
        var isOptionDecisive = context.Cause.Kind() == CauseKind.Connection && context.DependsOnReuseAddress;
        if (!isOptionDecisive && context.Topic.Explanation(context) is { } explanation)
            return explanation;
        return context.Decisive.Errno is not (null or "EADDRINUSE") || context.Main is not { } main ? null
            : SharingOptions.Reason(context, main.Socket) ?? context.SocketTopic.Reason(context, main);
    }

    private static IEnumerable<string> OfBlockers(DiagnosisContext context)
    {
        if (Count(context) is { } count)
            yield return count;
        foreach (var sentence in ConnectionTopic.Notes(context))
            yield return sentence;
        if (SharingOptions.OfOldSocket(context) is { } knowledge)
            yield return knowledge;
        if (context.Main is { Socket: { IsMultipath: Fact.Yes } socket })
            yield return socket.SubflowState is { } subflow
                ? $"It is an MPTCP connection (IPPROTO_MPTCP) in {Wording.State(socket)}; its TCP subflow, which ss -t shows as "
                    + $"{TcpStateNames.Of(subflow, Protocol.Tcp)}, holds the port as any TCP socket does."
                : "It is an MPTCP socket (IPPROTO_MPTCP); its first subflow holds the port as any TCP socket does.";
        if (HolderTopic.Note(context) is { } note)
            yield return note;
    }

    private static string? Count(DiagnosisContext context)
    {
        var states = context.Blockers.Where(static b => b.Socket.Protocol == Protocol.Tcp)
            .Select(static b => b.Socket)
            .DistinctBy(static s => s.State)
            .Select(s => (State: Wording.State(s), Count: context.CountOf(s.State)))
            .ToList();
        return states.Sum(static s => (long)s.Count) < 2 ? null
            : $"In the way: {Wording.List([.. states.Select(static s => Wording.Number(s.Count) + " " + s.State)])}"
                + (context.FreeAt is { } at ? $"; the last one expires at {Wording.Time(at)} at the latest." : ".");
    }
}

/// <summary>
/// What a pasted error adds to the question; and one that what is seen now does not bear out: over by now, or of another user.
/// </summary>
internal static class PastedErrors
{
    /// <summary>Says aloud which options the runtime brought into the question; null when the text reveals none.</summary>
    public static string? Defaults(DiagnosisContext context) =>
        context.Target.Pasted is not { } pasted || (pasted.Runtime ?? pasted.Program) is not { } who
            || context.Asked[0].Request.Protocol != Protocol.Tcp ? null
        : pasted.SetsReuseAddress switch
        {
            true => $"The wording is that of {who}, which sets SO_REUSEADDR before bind(), so the verdict is for that.",
            false => $"The wording is that of {who}, whose bare sockets set no option, so the verdict is for a plain bind().",
            null => null,
        };

    /// <summary>It came from a program that is used as it is, such as nginx or the ssh client: nobody changes the code of that.</summary>
    public static bool IsOfProduct(DiagnosisContext context) => context.Target.Pasted is { } pasted
        && (pasted.Program is not null || (context.Main is { Owners: [var owner, ..] } && MasterPrograms.Is(owner.Process)));

    /// <summary>It said that the address is in use, and nothing is in the way any more.</summary>
    public static bool IsOver(DiagnosisContext context) => IsUnfounded(context) && !IsOfDocker(context);

    // Docker refuses a port that it gave to a container, whether or not that one's socket is there: no socket table tells.
    private static bool IsOfDocker(DiagnosisContext context) =>
        context.Target.Pasted?.Program == RuntimeProfiles.DockerDaemon.Program;

    // The filter goes by TCP where it names no protocol.
    private static ShellCommand PublishingContainers(DiagnosisContext context)
    {
        var port = context.Plan.Port ?? 0;
        return context.Target.Protocol == Protocol.Udp ? ShellCommand.Of($"docker ps --filter publish={port}/udp")
            : context.Target.IsProtocolAssumed ? ShellCommand.Of($"docker ps --filter publish={port} --filter publish={port}/udp")
            : ShellCommand.Of($"docker ps --filter publish={port}");
    }

    private static bool IsUnfounded(DiagnosisContext context) =>
        context is { Verdict: Verdict.Free, Target.Pasted.Errno: "EADDRINUSE" }
            && context.Snapshot.Elsewhere is not { Sockets.IsEmpty: false }
        && (!context.Target.IsProtocolAssumed || (context.Target.Protocol == Protocol.Tcp && UdpTopic.TakenBeside(context) is null));

    private static string What(DiagnosisContext context) =>
        context.Target.Path is not { } path ? "port" : path is ['@', ..] ? "name" : "path";

    /// <summary>It said that the address is in use, and no interface has that address: whoever said so had it.</summary>
    public static bool IsFromElsewhere(DiagnosisContext context) =>
        context is { Cause: Cause.AddressNotLocal, Decisive.Errno: "EADDRNOTAVAIL", Target.Pasted.Errno: "EADDRINUSE" };

    /// <summary>It said EACCES for a low port, and who asks may bind that port.</summary>
    public static bool IsOfOtherUser(DiagnosisContext context) => context is { Verdict: Verdict.Free, Target.Pasted.Errno: "EACCES" }
        && context.Plan.Port is > 0 and var port && port < context.Snapshot.Settings.FirstUnprivilegedPort;

    /// <summary>It said EACCES for a port that needs no privilege: no socket refuses so.</summary>
    public static bool IsOfPolicy(DiagnosisContext context) => context is { Verdict: Verdict.Free, Target.Pasted.Errno: "EACCES" }
        && context.Plan.Port is > 0 and var port && port >= context.Snapshot.Settings.FirstUnprivilegedPort;

    /// <summary>It said that no interface has the address, and one has it here.</summary>
    public static bool IsOfMissingAddress(DiagnosisContext context) =>
        context is { Verdict: Verdict.Free, Target: { Pasted.Errno: "EADDRNOTAVAIL", Address: { IsAny: false } } };

    public static IEnumerable<Remedy> Remedies(DiagnosisContext context) =>
        IsOfPolicy(context) ?
        [
            Remedy.Of("run-program", "Start the program with bindwise run -- YOUR COMMAND, which looks for what refuses its bind().",
                null, "nothing", "none"),
        ]
        : IsOfMissingAddress(context) ?
        [
            Remedy.Of("ask-in-container", "If the program runs in a container, ask for that one.",
                $"bindwise why {context.Question} --container NAME", "nothing", "none"),
        ]
        : IsUnfounded(context) ?
        [
            IsOfDocker(context) ? Remedy.Of("find-publishing-container",
                "See which container publishes the port, since Docker gives it to one only; if none does, start yours again.",
                PublishingContainers(context), "nothing", "none")
            : Remedy.Of("start-again",
                $"Start your server again. If it fails again although the {What(context)} is free here, it may bind the {What(context)} "
                    + "twice itself.", null, "nothing", "none"),
        ]
        : !IsOfOtherUser(context) ? []
        :
        [
            .. PolicyRemedies.Privileged(context).Where(static r => r.Id != "other-port"),
            Remedy.Of("ask-as-user", "Ask for the user that runs the server.", $"bindwise why {context.Question} --user NAME",
                "nothing", "none"),
        ];
}
