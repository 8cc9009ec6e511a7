using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Tests.Deadlines;

/// <summary>Work that may never come back.</summary>
public sealed class BoundedWorkTests
{
    [Fact]
    public void Work_ThatEnds_GivesItsResult()
    {
        Assert.True(BoundedWork.TryRun(static () => 7, out var result));
        Assert.Equal(7, result);
    }

    [Fact]
    public void Work_ThatFails_FailsWhereItWasAskedFor() =>
        Assert.Throws<InvalidOperationException>(static () => BoundedWork.TryRun<int>(static () => throw new InvalidOperationException(), out _));

    [Fact]
    public void Work_ThatSleepsInTheKernel_IsGivenUpAndOthersGoOn()
    {
        Assert.Equal(Errno.None, SocketPairCall.Open(out var first, out var second));
        using (second)
        using (first)
        {
            var silent = first;
            Assert.False(BoundedWork.TryRun(() => DescriptorMessage.Receive(silent, new byte[1], out _, out _), out _));
            Assert.True(BoundedWork.TryRun(static () => true, out _));
            _ = ReadWriteCall.Write(second.Number, "!"u8, out _);
        }
    }
}
