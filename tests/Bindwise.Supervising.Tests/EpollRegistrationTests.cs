using Bindwise.Supervising.Holding;

namespace Bindwise.Supervising.Tests;

public sealed class EpollRegistrationTests
{
    [Fact]
    public void Line_IsReadAsTheKernelWritesIt()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Assert.True(EpollRegistration.TryParse("tfd:        5 events: 8000001f data: 7f0000000005  pos:0 ino:61ef sdev:8", 9, 5, out var found));
        Assert.Equal(new EpollRegistration(9, 0x8000001f, 0x7f0000000005), found);
    }

    [Theory]
    [InlineData("tfd:        6 events: 19 data: 5  pos:0 ino:61ef sdev:8")]
    [InlineData("pos:\t0")]
    [InlineData("tfd: x events: 19 data: 5")]
    [InlineData("")]
    public void OtherLine_IsNone(string line)
    {
        if (OperatingSystem.IsLinux())
            Assert.False(EpollRegistration.TryParse(line, 9, 5, out _));
    }
}
