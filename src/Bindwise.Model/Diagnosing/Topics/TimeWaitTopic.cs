namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A connection of which this side sent the first FIN: the kernel keeps it for 60 s (RFC 9293 §3.6.1, TCP_TIMEWAIT_LEN). No
/// process holds it, so only time helps, or SO_REUSEADDR where the old socket had set it too (<see cref="SharingOptions"/>).</summary>
internal sealed class TimeWaitTopic : Topic
{
    public override Cause? CauseOf(HeldSocket socket, Snapshot snapshot) =>
        socket is { Protocol: Protocol.Tcp, State: TcpSocketState.TimeWait } ? Cause.TimeWait : null;

    public override string Holding(DiagnosisContext context, Blocker main, string owner) =>
        ConnectionTopic.WithItself(main.Socket) ?? ConnectionTopic.Counted(context, main.Socket);

    public override string? Reason(DiagnosisContext context, Blocker main) => context.ClosedFirst == ClosedFirst.Both
        ? "Both sides closed at once, so each keeps the connection in TIME_WAIT for 60 s."
        : "This side closed its connections first, so the kernel keeps them in TIME_WAIT for 60 s.";

    public override IEnumerable<Remedy> Preventions(DiagnosisContext context) => ConnectionTopic.CloseLast(context);
}
