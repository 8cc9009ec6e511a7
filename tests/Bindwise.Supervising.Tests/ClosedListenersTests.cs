using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Bindwise.Linux.Native;
using Bindwise.Supervising.Holding;

namespace Bindwise.Supervising.Tests;

/// <summary>What becomes of a kept listener that the program has closed while it runs on.</summary>
public sealed class ClosedListenersTests
{
    private readonly Lock _gate = new();
    private readonly List<string> _told = [];

    [Fact]
    public void Listener_ThatNobodyHasForAMinute_IsClosed()
    {
        using var sockets = new KeptSockets(null);
        using var program = Process.Start("sleep", "600");
        using var start = new ProgramStart(0, program.Id, new SafeFileDescriptor(-1), 0);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var endpoint = (IPEndPoint)listener.LocalEndPoint!;
        var kept = sockets.Add(Copy(listener), Protocol.Tcp, new SocketKey(2, 6, new IpEndpoint(IpAddress.FromBytes([127, 0, 0, 1]), (ushort)endpoint.Port), 0, false, 0, 0, null))!;
        var closed = new ClosedListeners(sockets, _gate);
        Look(closed, start, 0);
        Assert.Same(kept, Assert.Single(sockets.All));

        kept.Take(start, Environment.ProcessId, (int)listener.Handle);
        for (var second = 15; second <= 120; second += 15)
            Look(closed, start, second);
        listener.Dispose();
        for (var second = 135; second <= 180; second += 15)
            Look(closed, start, second);
        // A start that is to end, or another one, begins the minute anew.
        Look(closed, null, 185);
        for (var second = 195; second < 255; second += 15)
            Look(closed, start, second);
        Assert.Single(sockets.All);
        Assert.Empty(_told);

        // On a busy machine a look may take longer than is waited for, and counts as open.
        for (var second = 255; sockets.All.Count > 0 && second < 7200; second += 15)
            Look(closed, start, second);
        Assert.Empty(sockets.All);
        Assert.Equal($"{endpoint} is not kept any longer: the program closed it a minute ago, and clients would wait in vain", Assert.Single(_told));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(SocketError.ConnectionRefused, Assert.Throws<SocketException>(() => client.Connect(endpoint)).SocketErrorCode);
        program.Kill();
    }

    private void Look(ClosedListeners closed, ProgramStart? only, int second)
    {
        lock (_gate)
            closed.Look(only, TimeSpan.FromSeconds(second), _told.Add);
    }

    private static SafeFileDescriptor Copy(Socket socket)
    {
        Assert.Equal(Errno.None, PidFdGetFd.OpenProcess(Environment.ProcessId, 0, out var process));
        using (process)
        {
            Assert.Equal(Errno.None, PidFdGetFd.Copy(process, (int)socket.Handle, out var copy));
            return copy;
        }
    }
}
