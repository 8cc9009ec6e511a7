using Bindwise.Linux.FailedCalls;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Tests.FailedCalls;

/// <summary>What a record of the tap says of its socket.</summary>
public sealed class FailedCallTests
{
    [Theory]
    [InlineData(2, 1, 6, Protocol.Tcp, null)]
    [InlineData(10, 1, 262, Protocol.Tcp, null)] // MPTCP
    [InlineData(2, 2, 17, Protocol.Udp, null)]
    [InlineData(1, 1, 0, Protocol.Unix, null)]
    [InlineData(1, 2, 0, Protocol.Unix, null)]
    [InlineData(2, 1, 132, null, "SCTP")]
    [InlineData(10, 5, 132, null, "SCTP")]
    [InlineData(2, 6, 33, null, "DCCP")]
    [InlineData(2, 2, 136, null, "UDP-Lite")]
    [InlineData(2, 2, 1, null, "ICMP")]
    [InlineData(2, 3, 6, null, "raw IP")]
    [InlineData(2, 1, 255, null, "IP protocol 255")]
    [InlineData(0, 0, 0, null, null)] // it could not be read
    public void Of_ASocket_TellsItsProtocol(ushort family, ushort type, ushort number, Protocol? protocol, string? other)
    {
        var call = FailedCall.Of(new FailedCallRecord { Family = family, Type = type, Protocol = number }, (1, 2, 4), DateTimeOffset.UnixEpoch, 0);
        Assert.Equal((protocol, other), (call.Protocol, call.OtherProtocol));
        Assert.Equal(protocol == Protocol.Unix ? type : 0, call.Options?.UnixType ?? 0);
    }

    [Theory]
    [InlineData(2, 7001, 16, (int)Errno.EINVAL, true)]
    [InlineData(2, 0, 8, (int)Errno.EINVAL, false)] // an address that is too short
    [InlineData(2, 7001, 16, (int)Errno.EADDRINUSE, false)]
    [InlineData(1, 0, 9, (int)Errno.EINVAL, true)]
    [InlineData(1, 0, 111, (int)Errno.EINVAL, false)] // a path that is too long
    public void Of_ASecondBind_TellsThatTheSocketIsBoundAlready(ushort family, ushort port, uint length, int error, bool isBound)
    {
        var record = new FailedCallRecord { Family = family, Type = 1, LocalPort = port };
        (record.Alike.Length, record.Alike.Error) = (length, (ushort)error);
        Assert.Equal(isBound, FailedCall.Of(record, (1, 2, 4), DateTimeOffset.UnixEpoch, 0).IsBoundAlready);
    }
}
