using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Freeing;

/// <summary>
/// From what stands in the way to what is done about it: the same facts from which the remedies of <c>why</c> are made, as steps instead of
/// words. Pure: it is asked again after the consent, and only what both answers have in common is done.
/// </summary>
internal static class FreePlanner
{
    private const int MostNamed = 4;

    /// <param name="options">How the program that wants it binds.</param>
    public static FreePlan Of(Target target, ProgramOptions options, Snapshot snapshot, FreeRights rights)
    {
        var context = Diagnoser.Find(target, options, snapshot);
        var plan = new FreePlan { Name = context.Name, Diagnosis = Diagnoser.Diagnose(target, options, snapshot) };
        if (context.Verdict == Verdict.Free)
            return plan with { Notes = [.. plan.Diagnosis.Elsewhere.Select(Elsewhere).Distinct()] };
        if (context.Verdict == Verdict.Undetermined && context.Blockers.IsEmpty)
            return Refused(plan, "undetermined", "It is not known whether anything is in the way; bindwise why says what is missing.");
        if (context.Snapshot.UnixPath is { IsHidden: true })
            return Refused(plan, Cause.OwnerHidden.Id(), $"Whether a server uses it could not be seen{AsRoot(context)}.");
        if (context.Decisive.Errno is not (null or "EADDRINUSE") || context.Cause is Cause.DeniedByPolicy or Cause.PortsExhausted)
            return plan with { Refusal = NotInUse(context) };
        if (context.Main is null)
            return WithoutSocket(context, plan);
        var steps = new HolderSteps(context, rights);
        var others = rights.Shown.IsEmpty ? [] : context.Blockers.Where(blocker => !rights.Shown.Contains(blocker.Socket.Cookie)
            && blocker.Socket is { IsConnection: false, IsWithoutProcess: false }).ToList();
        var theirs = others.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id).ToHashSet();
        foreach (var blocker in context.Blockers.Except(others))
        {
            if (!blocker.Socket.IsConnection || !blocker.Owners.Any(owner => theirs.Contains(owner.Process.Id)))
                steps.Add(blocker);
        }
        steps.Complete();
        if (steps.Refusal() is { } refusal)
            return plan with { Refusal = refusal };
        plan = plan with { Actions = steps.Ordered(), Notes = steps.Notes, Leftover = steps.Leftover };
        if (others.Count == 0)
            return plan;
        var left = LeftRunning(others);
        return plan.Actions.IsEmpty ? Refused(plan, "still-held", left) : plan with { Notes = [.. plan.Notes, left], Leftover = left };
    }

    private static string LeftRunning(List<Blocker> others)
    {
        var named = others.Select(static blocker => $"{ProcessNames.Of(blocker.Owners, "another server")} on {blocker.Socket.Local}")
            .Distinct().ToList();
        return "Left running: " + Wording.List(named.Count <= MostNamed ? named
            : [.. named.Take(MostNamed), Wording.Number(named.Count - MostNamed) + " more"]) + ".";
    }

    /// <summary>The bind() is refused whoever holds the port: to end that one would not be enough.</summary>
    private static FreeRefusal NotInUse(DiagnosisContext context)
    {
        if (context.Main is not { } main || context.Cause == Cause.PortsExhausted)
            return new()
            {
                Reason = "not-in-use",
                Text = RemedyCommand.Of(context, "end-port-holder") is { } command
                    ? "Many sockets are in the way, not one; stop who holds the most of them, if you do not need it: " + command
                    : "No single socket is in the way, so there is nothing to free; " + WhatHelps(context),
            };
        var refused = $"The bind() would be refused ({context.Decisive.Errno}) whoever holds the port";
        return HolderRemarks.IsUnfound(main)
            ? new()
            {
                Reason = Cause.OwnerHidden.Id(),
                Text = $"{refused}, and the process that holds it is not visible here{AsRoot(context)}.",
            }
            : new() { Reason = "not-in-use", Text = $"{refused}, so ending that would not free it; " + WhatHelps(context) };
    }

    private static string WhatHelps(DiagnosisContext context) => $"bindwise why {context.Question} says what helps.";

    /// <summary>No socket of this namespace is in the way: a file at the path, or what no table shows.</summary>
    private static FreePlan WithoutSocket(DiagnosisContext context, FreePlan plan)
    {
        if (context.Target.Protocol != Protocol.Unix || context.Snapshot.UnixPath is not { } file)
            return Refused(plan, Cause.OwnerHidden.Id(), $"What holds it is not visible here{AsRoot(context)}.");
        FreeRefusal? refusal = file switch
        {
            { IsSocket: false } => new()
            {
                Reason = "not-a-socket",
                Text = $"The path is a {(file.Kind.Length == 0 ? "file" : file.Kind)}, not a socket: it is left alone.",
            },
            { IsServed: Fact.Yes } => new()
            {
                Reason = "other-namespace",
                Text = "A server in another network namespace uses it: it is left alone.",
            },
            { IsServed: Fact.Unknown } => new()
            {
                Reason = Cause.OwnerHidden.Id(),
                Text = $"It is not known whether a server uses it{AsRoot(context)}.",
            },
            _ when !UnixPathTopic.MayRemove(context, file) => new()
            {
                Reason = "other-user",
                Text = (context.Snapshot.Caller.UserId == file.UserId ? "This user may not change the folder of the left-over file"
                    : $"The left-over file belongs to another user (uid {Wording.Number(file.UserId)})")
                    + $"; root may remove it (sudo bindwise free {context.Question}).",
            },
            _ => null,
        };
        return refusal is null ? plan with { Actions = [Unlink(context, isFollowUp: false)] } : plan with { Refusal = refusal };
    }

    private static FreePlan Refused(FreePlan plan, string reason, string text) =>
        plan with { Refusal = new FreeRefusal { Reason = reason, Text = text } };

    internal static FreeAction Unlink(DiagnosisContext context, bool isFollowUp) =>
        new()
        {
            Kind = FreeActionKind.UnlinkFile,
            Text = isFollowUp ? $"remove the file {context.Target.Path}"
                : $"remove the left-over file {context.Target.Path}, which no server uses",
            Path = context.Target.Path,
            IsFollowUp = isFollowUp,
        };

    /// <summary>The end of a sentence for who is not root.</summary>
    internal static string AsRoot(DiagnosisContext context) =>
        context.Snapshot.Caller.UserId == 0 ? "" : $"; root sees it (sudo bindwise free {context.Question})";

    /// <summary>Why a process is not seen, or who sees it: the end of a sentence.</summary>
    internal static string NotSeen(DiagnosisContext context) =>
        ProcMountText.Of(context.Snapshot.Coverage.Proc) is { } fault ? ": " + fault : AsRoot(context);

    /// <summary>What is said of a socket in another network namespace.</summary>
    internal static string Elsewhere(ElsewhereRecord other)
    {
        var whose = other.Process is { } process ? "of pid " + Wording.Number(process.Id) : Wording.Number((long)other.NetworkNamespace);
        return $"It is held in another network namespace ({other.NetworkName ?? whose}), which is left alone.";
    }
}
