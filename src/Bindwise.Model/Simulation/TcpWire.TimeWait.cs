using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <content>What an entry in TIME_WAIT or FIN_WAIT2 receives (tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c).</content>
internal sealed partial class TcpWire
{
    /// <summary>
    /// So long a SYN of the same four-tuple lies in the old connection's window: its number grows by one in 64 ns (secure_tcp_seq()).
    /// </summary>
    private const int InWindowMilliseconds = 4;

    /// <summary>An acknowledgement that does not fit is answered no more often (tcp_invalid_ratelimit).</summary>
    private const int OddAnswerMilliseconds = 500;

    private void ReceiveInTimeWait(TimeWaitEntry entry, in Segment segment)
    {
        var isStale = entry.HasTimestamps && segment.HasTimestamps && segment.SentAt < entry.TimestampSeen;
        if (entry.State == TcpSocketState.FinWait2)
        {
            ReceiveInAbandonedFinWait2(entry, segment, isStale);
        }
        else if (!isStale && segment.Sequence == entry.ReceiveNext && (segment.IsEmpty || segment.IsReset))
        {
            // TIME_WAIT assassination (RFC 1337).
            if (!segment.IsReset)
                Restart(entry);
            else if (!system.Settings.KeepsTimeWaitOnReset)
                endings.Kill(entry);
        }
        else if (segment.IsReset)
        {
            return;
        }
        else if (!isStale && segment.IsSyn && !segment.IsAck && IsNewConnection(entry, segment)
            && _listeners.For(segment.Way.Remote, InterfaceOf(segment)) is { } listener)
        {
            endings.Kill(entry);
            system.Note = ConnectionRuleBook.SynOverTimeWait;
            Answer(listener, segment, SequenceNumber.InitialAfter(entry));
        }
        else
        {
            if (isStale || segment.IsAck)
                Restart(entry);
            AnswerOdd(entry, segment);
        }
    }

    /// <summary>
    /// The SYN of a connection that cannot be confused with the old one: a newer timestamp, or else a number after all of the old ones.
    /// </summary>
    private static bool IsNewConnection(TimeWaitEntry entry, in Segment syn) =>
        SequenceNumber.IsNewer(syn, entry) || (entry.HasTimestamps && syn.HasTimestamps && syn.SentAt > entry.TimestampSeen);

    private void ReceiveInAbandonedFinWait2(TimeWaitEntry entry, in Segment segment, bool isStale)
    {
        if (isStale || IsOutside(entry, segment))
        {
            AnswerOdd(entry, segment);
        }
        else if (segment.IsReset)
        {
            endings.Kill(entry);
        }
        else if (segment.Bytes > 0 || segment.IsSyn)
        {
            if (segment.Bytes > 0)
                system.Note = ConnectionRuleBook.DataAfterClose;
            endings.Kill(entry);
            Refuse(segment);
        }
        else if (segment.IsFin)
        {
            entry.State = TcpSocketState.TimeWait;
            entry.ReceiveNext = segment.End;
            entry.TimestampSeen = segment.SentAt;
            entry.MadeAt = system.Time.Now;
            Restart(entry);
            system.Reach(TcpSocketState.TimeWait);
            system.Note = ConnectionRuleBook.FirstCloserWaits;
            Acknowledge(entry, segment);
        }
    }

    /// <summary>
    /// Not in the window. Of the SYN of a new connection the clock tells, which moves on the kernel while it stands still here.
    /// </summary>
    private bool IsOutside(TimeWaitEntry entry, in Segment segment) => segment.IsSyn && !segment.IsRepeat
        ? system.Time.Now - entry.StartedAt > InWindowMilliseconds || !SequenceNumber.IsNewer(segment, entry)
        : segment.Sequence != entry.ReceiveNext && !SequenceNumber.IsAfter(segment.End, entry.ReceiveNext);

    private void Restart(TimeWaitEntry entry) => system.Time.Start(entry, TimerWheel.TimeWaitMilliseconds);

    /// <summary>
    /// An acknowledgement in answer to what does not fit (tcp_timewait_check_oow_rate_limit()); what carries data or a FIN is always
    /// answered.
    /// </summary>
    private void AnswerOdd(TimeWaitEntry entry, in Segment segment)
    {
        if (!segment.IsReset && MayAnswerOdd(entry, segment))
            Acknowledge(entry, segment);
    }

    private bool MayAnswerOdd(TcpMember member, in Segment segment)
    {
        if (!segment.IsEmpty && !segment.IsSyn)
            return true;
        if (member.AnsweredOddAt is { } last && system.Time.Now - last < OddAnswerMilliseconds)
            return false;
        member.AnsweredOddAt = system.Time.Now;
        return true;
    }

    private void Acknowledge(TimeWaitEntry entry, in Segment segment) =>
        _underWay.Enqueue(new Segment(segment.Way.Mirrored, SegmentFlags.Ack, entry.SendNext, entry.ReceiveNext)
        {
            HasTimestamps = segment.HasTimestamps,
            SentAt = system.Time.Now,
            DeviceIndex = entry.DeviceIndex,
        });
}
