using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Tests.SockDiag;

public sealed class OpenedHereTests
{
    /// <summary>Counters as they were read from live connections, and some that no connection has.</summary>
    [Theory]
    [InlineData(TcpSocketState.Established, 101, 100, 0, 0, 0, Fact.Yes)]
    [InlineData(TcpSocketState.Established, 50, 50, 0, 0, 0, Fact.No)]
    [InlineData(TcpSocketState.Established, 1, 0, 0, 0, 0, Fact.Yes)]
    [InlineData(TcpSocketState.Established, 0, 0, 0, 0, 0, Fact.No)]
    [InlineData(TcpSocketState.Established, 101, 300, 200, 0, 0, Fact.Yes)]
    [InlineData(TcpSocketState.Established, 11, 30, 0, 20, 0, Fact.Yes)]
    [InlineData(TcpSocketState.Established, 11, 30, 0, 120, 100, Fact.Yes)]
    [InlineData(TcpSocketState.CloseWait, 100, 100, 0, 0, 0, Fact.No)]
    [InlineData(TcpSocketState.FinWait2, 102, 100, 0, 0, 0, Fact.Yes)]
    [InlineData(TcpSocketState.FinWait2, 101, 100, 0, 0, 0, Fact.No)]
    [InlineData(TcpSocketState.FinWait1, 101, 100, 0, 1, 0, Fact.Yes)]
    [InlineData(TcpSocketState.FinWait1, 100, 100, 0, 1, 0, Fact.No)]
    [InlineData(TcpSocketState.FinWait1, 60, 100, 0, 91, 51, Fact.No)]
    [InlineData(TcpSocketState.LastAck, 100, 100, 0, 1, 0, Fact.No)]
    [InlineData(TcpSocketState.Closing, 101, 100, 0, 1, 0, Fact.Yes)]
    [InlineData(TcpSocketState.Established, 102, 100, 0, 0, 0, Fact.Unknown)]
    [InlineData(TcpSocketState.Established, 99, 100, 0, 0, 0, Fact.Unknown)]
    [InlineData(TcpSocketState.Established, 101, 100, 0, 0, 7, Fact.Unknown)]
    [InlineData(TcpSocketState.TimeWait, 0, 0, 0, 0, 0, Fact.Unknown)]
    [InlineData(TcpSocketState.Listen, 1, 0, 0, 0, 0, Fact.Unknown)]
    [InlineData(TcpSocketState.SynSent, 0, 0, 0, 1, 0, Fact.Yes)]
    [InlineData(TcpSocketState.NewSynReceived, 0, 0, 0, 0, 0, Fact.No)]
    public void Counters_OfAState_TellWhoSentTheSyn(
        TcpSocketState state, ulong acked, ulong sent, ulong sentAgain, uint queue, uint notSent, Fact expected)
    {
        var info = new TcpInfoReply { BytesAcked = acked, BytesSent = sent, BytesRetransmitted = sentAgain, NotSentBytes = notSent };

        Assert.Equal(expected, OpenedHere.FactOf(state, info, queue));
    }

    [Fact]
    public void Counters_OfFastOpen_TellNothing() =>
        Assert.Equal(Fact.Unknown, OpenedHere.FactOf(TcpSocketState.Established, new TcpInfoReply { BytesAcked = 1, Options = TcpInfoReply.OptionSynData }, 0));
}
