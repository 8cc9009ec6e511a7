using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Tests.SockDiag;

public sealed class OpenedHereTests
{
    /// <summary>Counters as they were read from live connections, and some that no connection has.</summary>
    [Theory]
    [InlineData(TcpState.Established, 101, 100, 0, 0, 0, Fact.Yes)]
    [InlineData(TcpState.Established, 50, 50, 0, 0, 0, Fact.No)]
    [InlineData(TcpState.Established, 1, 0, 0, 0, 0, Fact.Yes)]
    [InlineData(TcpState.Established, 0, 0, 0, 0, 0, Fact.No)]
    [InlineData(TcpState.Established, 101, 300, 200, 0, 0, Fact.Yes)]
    [InlineData(TcpState.Established, 11, 30, 0, 20, 0, Fact.Yes)]
    [InlineData(TcpState.Established, 11, 30, 0, 120, 100, Fact.Yes)]
    [InlineData(TcpState.CloseWait, 100, 100, 0, 0, 0, Fact.No)]
    [InlineData(TcpState.FinWait2, 102, 100, 0, 0, 0, Fact.Yes)]
    [InlineData(TcpState.FinWait2, 101, 100, 0, 0, 0, Fact.No)]
    [InlineData(TcpState.FinWait1, 101, 100, 0, 1, 0, Fact.Yes)]
    [InlineData(TcpState.FinWait1, 100, 100, 0, 1, 0, Fact.No)]
    [InlineData(TcpState.FinWait1, 60, 100, 0, 91, 51, Fact.No)]
    [InlineData(TcpState.LastAck, 100, 100, 0, 1, 0, Fact.No)]
    [InlineData(TcpState.Closing, 101, 100, 0, 1, 0, Fact.Yes)]
    [InlineData(TcpState.Established, 102, 100, 0, 0, 0, Fact.Unknown)]
    [InlineData(TcpState.Established, 99, 100, 0, 0, 0, Fact.Unknown)]
    [InlineData(TcpState.Established, 101, 100, 0, 0, 7, Fact.Unknown)]
    [InlineData(TcpState.TimeWait, 0, 0, 0, 0, 0, Fact.Unknown)]
    [InlineData(TcpState.Listen, 1, 0, 0, 0, 0, Fact.Unknown)]
    [InlineData(TcpState.SynSent, 0, 0, 0, 1, 0, Fact.Yes)]
    [InlineData(TcpState.NewSynReceived, 0, 0, 0, 0, 0, Fact.No)]
    public void Counters_OfAState_TellWhoSentTheSyn(
        TcpState state, ulong acked, ulong sent, ulong sentAgain, uint queue, uint notSent, Fact expected)
    {
        var info = new TcpInfoReply { BytesAcked = acked, BytesSent = sent, BytesRetransmitted = sentAgain, NotSentBytes = notSent };

        Assert.Equal(expected, OpenedHere.Tell(state, info, queue));
    }

    [Fact]
    public void Counters_OfFastOpen_TellNothing() =>
        Assert.Equal(Fact.Unknown, OpenedHere.Tell(TcpState.Established, new TcpInfoReply { BytesAcked = 1, Options = TcpInfoReply.OptionSynData }, 0));
}
