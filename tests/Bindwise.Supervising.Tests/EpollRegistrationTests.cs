using System.IO.Pipes;
using System.Net.Sockets;
using Bindwise.Linux.Native;
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

    /// <summary>A socket that is not bound has hung up, which wakes whoever waits: its program must not hear that of one that it has no more.</summary>
    [Fact]
    public void Renewed_WhileTheReplacedSocketIsOpenElsewhere_TheNewOneAloneWakes()
    {
        if (!OperatingSystem.IsLinux())
            return;
        const uint Readable = 1;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var kept = new SafeFileDescriptor((int)writer.ClientSafePipeHandle.DangerousGetHandle());
        writer.ClientSafePipeHandle.SetHandleAsInvalid();
        Assert.Equal(Errno.None, EpollCall.Open(out var epoll));
        using var watched = epoll;
        var number = (int)socket.Handle;
        Assert.Equal(Errno.None, EpollCall.Add(epoll, number, Readable, 7));
        Assert.True(PollCall.WaitUntilReadable(epoll, 0));
        var registration = Assert.Single(EpollRegistration.Of(Environment.ProcessId, number));
        Assert.Equal((epoll.Number, 7UL), (registration.Descriptor, registration.Data));

        // As the supervisor has it until bind() has its answer.
        var copied = DuplicateDescriptor.Copy(socket.SafeHandle, 0, out var replaced);
        using var open = replaced;
        Assert.Equal(Errno.None, copied);
        Assert.Equal(Errno.None, DuplicateDescriptor.CopyTo(kept, number));
        Assert.Equal(Errno.None, registration.Renew(Environment.ProcessId, number, replaced, kept));

        Assert.False(PollCall.WaitUntilReadable(epoll, 0));
        writer.WriteByte(1);
        Assert.True(PollCall.WaitUntilReadable(epoll, 999_999));
        Assert.Equal(registration, Assert.Single(EpollRegistration.Of(Environment.ProcessId, number)));
    }
}
