using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>The causes that hold, the one that explains the verdict best first: each topic recognises its own.</summary>
internal static class CauseFinder
{
    /// <param name="blockers">The sockets in the way, those that decide first.</param>
    public static ImmutableArray<Cause> Of(Target target, BindAssessment decisive, ImmutableArray<Blocker> blockers,
        ImmutableArray<Policy> policies, Snapshot snapshot, OwnerIndex owners)
    {
        if (decisive.Outcome == Outcome.Allowed && blockers.IsEmpty)
            return [Cause.Free];
        var causes = new List<Cause>();
        if (Topic.All.Select(topic => topic.CauseOf(decisive, snapshot)).FirstOrDefault(static cause => cause is not null) is { } refusal)
            causes.Add(refusal);
        foreach (var blocker in blockers)
        {
            // While a listener lives its accepted connections are its own business.
            causes.AddRange(OfSocket(blocker, decisive.Request, target, snapshot, owners)
                .Where(cause => cause != Cause.SurvivingConnection || blockers[0].Socket.State != TcpSocketState.Listen));
        }
        // Taken by what no table shows; any other errno that the rules do not know comes from a filter of system calls or a hook.
        if (causes.Count == 0)
            causes.Add(decisive.Errno is null or "EADDRINUSE" && !policies.Any(static p => p.IsCertain) ? Cause.OwnerHidden
                : Cause.DeniedByPolicy);
        return [.. causes.Distinct()];
    }

    /// <summary>What the socket is, by its protocol and state.</summary>
    public static Cause KindOf(HeldSocket socket, Snapshot snapshot)
    {
        foreach (var topic in Topic.All)
        {
            if (topic.CauseOf(socket, snapshot) is { } kind)
                return kind;
        }
        throw new ArgumentOutOfRangeException(nameof(socket), socket, "No topic recognises the socket.");
    }

    private static IEnumerable<Cause> OfSocket(Blocker blocker, BindRequest asked, Target target, Snapshot snapshot, OwnerIndex owners)
    {
        var kind = KindOf(blocker.Socket, snapshot);
        // Of a listener it matters most who holds it; of a connection, what became of it.
        var isConnection = kind.Kind() == CauseKind.Connection;
        if (blocker.Kernel is not null)
            yield return Cause.KernelSocket;
        if (isConnection)
            yield return kind;
        foreach (var cause in HolderTopic.CausesOf(blocker, target, owners).Concat(ListenerTopic.SharingCauses(blocker, asked, snapshot)))
            yield return cause;
        if (HolderTopic.IsOwnerHidden(blocker, snapshot))
            yield return Cause.OwnerHidden;
        if (!isConnection && ListenerTopic.IsDualStackOver(blocker.Socket, asked))
            yield return Cause.DualStackListener;
        if (!isConnection)
            yield return kind;
    }
}
