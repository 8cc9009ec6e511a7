using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Bindwise.Linux.Native;
using Bindwise.Supervising.Holding;

namespace Bindwise.Supervising.Tests;

/// <summary>What becomes of a kept listener that the program has closed while it runs on.</summary>
public sealed class ClosedSocketsTests
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
        var kept = sockets.Add(Copy(Environment.ProcessId, (int)listener.Handle), Protocol.Tcp, Key(6, endpoint.Port))!;
        var closed = new ClosedSockets(sockets, _gate);
        Inspect(closed, start, 0);
        Assert.Same(kept, Assert.Single(sockets.All));

        kept.Take(start, Environment.ProcessId, (int)listener.Handle);
        for (var second = 15; second <= 120; second += 15)
            Inspect(closed, start, second);
        listener.Dispose();
        for (var second = 135; second <= 180; second += 15)
            Inspect(closed, start, second);
        // A start that is to end, or another one, begins the minute anew.
        Inspect(closed, null, 185);
        for (var second = 195; second < 255; second += 15)
            Inspect(closed, start, second);
        Assert.Single(sockets.All);
        Assert.Empty(_told);

        // On a busy machine a look may take longer than is waited for, and counts as open.
        for (var second = 255; sockets.All.Count > 0 && second < 7200; second += 15)
            Inspect(closed, start, second);
        Assert.Empty(sockets.All);
        Assert.Equal($"{endpoint} is not kept any longer: the program closed it a minute ago, and clients would wait in vain", Assert.Single(_told));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(SocketError.ConnectionRefused, Assert.Throws<SocketException>(() => client.Connect(endpoint)).SocketErrorCode);
        program.Kill();
    }

    // What a start put into the background is no longer below its first process, only below this one.
    [Fact]
    public void Listener_ThatAProcessInTheBackgroundHas_StaysOpen()
    {
        using var sockets = new KeptSockets(null);
        using var program = Process.Start("sleep", "600");
        using var server = Process.Start(new ProcessStartInfo("/usr/bin/python3",
            ["-c", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); print(s.fileno(), s.getsockname()[1], flush=True); input()"])
        { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        var words = server.StandardOutput.ReadLine()!.Split(' ').Select(static word => int.Parse(word, null)).ToArray();
        using var start = new ProgramStart(0, program.Id, new SafeFileDescriptor(-1), 0);
        var kept = sockets.Add(Copy(server.Id, words[0]), Protocol.Tcp, Key(6, words[1]))!;
        var closed = new ClosedSockets(sockets, _gate);
        // The process that called listen() has ended.
        kept.Take(start, program.Id, 99);
        for (var second = 0; second <= 300; second += 15)
            Inspect(closed, start, second);
        Assert.Single(sockets.All);
        server.StandardInput.Close();
        server.WaitForExit();
        for (var second = 315; sockets.All.Count > 0 && second < 7200; second += 15)
            Inspect(closed, start, second);
        Assert.Empty(sockets.All);
        program.Kill();
    }

    // Nobody waits for an answer, so nothing is said; but the port is somebody else's again.
    [Fact]
    public void DatagramSocket_ThatNobodyHasForAMinute_IsClosedToo()
    {
        using var sockets = new KeptSockets(null);
        using var program = Process.Start("sleep", "600");
        using var start = new ProgramStart(0, program.Id, new SafeFileDescriptor(-1), 0);
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = (IPEndPoint)server.LocalEndPoint!;
        var kept = sockets.Add(Copy(Environment.ProcessId, (int)server.Handle), Protocol.Udp, Key(17, endpoint.Port))!;
        var closed = new ClosedSockets(sockets, _gate);
        kept.Take(start, Environment.ProcessId, (int)server.Handle);
        Inspect(closed, start, 0);
        Assert.NotNull(closed.Due);
        server.Dispose();
        for (var second = 15; sockets.All.Count > 0 && second < 7200; second += 15)
            Inspect(closed, start, second);
        Assert.Empty(sockets.All);
        Assert.Empty(_told);
        using var next = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        next.Bind(endpoint);
        program.Kill();
    }

    private void Inspect(ClosedSockets closed, ProgramStart? only, int second)
    {
        lock (_gate)
            closed.Check(only, TimeSpan.FromSeconds(second), _told.Add);
    }

    private static SocketKey Key(int protocol, int port) => new(2, protocol, new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)port), 0, false, 0, 0, null);

    private static SafeFileDescriptor Copy(int owner, int descriptor)
    {
        Assert.Equal(Errno.None, PidFdGetFd.OpenProcess(owner, 0, out var process));
        using (process)
        {
            Assert.Equal(Errno.None, PidFdGetFd.Copy(process, descriptor, out var copy));
            return copy;
        }
    }
}
