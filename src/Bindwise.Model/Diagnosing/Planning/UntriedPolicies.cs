using System.Collections.Immutable;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>
/// Policies of the process for which it is answered that are seen to be in force, and whose answer nothing shows: no bind() can be tried in its
/// cgroup or under its filters.
/// </summary>
internal static class UntriedPolicies
{
    /// <summary>All of them, those of security modules included, which rule by labels and seldom by ports.</summary>
    public static ImmutableArray<PolicyRecord> Of(Snapshot snapshot) => snapshot.Policies is not { ProcessId: not null } survey ? []
        : [.. survey.Found.Where(static r => r.Denies == Fact.Unknown && r.Kind is not (PolicyKind.Capability or PolicyKind.UserNamespace))];

    /// <summary>Those that keep the answer open.</summary>
    /// <param name="snapshot">The host.</param>
    /// <param name="isProbed">A probe of this bind succeeded.</param>
    public static IEnumerable<PolicyRecord> Deciding(Snapshot snapshot, bool isProbed) => Of(snapshot).Where(r => r.Kind switch
    {
        // A filter sees the call and not the port: one that let the process listen lets it listen again.
        PolicyKind.Seccomp => snapshot.Caller.As is not { Listeners.IsEmpty: false },
        PolicyKind.CgroupBpf => !(isProbed && r.GovernsCaller),
        _ => false,
    });
}
