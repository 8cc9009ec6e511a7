using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>A number was asked about, TCP is free, and the same port of UDP is not: that may be the one that was meant.</summary>
internal static class UdpBeside
{
    /// <summary>The warning; null where nothing is in the way of UDP.</summary>
    public static Remark? Remark(DiagnosisContext context)
    {
        if (context.Verdict != Verdict.Free || context.Snapshot.UdpOnPort.IsEmpty)
            return null;
        foreach (var socket in context.Snapshot.UdpOnPort)
        {
            var moved = context.Snapshot with { Sockets = [socket] };
            if (!context.Asked.Any(
                j => BindRules.Conflicts(j.Request with { Protocol = Protocol.Udp, ReuseAddress = false, ReusePort = false },
                moved).Outcome == Outcome.Blocked))
                continue;
            var nobody = KernelOwners.Of(socket, context.Snapshot) is { } kernel ? kernel.Label
                : context.Snapshot.Coverage is { UnreadableProcesses: > 0 } or { ProcessesHidden: true }
                    && context.Snapshot.Caller.UserId != 0
                    ? "a process of another user (run with sudo to see which)"
                    : "a process that cannot be seen from here";
            return new Remark
            {
                Id = "udp-taken",
                Text = $"UDP port {Wording.Number(context.Plan.Port ?? 0)} is taken by "
                    + $"{ProcessNames.Of(context.Holders.OwnersOf(socket.Inode), nobody)}: bindwise why "
                    + $"{TargetNaming.ArgumentOf(context.Target, context.Plan, Protocol.Udp)}",
            };
        }
        return null;
    }
}
