namespace Bindwise.Model.Simulation;

/// <summary>Sequence numbers: 32 bits that wrap (RFC 9293 §3.4).</summary>
internal static class SequenceNumber
{
    /// <summary>An initial number grows by one in 64 ns (secure_tcp_seq(), net/core/secure_seq.c).</summary>
    private const long PerMillisecond = 15_625;

    /// <summary>
    /// So much less than the time that the calls of a scenario really take, its own sends can amount to
    /// (<see cref="Scenarios.ScenarioLimits.BytesInAll"/>): on the virtual clock, which stands still meanwhile, a new number is ahead all the same.
    /// </summary>
    private const uint Meanwhile = 40_000;

    /// <summary>What tcp_twsk_unique() and tcp_timewait_state_process() add, so that the new connection's numbers lie behind the old one's.</summary>
    private const uint BehindTheOld = 65_537;

    /// <summary>The initial number of a connection; the secret that belongs to a four-tuple is left out.</summary>
    /// <param name="now">Virtual milliseconds.</param>
    public static uint InitialAt(long now) => unchecked((uint)(now * PerMillisecond));

    /// <summary>The initial number of a connection that takes over the four-tuple of an old one.</summary>
    public static uint InitialAfter(TcpMember old) => unchecked(old.SendNext + BehindTheOld);

    /// <summary>Behind another one.</summary>
    public static bool IsAfter(uint number, uint other) => unchecked((int)(number - other)) > 0;

    /// <summary>Whether the SYN of a new connection lies behind everything of the old one.</summary>
    public static bool IsNewer(in Segment syn, TcpMember old) =>
        IsAfter(syn.IsRepeat ? syn.Sequence : unchecked(syn.Sequence + Meanwhile), old.ReceiveNext);
}
