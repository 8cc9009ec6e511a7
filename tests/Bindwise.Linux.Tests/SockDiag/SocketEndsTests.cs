using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.SockDiag;

/// <summary>The kernel's messages about sockets that are gone.</summary>
public sealed class SocketEndsTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(SocketType.Stream, true, false)]
    [InlineData(SocketType.Stream, false, false)]
    [InlineData(SocketType.Stream, true, true)]
    [InlineData(SocketType.Dgram, false, false)]
    [InlineData(SocketType.Dgram, false, true)]
    public void Wait_ASocketOfThePortIsClosed_IsWoken(SocketType kind, bool listens, bool isIPv6) => Alone(() =>
    {
        var any = isIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        using var socket = new Socket(any.AddressFamily, kind, ProtocolType.Unspecified);
        socket.Bind(new IPEndPoint(any, 0));
        if (listens)
            socket.Listen();
        var port = (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;
        using var ends = SocketEnds.TryOpen([1, port, 2]);
        using var others = SocketEnds.TryOpen([1, 2]);
        Assert.NotNull(ends);
        Assert.NotNull(others);
        Assert.False(ends.Wait(Moment));

        socket.Dispose();

        Assert.True(IsWoken(ends));
        Assert.False(ends.Wait(Moment));
        Assert.False(others.Wait(Moment));
    });

    [Fact]
    public void Wait_AConnectionOfThePortIsClosed_SleepsOn() => Alone(() =>
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        var accepted = listener.Accept();
        using var ends = SocketEnds.TryOpen([(ushort)((IPEndPoint)listener.LocalEndPoint!).Port]);
        client.Dispose();
        accepted.Dispose();
        Assert.False(ends!.Wait(Moment));
    });

    [Fact]
    public async Task Wait_AProcessEnds_IsWokenOnce()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        using var ends = SocketEnds.TryOpen([1]);
        ends!.Watch([process.Id, process.Id, int.MaxValue]);
        process.Kill();
        Assert.True(IsWoken(ends));
        Assert.False(ends.Wait(Moment));
        await process.WaitForExitAsync();
    }

    // Where the system gave this port, it gives the same number to others for another protocol or address: in a namespace there are none.
    private static void Alone(Action code)
    {
        if (KernelAccess.Obstacle is null)
            NetworkNamespace.Run(code);
        else
            code();
    }

    // A busy machine may be a while over telling it.
    private static bool IsWoken(SocketEnds ends) => Enumerable.Range(0, 300).Any(_ => ends.Wait(LongestWait));
}
