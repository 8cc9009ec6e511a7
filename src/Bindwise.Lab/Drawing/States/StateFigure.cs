using static Bindwise.Lab.Drawing.States.StateNode;

namespace Bindwise.Lab.Drawing.States;

/// <param name="Text">What makes it happen, then what is sent.</param>
/// <param name="Place">Where the text stands, without the number before it.</param>
/// <param name="IsBefore">The text ends at its place instead of beginning there.</param>
internal sealed record StateEdge(StateNode From, StateNode To, ImmutableArray<Cell> Points, string Text, Cell Place, bool IsBefore = false);

internal sealed record StateBox(StateNode Node, int Column, int Row, int Height = 3);

/// <summary>The connection state diagram of RFC 9293 (figure 5), with the kernel's names, laid out on cells.</summary>
internal static class StateFigure
{
    public const int Columns = 79;
    public const int Rows = 37;
    public const int BoxColumns = 15;

    public static ImmutableArray<StateBox> Boxes { get; } =
    [
        new(Closed, 32, 0, 4), new(Listen, 0, 6), new(SynSent, 64, 6), new(SynReceived, 0, 12), new(Established, 32, 17),
        new(FinWait1, 0, 22), new(CloseWait, 64, 22), new(FinWait2, 0, 28), new(Closing, 32, 28), new(LastAck, 64, 28),
        new(TimeWait, 32, 34), new(ClosedAgain, 64, 34),
    ];

    public static ImmutableArray<StateEdge> Edges { get; } =
    [
        new(Closed, Listen, [new(32, 1), new(6, 1), new(6, 6)], "listen()", new(10, 0)),
        new(Listen, Closed, [new(11, 6), new(11, 2), new(32, 2)], "close()", new(13, 3)),
        new(Closed, SynSent, [new(46, 1), new(73, 1), new(73, 6)], "connect(): SYN", new(49, 0)),
        new(SynSent, Closed, [new(68, 6), new(68, 2), new(46, 2)], "close()", new(49, 3)),
        new(Listen, SynReceived, [new(8, 8), new(8, 12)], "SYN: SYN ACK", new(10, 10)),
        new(Listen, SynSent, [new(14, 7), new(64, 7)], "send(): SYN", new(32, 6)),
        new(SynSent, SynReceived, [new(68, 8), new(68, 13), new(14, 13)], "SYN: SYN ACK", new(32, 12)),
        new(SynSent, Established, [new(73, 8), new(73, 18), new(46, 18)], "SYN ACK: ACK", new(51, 17)),
        new(SynReceived, Established, [new(11, 14), new(11, 18), new(32, 18)], "ACK", new(15, 17)),
        new(SynReceived, FinWait1, [new(5, 14), new(5, 22)], "close(): FIN", new(7, 20)),
        new(Established, FinWait1, [new(36, 19), new(36, 23), new(14, 23)], "close(): FIN", new(19, 22)),
        new(Established, CloseWait, [new(42, 19), new(42, 23), new(64, 23)], "FIN: ACK", new(48, 22)),
        new(FinWait1, FinWait2, [new(5, 24), new(5, 28)], "ACK", new(7, 26)),
        new(FinWait1, Closing, [new(11, 24), new(11, 25), new(39, 25), new(39, 28)], "FIN: ACK", new(20, 26)),
        new(CloseWait, LastAck, [new(70, 24), new(70, 28)], "close(): FIN", new(68, 26)) { IsBefore = true },
        new(FinWait2, TimeWait, [new(8, 30), new(8, 35), new(32, 35)], "FIN: ACK", new(14, 34)),
        new(Closing, TimeWait, [new(39, 30), new(39, 34)], "ACK", new(41, 32)),
        new(LastAck, ClosedAgain, [new(70, 30), new(70, 34)], "ACK", new(68, 32)) { IsBefore = true },
        new(TimeWait, ClosedAgain, [new(46, 35), new(64, 35)], "2 MSL: 60 s", new(49, 34)),
    ];

    public static string Name(StateNode node) => node is Closed or ClosedAgain ? "CLOSED"
        : SocketStateHistory.Name(Enum.GetValues<TcpSocketState>().First(state => Of(state) == node));

    /// <summary>The box of a state; of one that is none of TCP's, CLOSED.</summary>
    public static StateNode Of(TcpSocketState state) => state switch
    {
        TcpSocketState.Listen => Listen,
        TcpSocketState.SynSent => SynSent,
        TcpSocketState.SynReceived or TcpSocketState.NewSynReceived => SynReceived,
        TcpSocketState.Established => Established,
        TcpSocketState.FinWait1 => FinWait1,
        TcpSocketState.FinWait2 => FinWait2,
        TcpSocketState.Closing => Closing,
        TcpSocketState.TimeWait => TimeWait,
        TcpSocketState.CloseWait => CloseWait,
        TcpSocketState.LastAck => LastAck,
        _ => Closed,
    };
}

/// <summary>A box of the figure: a state of RFC 9293 §3.3.2. CLOSED stands at the beginning and at the end.</summary>
internal enum StateNode : byte
{
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    Closing,
    TimeWait,
    CloseWait,
    LastAck,
    ClosedAgain,
}
