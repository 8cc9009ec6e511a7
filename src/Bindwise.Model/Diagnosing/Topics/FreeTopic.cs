using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>Nothing is in the way, whatever the program sets.</summary>
internal sealed class FreeTopic : Topic
{
    public override string OwnFirstLine(DiagnosisContext context)
    {
        if (context.Decisive.Landed is { } landed)
            return PolicyTopic.BoundElsewhere(context, landed);
        var how = context.Plan.AssumesReuseAddress || context.With(reuseAddress: false, reusePort: false) == Outcome.Allowed ? ""
            : Wording.Setting(context.Asked[0].Request.OptionNames);
        if (context.Plan.Port == 0)
            return Wording.AutomaticPort(how) + (context.Asked.Length == 1 ? $" on {context.Asked[0].Request.Address}." : ".");
        var addresses =
            context.Target.Address is null ? Wording.List([.. context.Asked.Select(static j => Wording.Bracketed(j.Request.Address))])
                : "it";
        var answer = context.Target.Protocol == Protocol.Udp ? $"{addresses} can be bound" : $"a server can listen on {addresses}";
        return PastedErrors.IsOver(context) ? $"{context.Name} is free now{how}: {answer}. The error you pasted no longer applies."
            : PastedErrors.IsOfOtherUser(context)
                ? $"{context.Name} is free, and you may bind it; the error you pasted (EACCES) came from a user who may not bind ports "
                    + $"below {Wording.Number(context.Snapshot.Settings.FirstUnprivilegedPort)}."
            : $"{context.Name} is free{how}: {answer}.";
    }

    public override string? Explanation(DiagnosisContext context) =>
        PolicyTopic.Rewriting(context)
        // The rule speaks of ports, and of listen(), which not every socket has.
        ?? (context.Decisive.Rule != RuleBook.NothingInTheWay ? null : context.Target.Protocol switch
        {
            Protocol.Unix => "An abstract name needs no file; only a socket of the same name and type would be in the way.",
            Protocol.Udp => "No other socket is in the way on this port, so bind() succeeds.",
            _ => "No other socket is in the way on this port, so bind() and listen() succeed.",
        });

    public override IEnumerable<Remedy> Remedies(DiagnosisContext context) =>
    [
        .. ElsewhereFinder.Remedies(context),
        .. PastedErrors.Remedies(context),
        .. EphemeralPortTopic.MayBeGivenOut(context) ? [EphemeralPortTopic.Reserve(context)]
            : EphemeralPortTopic.IsNearlyExhausted(context) ? EphemeralPorts.Remedies(context) : Enumerable.Empty<Remedy>(),
    ];
}
