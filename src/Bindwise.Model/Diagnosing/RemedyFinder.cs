using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;

namespace Bindwise.Model.Diagnosing;

/// <summary>
/// What to do, the best first: never kill -9 first, no pid when nobody owns the socket, no option where it would not help.
/// </summary>
internal static class RemedyFinder
{
    public static IEnumerable<Remedy> Of(DiagnosisContext context)
    {
        // It may be had, and is somebody's.
        if ((context.DependsOnReuseAddress || context.Verdict == Verdict.Blocked)
            && Keepers.PickedFor(context.Main?.Owners ?? []) is not null)
            return [OtherPort(context), .. Release(context)];
        if (context.DependsOnReuseAddress)
        {
            return
            [
                SharingOptions.Start(context), .. Wait(context), .. Release(context),
                .. context is { FreeAt: null, Snapshot.FreeNearby: not null } ? [OtherPort(context)] : Enumerable.Empty<Remedy>(),
            ];
        }
        if (context.Verdict == Verdict.Free || context.Cause == Cause.PortsExhausted)
            return context.Topic.Remedies(context);
        var isInUse = context.Decisive.Errno is null or "EADDRINUSE" && context.Cause != Cause.DeniedByPolicy;
        if (!isInUse)
        {
            return
            [
                .. context.Cause.Kind() == CauseKind.Refusal ? context.Topic.Remedies(context) : [],
                // With the policy out of the way the holder still is.
                .. context.Cause == Cause.DeniedByPolicy && context.Main is not null ? Release(context) : [],
            ];
        }
        if (context.Target.Protocol == Protocol.Unix)
            return Release(context).Concat(context.Topic.Preventions(context));
        // A datagram of one client reaches one program only: to share the port is the way out where it is meant for all of them.
        var isFirst = context.Target.Protocol == Protocol.Tcp || SharingOptions.IsMulticast(context);
        var remedies = new List<Remedy>();
        if (context.Main is not null)
        {
            if (context.Verdict == Verdict.Undetermined && context.Target.Protocol == Protocol.Tcp)
                remedies.AddRange(AskWithProbe(context));
            if (isFirst)
                remedies.AddRange(SharingOptions.ReuseAddress(context));
            remedies.AddRange(Wait(context));
        }
        remedies.AddRange(Release(context));
        if (context.Main is not null)
            remedies.AddRange((isFirst ? [] : SharingOptions.ReuseAddress(context)).Concat(SharingOptions.ReusePort(context))
                .Concat(AddressFamilies.Remedies(context)));
        if (!SharingOptions.IsMulticast(context))
            remedies.Add(OtherPort(context));
        else if (remedies.TrueForAll(static r => r.Id != SharingOptions.SetReuseAddress))
            remedies.Add(SharingOptions.ShareMulticast(context));
        // What keeps it from happening again comes after what helps now.
        remedies.AddRange(context.Topic.Preventions(context));
        return remedies;
    }

    /// <summary>As root, who may probe in any program's place, where the caller may not; none where root could not either.</summary>
    private static IEnumerable<Remedy> AskWithProbe(DiagnosisContext context)
    {
        var isBarred = context.Snapshot.Caller.As?.ProbeObstacle is not null;
        if (!isBarred || context.Snapshot.Caller.UserId != 0)
            yield return Remedy.Of("ask-with-probe", "Ask with a probe, one bind() that is closed at once.",
                $"{(isBarred ? RunAs.Root(context) : ShellCommand.Empty)}bindwise why {context.Question}", "nothing",
                "a server that starts in that instant may fail");
    }

    /// <summary>What makes the socket in the way go, by who has it; what shows who has it, where that is not known.</summary>
    public static IEnumerable<Remedy> Release(DiagnosisContext context) => context switch
    {
        { Main: null, Target.Protocol: Protocol.Unix } => Topic.UnixPaths.Remedies(context),
        { Snapshot.Coverage.SocketsUnread: true } =>
            [Remedy.Of("leave-sandbox", "Ask outside the sandbox that blocks the socket table (sock_diag(7)).",
                $"bindwise why {context.Question}", "nothing", "none")],
        { Main.Kernel: not null } => Topic.KernelSockets.Remedies(context),
        { Main.Socket.IsWithoutProcess: true } => Topic.Connections.Remedies(context),
        _ => Topic.Holders.Remedies(context),
    };

    private static IEnumerable<Remedy> Wait(DiagnosisContext context)
    {
        if (context.FreeAt is null)
            yield break;
        var slack = context.SlackSeconds == 0 ? "" : $" (at most {Wording.Number(context.SlackSeconds)} s longer)";
        // Asked for a server that sets SO_REUSEADDR, it would not wait where that one can start already.
        var isForSuchAServer = context.Plan.AssumesReuseAddress && context.Verdict != Verdict.Blocked;
        var plain = isForSuchAServer ? ShellCommand.Of($" --plain") : ShellCommand.Empty;
        yield return Remedy.Of("wait",
            $"Wait {(context.MayOutlastCountdown ? "at least " : "")}{Wording.Number(context.SecondsLeft)} s, until "
                + $"{context.Moments.Until(context.Moments.After(context.MillisecondsLeft))}{slack}"
                + (context.MayOutlastCountdown ? $"; if the peer closes before that, {ConnectionTopic.TimeWaitFromThen}." : "."),
            $"bindwise why {context.Question}{plain} --follow", "nothing", "none");
    }

    private static Remedy OtherPort(DiagnosisContext context) => BindElsewhere.OtherPort(
        context.Plan.Port ?? 0, context.Target.Protocol, context.Snapshot.FreeNearby,
        context.Blockers.All(static blocker => !blocker.Socket.Local.Address.IsAny && blocker.Socket.DeviceIndex == 0));
}
