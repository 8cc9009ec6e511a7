using Bindwise.Model.Diagnosing.Topics;

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
                + (context.FreeAt is { } at ? $"; the last one expires at {context.Moments.Until(at)} at the latest." : ".");
    }
}
