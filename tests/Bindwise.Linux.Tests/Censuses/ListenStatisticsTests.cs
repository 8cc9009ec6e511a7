using System.Text;
using Bindwise.Linux.Censuses;

namespace Bindwise.Linux.Tests.Censuses;

public sealed class ListenStatisticsTests
{
    [Theory]
    [InlineData("TcpExt: SyncookiesSent ListenOverflows ListenDrops Other\nTcpExt: 1 20 30 4\nIpExt: A\nIpExt: 1\n", 20, 30)]
    [InlineData("IpExt: ListenDrops\nIpExt: 9\nTcpExt: ListenDrops ListenOverflows\nTcpExt: 3 2\n", 2, 3)]
    [InlineData("TcpExt: ListenOverflows ListenDrops\nTcpExt: 7\n", 7, 0)]
    [InlineData("TcpExt: ListenOverflows ListenDrops\nTcpExt: -7 x\n", 0, 0)]
    [InlineData("TcpExt: ListenOverflows ListenDrops\n", 0, 0)]
    [InlineData("", 0, 0)]
    public void Parse_OfNetstat_FindsTheColumns(string text, long overflows, long drops) =>
        Assert.Equal(new ListenStatistics(overflows, drops), ListenStatistics.Parse(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Parse_OfAnyBytes_EndsWithoutAFault()
    {
        var random = new Random(1);
        var bytes = new byte[512];
        for (var round = 0; round < 2000; round++)
        {
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = "TcpExt: \n019-"u8[random.Next(13)];
            var parsed = ListenStatistics.Parse(bytes.AsSpan(0, random.Next(bytes.Length)));
            Assert.True(parsed is { Overflows: >= 0, Drops: >= 0 });
        }
    }
}
