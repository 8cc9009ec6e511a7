namespace Bindwise;

/// <summary>How a connection is closed: who sends the first FIN, and so who keeps TIME_WAIT (RFC 9293 §3.6).</summary>
public abstract record CloseStrategy
{
    private protected CloseStrategy(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        Limit = limit;
    }

    /// <summary>The longest time it may take; behind it the connection is closed as it stands.</summary>
    public TimeSpan Limit { get; }

    /// <summary>
    /// Waits for the peer's FIN, reading and dropping what still comes, and closes behind it: the peer keeps TIME_WAIT. For a server whose
    /// protocol lets the client end. Behind the limit this side closes first after all.
    /// </summary>
    /// <param name="limit">More than zero; null: 5 s.</param>
    public static CloseStrategy PeerFirst(TimeSpan? limit = null) => new PeerFirstStrategy(limit ?? TimeSpan.FromSeconds(5));

    /// <summary>
    /// Sends FIN (shutdown(SHUT_WR)), reads until the peer's FIN, and closes: nothing that was sent is lost to a reset; this side keeps TIME_WAIT
    /// unless the peer's FIN came first.
    /// </summary>
    /// <param name="limit">More than zero; null: 5 s.</param>
    public static CloseStrategy HalfClose(TimeSpan? limit = null) => new HalfCloseStrategy(limit ?? TimeSpan.FromSeconds(5));

    /// <summary>close(): returns at once; unread data makes it a reset (RFC 2525 §2.17). This side keeps TIME_WAIT when it closed first.</summary>
    public static CloseStrategy Graceful { get; } = new GracefulStrategy();

    /// <summary>A reset (SO_LINGER with zero): neither side keeps TIME_WAIT; what was not yet delivered is lost, and the peer reads an error.</summary>
    public static CloseStrategy Abort { get; } = new AbortStrategy();

    internal sealed record PeerFirstStrategy(TimeSpan Longest) : CloseStrategy(Longest);

    internal sealed record HalfCloseStrategy(TimeSpan Longest) : CloseStrategy(Longest);

    internal sealed record GracefulStrategy() : CloseStrategy(TimeSpan.MaxValue);

    internal sealed record AbortStrategy() : CloseStrategy(TimeSpan.MaxValue);
}
