namespace Bindwise.Diagnostics;

/// <summary>What happened to a port, or to a socket of a program.</summary>
public enum PortEventKind : byte
{
    /// <summary>A socket was bound.</summary>
    Bind,

    /// <summary>A socket listens.</summary>
    Listen,

    /// <summary>bind(), listen() or connect() failed for a reason of addresses and ports.</summary>
    BindFailed,

    /// <summary><c>run</c> set an option of a program's socket.</summary>
    OptionSet,

    /// <summary><c>run</c> moved a bind to another port.</summary>
    Moved,

    /// <summary><c>run</c> holds a bind back until it can succeed.</summary>
    Held,

    /// <summary><c>run --hold</c> started the program.</summary>
    Started,

    /// <summary>The program under <c>run --hold</c> ended.</summary>
    Exited,

    /// <summary><c>run --hold</c> starts the program again.</summary>
    Restarted,

    /// <summary>A bound or listening socket is gone.</summary>
    Closed,

    /// <summary>Another process holds the socket now.</summary>
    OwnerChanged,

    /// <summary>A port has 1,000 connections in TIME_WAIT or more.</summary>
    TimeWaitHigh,

    /// <summary>A listener's accept queue overflowed: the kernel dropped connections.</summary>
    QueueOverflow,

    /// <summary>80 % of the ephemeral ports lead to one destination.</summary>
    RangeHigh,

    /// <summary>A listener loses its clients to a more specific one on the same port.</summary>
    Shadowed,

    /// <summary>Events were lost; their number is the event's count.</summary>
    Lost,

    /// <summary>The system's clock was set: times before it do not compare with those after it.</summary>
    ClockChanged,

    /// <summary><c>record</c> began.</summary>
    RecorderStarted,

    /// <summary><c>record</c> ended in order.</summary>
    RecorderStopped,
}

/// <summary>The call that failed.</summary>
public enum PortEventCall : byte
{
    /// <summary>bind(2).</summary>
    Bind,

    /// <summary>listen(2).</summary>
    Listen,

    /// <summary>connect(2), for want of a local port.</summary>
    Connect,
}

/// <summary>The words of <c>bindwise.event/1</c> for kinds and calls.</summary>
internal static class PortEventWords
{
    /// <summary>The <c>reason</c> of a failed call that was made in another network namespace than that of who looks.</summary>
    public const string Elsewhere = "in another network namespace";

    private static readonly string[] Kinds =
    [
        "bind", "listen", "bind-failed", "option-set", "moved", "held", "started", "exited", "restarted", "closed", "owner-changed",
        "time-wait-high", "queue-overflow", "range-high", "shadowed", "lost", "clock-changed", "recorder-started", "recorder-stopped",
    ];

    private static readonly string[] Calls = ["bind", "listen", "connect"];

    private static readonly Dictionary<string, PortEventKind> KindsByWord =
        Kinds.Select(static (word, index) => (word, index))
            .ToDictionary(static one => one.word, static one => (PortEventKind)one.index);

    public static string Of(PortEventKind kind) => Kinds[(int)kind];

    public static string Of(PortEventCall call) => Calls[(int)call];

    /// <summary>The kind of a word; null for one that this version does not know.</summary>
    public static PortEventKind? KindOf(string word) => KindsByWord.TryGetValue(word, out var kind) ? kind : null;

    /// <summary>The call of a word; null for one that this version does not know.</summary>
    public static PortEventCall? CallOf(string word) => Array.IndexOf(Calls, word) is >= 0 and var index ? (PortEventCall)index : null;
}
