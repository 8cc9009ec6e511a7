using Bindwise.Linux.Native;

namespace Bindwise.Supervising.Tests;

/// <summary>What passes between the supervisor and the process that becomes the program.</summary>
public sealed class ChannelTextTests
{
    [Fact]
    public void NamesOfAsManySocketsAsArePassed_ArriveWhole()
    {
        Assert.Equal(Errno.None, SocketPairCall.Open(out var one, out var other));
        using (one)
        using (other)
        {
            // sd_listen_fds(3): at most 255 characters each.
            var names = string.Join(':', Enumerable.Repeat(new string('n', 255), DescriptorMessage.MostDescriptors / 2));
            Assert.True(ChannelText.Send(one, ChannelText.Ready + names));
            Assert.Equal(ChannelText.Ready + names, ChannelText.Receive(other, out _));
        }
    }
}
