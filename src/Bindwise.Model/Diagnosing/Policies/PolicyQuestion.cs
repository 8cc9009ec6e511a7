using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Policies;

/// <summary>Whether policies have to be looked for: a bind() was refused, and neither a socket nor an address explains it.</summary>
public static class PolicyQuestion
{
    /// <summary>Whether the answer to this bind() asks for it.</summary>
    public static bool IsRaised(BindRequest request, Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(snapshot);
        return IsRaised(BindAssessment.Of(request, snapshot));
    }

    /// <summary>The call that fails.</summary>
    public static ProbedCall RefusedCall(BindRequest request, Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(snapshot);
        return BindAssessment.Of(request, snapshot).RefusedCall;
    }

    private static bool IsRaised(BindAssessment judgement) =>
        judgement.Outcome == Outcome.Blocked && (judgement.Rule == RuleBook.PrivilegedPort || PolicyFinder.IsUnexplained(judgement));
}
