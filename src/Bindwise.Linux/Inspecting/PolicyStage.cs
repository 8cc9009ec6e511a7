using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Policies;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>Looks for policies where a bind() was refused for a reason that no socket gives; else nothing is read.</summary>
internal static class PolicyStage
{
    /// <summary>
    /// The snapshot with the programs on this run's cgroup that are asked at bind(): they may refuse a port once it is free, or bind another one.
    /// Without the right to ask for them, as it was.
    /// </summary>
    public static Snapshot WithPrograms(RequestPlan plan, Snapshot snapshot)
    {
        var found = plan.Asked.Where(static r => r.Protocol != Protocol.Unix).DistinctBy(static r => r.Address.Family)
            .SelectMany(static r => PolicyReader.ReadPrograms(PolicySubject.Self, r).Found).Distinct().ToList();
        return found.Count == 0 ? snapshot : snapshot with { Policies = new PolicySurvey { Found = [.. found] } };
    }

    /// <summary>The snapshot with the policies.</summary>
    /// <param name="plan">The binds in question.</param>
    /// <param name="snapshot">What is known so far.</param>
    /// <param name="subject">Whose policies.</param>
    /// <param name="everything">--verbose: also where nothing was refused.</param>
    public static Snapshot Complete(RequestPlan plan, Snapshot snapshot, PolicySubject subject, bool everything)
    {
        // Those of another program were read before the table was: no probe tells of them.
        if (snapshot.Policies is { ProcessId: not null })
            return snapshot;
        var asked = plan.Asked.Where(static r => r.Protocol != Protocol.Unix).ToList();
        var refused = asked.Find(r => PolicyQuestion.IsRaised(r, snapshot));
        var request = refused ?? (everything && asked.Count > 0 ? asked[0] : null);
        return request is null ? snapshot
            : snapshot with { Policies = PolicyReader.Read(subject, request, PolicyReader.NeedsPrivilege(request, snapshot.Settings), PolicyQuestion.RefusedCall(request, snapshot)) };
    }

    /// <summary>The snapshot with the policies of the process as which it is answered: a probe stands neither in its cgroup nor behind its filters.</summary>
    public static Snapshot OfProgram(RequestPlan plan, Snapshot snapshot)
    {
        if (snapshot.Caller.As?.Process is not { } process || plan.Asked.FirstOrDefault(static r => r.Protocol != Protocol.Unix) is not { } request)
            return snapshot;
        using var access = ForeignAccess.To(ForeignKind.Process, process.Id);
        return access.IsAllowed
            ? snapshot with { Policies = OfProcess(process.Id, request, PolicyReader.NeedsPrivilege(request, snapshot.Settings)) }
            : snapshot;
    }

    private static PolicySurvey OfProcess(int process, BindRequest request, bool needsPrivilege)
    {
        var survey = PolicyReader.Read(new PolicySubject(process), request, needsPrivilege);
        var own = survey.Found.Any(static r => r.Kind == PolicyKind.CgroupBpf) ? PolicyReader.ReadPrograms(PolicySubject.Self, request).Found : [];
        return survey with { Found = [.. survey.Found.Select(r => r with { GovernsCaller = own.Contains(r) })] };
    }
}
