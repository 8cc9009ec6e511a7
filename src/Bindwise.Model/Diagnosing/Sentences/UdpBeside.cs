using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>A number was asked about, TCP is free, and the same port of UDP is not: that may be the one that was meant.</summary>
internal static class UdpBeside
{
    /// <summary>The warning; null where nothing is in the way of UDP.</summary>
    public static Remark? Remark(DiagnosisContext f)
    {
        if (f.Verdict != Verdict.Free || f.Snapshot.UdpOnPort.IsEmpty)
            return null;
        foreach (var socket in f.Snapshot.UdpOnPort)
        {
            var moved = f.Snapshot with { Sockets = [socket] };
            if (!f.Asked.Any(j => BindRules.Conflicts(j.Request with { Protocol = Protocol.Udp, ReuseAddress = false, ReusePort = false },
                moved).Outcome == Outcome.Blocked))
                continue;
            var nobody = KernelOwners.Of(socket, f.Snapshot) is { } kernel ? kernel.Label
                : f.Snapshot.Coverage is { UnreadableProcesses: > 0 } or { ProcessesHidden: true } && f.Snapshot.Caller.UserId != 0
                    ? "a process of another user (run with sudo to see which)"
                    : "a process that cannot be seen from here";
            return new Remark
            {
                Id = "udp-taken",
                Text = $"UDP port {Wording.Number(f.Plan.Port ?? 0)} is taken by "
                    + $"{ProcessNames.Of(f.Holders.OwnersOf(socket.Inode), nobody)}: bindwise why "
                    + $"{TargetNaming.ArgumentOf(f.Target, f.Plan, Protocol.Udp)}",
            };
        }
        return null;
    }
}
