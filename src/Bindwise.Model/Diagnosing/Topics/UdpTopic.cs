using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A UDP socket, in the way of another or beside a free port of TCP.</summary>
internal sealed class UdpTopic : Topic
{
    public override Cause? CauseOf(HeldSocket socket, Snapshot snapshot) => socket.Protocol == Protocol.Udp ? Cause.UdpSocket : null;

    public override string? OwnFirstLine(DiagnosisContext context) =>
        context is { Verdict: Verdict.Undetermined, Main: not null, Decisive.IsOpenByPolicy: false }
            ? $"{context.Name} may be taken: {FirstLine.Holding(context)}, and what options it set cannot be read." : null;

    public override string Holding(DiagnosisContext context, Blocker main, string owner) =>
        $"{owner} {FirstLine.Verb(main, "has", "share")} a UDP socket on {main.Socket.Local}{HoldingReport.Behalf(context, main)}";

    public override string? Reason(DiagnosisContext context, Blocker main) => AddressFamilies.Reason(context, main.Socket);

    /// <summary>Why no probe settled it.</summary>
    public static Remark Undetermined { get; } = new()
    {
        Id = "undetermined",
        Text = "The options of the socket there cannot be read, and a UDP port is never probed with a sharing option, because the probe "
            + "would take its datagrams.",
    };

    /// <summary>A number was asked about, TCP is free, and the same port of UDP is not: that may be the one that was meant. Null where
    /// nothing is in the way of UDP.</summary>
    public static Remark? TakenBeside(DiagnosisContext context)
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
