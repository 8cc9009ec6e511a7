using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Diagnosing.Topics.Holders;
using Bindwise.Model.Diagnosing.Topics.KernelSockets;
using Bindwise.Model.Diagnosing.Topics.Policies;

namespace Bindwise.Model.Diagnosing;

/// <summary>What could not be seen, and what would show it: said only where it may change the answer.</summary>
internal static class LimitFinder
{
    public static IEnumerable<Remark> Of(DiagnosisContext context)
    {
        IEnumerable<Remark?> found =
        [
            .. context.Plan.Limits,
            .. SubjectAnswer.Limits(context),
            ElsewhereFinder.Limit(context),
            .. HolderRemarks.Unseen(context),
            .. OfTable(context),
            context.Decisive.IsOpenByPolicy ? PolicyTopic.Unknown(context)
                : context.Verdict != Verdict.Undetermined ? null
                : context.Target.Protocol == Protocol.Udp ? UdpTopic.Undetermined : Undetermined,
            .. HolderRemarks.NotFound(context),
            .. KernelLimits.Of(context),
            .. PolicyTopic.Limits(context),
            .. HolderRemarks.Incomplete(context),
            .. context.Snapshot.Coverage.Notes.Select(static note => new Remark { Id = "note", Text = note }),
        ];
        return found.OfType<Remark>();
    }

    /// <summary>What root may read and this user may not.</summary>
    public static string MayNotRead(DiagnosisContext context, IReadOnlyList<string> unread) =>
        $"This user may not read: {Wording.List(unread)}." + (context.Snapshot.Caller.UserId == 0 ? "" : " Run with sudo to see it.");

    private static readonly Remark Undetermined = new()
    {
        Id = "undetermined",
        Text = "The socket table does not show the options of the old socket; a probe (without --no-probe) can tell.",
    };

    private static IEnumerable<Remark> OfTable(DiagnosisContext context)
    {
        var coverage = context.Snapshot.Coverage;
        if (coverage.SocketsPartial)
            yield return new Remark
            {
                Id = "table-partial",
                Text = "The socket table kept changing while it was read, so sockets may be missing.",
            };
        var onPort = context.Snapshot.Tallies.Sum(static t => (long)t.Count);
        var listed = context.Snapshot.Sockets.Count(s => s.Local.Port == context.Plan.Port);
        if (context.Main is not null && onPort > listed)
            yield return new Remark
            {
                Id = "list-cut",
                Text = $"{Wording.Number(listed)} of {Wording.Number(onPort)} sockets on the port are listed one by one; the counts cover "
                    + "all of them.",
            };
        if (coverage.AllStatesRead && !coverage.BoundOnlySeen && context.Target.Protocol == Protocol.Tcp)
            yield return new Remark
            {
                Id = "bound-only-unseen",
                Text = "This kernel (before 6.8) does not show sockets that are bound without listening.",
            };
        if (context.Verdict == Verdict.Free && !context.Asked.Any(static j => j.ProbedErrno is not null || j.IsPermitted)
            && context.Target.Protocol != Protocol.Unix && context.Snapshot.Caller.As?.ProbeObstacle is null)
            yield return new Remark
            {
                Id = "not-probed",
                Text = "No probe confirmed this; it is what the rules say about the socket table.",
            };
    }
}
