using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Asking;

/// <summary>The count of all TCP sockets: right, and without an allocation for each.</summary>
public sealed class PortUsageTests
{
    [IsolatedFact]
    public Task Read_OfEachKind_CountsThem() => Body.RunAsync(static () =>
    {
        var empty = PortDiagnostics.ReadUsage();
        Assert.Equal((0, 0, 0, 0, 0), (empty.Listeners, empty.Connections, empty.TimeWaits, empty.BoundOnly, empty.EphemeralInUse));
        Assert.Equal(("32768\t60999", 28232), ($"{empty.EphemeralFirst}\t{empty.EphemeralLast}", empty.EphemeralPorts));

        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 40000));
        using var client = new TcpClient("127.0.0.1", 8080);
        using var server = listener.AcceptTcpClient();
        var used = PortDiagnostics.ReadUsage();
        Assert.Equal((1, 2, 0, 1, 2), (used.Listeners, used.Connections, used.TimeWaits, used.BoundOnly, used.EphemeralInUse));

        client.Close();
        server.Close();
        PortUsage closed;
        // The last packet takes microseconds, unless the machine does something else.
        for (var watch = Stopwatch.StartNew(); (closed = PortDiagnostics.ReadUsage()).Connections > 0 && watch.Elapsed.TotalSeconds < 240;)
            Thread.Sleep(10);
        Assert.Equal((1, 0, 1, 1, 2), (closed.Listeners, closed.Connections, closed.TimeWaits, closed.BoundOnly, closed.EphemeralInUse));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Read_Of2000Sockets_AllocatesAsMuchAsOfNone() => Body.RunAsync(static () =>
    {
        PortDiagnostics.ReadUsage();
        var few = AllocatedByRead();
        var sockets = new List<Socket>();
        for (var port = 1; port <= 2000; port++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 10_000 + port));
            socket.Listen();
            sockets.Add(socket);
        }
        Assert.Equal(2000, PortDiagnostics.ReadUsage().Listeners);
        Assert.Equal(few, AllocatedByRead());
        // One buffer of 32 KiB for the kernel's answers.
        Assert.InRange(few, 1, 40 * 1024);
        sockets.ForEach(static socket => socket.Dispose());
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task ReadByDotNet_SeesTheSameListenersAndConnections() => Body.RunAsync(static () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 50_000);
        listener.Start();
        using var client = new TcpClient("127.0.0.1", 50_000);
        using var server = listener.AcceptTcpClient();
        var (kernel, dotnet) = (PortDiagnostics.ReadUsage(), PortUsage.ReadByDotNet());
        Assert.Equal((kernel.Listeners, kernel.Connections, kernel.TimeWaits), (dotnet.Listeners, dotnet.Connections, dotnet.TimeWaits));
        Assert.Equal((49152, 65535, null), (dotnet.EphemeralFirst, dotnet.EphemeralLast, dotnet.BoundOnly));
        return Task.CompletedTask;
    });

    private static long AllocatedByRead()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        PortDiagnostics.ReadUsage();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
