using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.Tests.Netlink;

public sealed class NetlinkReaderTests
{
    private struct Counter : IMessageVisitor
    {
        internal int Messages;

        public void Visit(in NetlinkMessage message) => Messages++;

        public void Restart() => Messages = 0;
    }

    [Theory]
    [InlineData("", NetlinkSocket.AnswerEnd.More, Errno.None, 0)]
    [InlineData("data data", NetlinkSocket.AnswerEnd.More, Errno.None, 2)]
    [InlineData("data done", NetlinkSocket.AnswerEnd.Done, Errno.None, 1)]
    [InlineData("stale data stale done", NetlinkSocket.AnswerEnd.Done, Errno.None, 1)]
    [InlineData("data refused", NetlinkSocket.AnswerEnd.Failed, Errno.ENOENT, 1)]
    [InlineData("failed-done", NetlinkSocket.AnswerEnd.Failed, Errno.ENOENT, 0)]
    [InlineData("overrun", NetlinkSocket.AnswerEnd.Failed, Errno.ENOBUFS, 0)]
    [InlineData("odd-errno", NetlinkSocket.AnswerEnd.Failed, Errno.EIO, 0)]
    [InlineData("short-error", NetlinkSocket.AnswerEnd.Malformed, Errno.None, 0)]
    [InlineData("data torn", NetlinkSocket.AnswerEnd.Malformed, Errno.None, 1)]
    [InlineData("data long", NetlinkSocket.AnswerEnd.Malformed, Errno.None, 1)]
    [InlineData("data tiny", NetlinkSocket.AnswerEnd.Malformed, Errno.None, 1)]
    internal void Dump_OfMessages_Ends(string messages, NetlinkSocket.AnswerEnd end, Errno errno, int seen)
    {
        byte[] datagram = [.. messages.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(Message)];
        var counter = new Counter();
        var interrupted = false;

        Assert.Equal(end, NetlinkSocket.ReadDatagram(datagram, 7, isDump: true, ref counter, ref interrupted, out var failure));

        Assert.Equal(errno, failure);
        Assert.Equal(seen, counter.Messages);
        Assert.False(interrupted);
    }

    [Fact]
    public void Dump_WithInterruptedMessage_SaysSo()
    {
        var counter = new Counter();
        var interrupted = false;
        byte[] datagram = [.. Bytes(16, 20, 7, flags: 0x12)];

        _ = NetlinkSocket.ReadDatagram(datagram, 7, isDump: true, ref counter, ref interrupted, out _);

        Assert.True(interrupted);
    }

    private static byte[] Message(string kind) => kind switch
    {
        "data" => Bytes(16, 20, 7),
        "stale" => Bytes(16, 20, 6),
        "done" => [.. Bytes(20, 3, 7), 0, 0, 0, 0],
        "failed-done" => [.. Bytes(20, 3, 7), 0xfe, 0xff, 0xff, 0xff],
        "refused" => [.. Bytes(20, 2, 7), 0xfe, 0xff, 0xff, 0xff],
        "odd-errno" => [.. Bytes(20, 2, 7), 0x00, 0x00, 0x00, 0x80],
        "short-error" => Bytes(16, 2, 7),
        "overrun" => Bytes(16, 4, 7),
        "torn" => Bytes(16, 20, 7)[..9],
        "long" => Bytes(17, 20, 7),
        "tiny" => Bytes(15, 20, 7),
        _ => throw new ArgumentException(kind, nameof(kind)),
    };

    private static byte[] Bytes(byte length, byte type, byte sequence, byte flags = 2) =>
        [length, 0, 0, 0, type, 0, flags, 0, sequence, 0, 0, 0, 0, 0, 0, 0];
}
