using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using IsolatedProcess;

namespace Bindwise.Tests.HandingOver;

/// <summary>A listening socket that is open twice, closed here while clients come.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class SharedSocketTests
{
    // Of a plain Socket 83 of 500 stopped the other one too (.NET 10.0, two processors).
    [IsolatedFact]
    public Task Close_WhileItAccepts_LeavesTheOtherListening() => Body.RunAsync(static async () =>
    {
        for (var round = 0; round < 200; round++)
        {
            using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 0) with { IsShared = true });
            var server = listener.Sockets[0].LocalEndPoint;
            Assert.Equal(Errno.None, DuplicateDescriptor.Copy(listener.Sockets[0].Socket.SafeHandle, 3, out var copy));
            using var ended = new CancellationTokenSource();
            var accepting = AcceptAsync(listener);
            var connecting = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ConnectAsync(server, ended.Token))));
            while (Volatile.Read(ref s_accepted) < 20 * (round + 1))
                await Task.Yield();
            listener.Dispose();
            Assert.Equal(Errno.None, SocketOptionCall.Get(copy, SocketOptionCall.LevelSocket, SocketOptionCall.AcceptsConnections, out int listens));
            Assert.Equal(1, listens);
            await ended.CancelAsync();
            await accepting;
            copy.Dispose();
            await connecting;
        }
    });

    // .NET wakes a thread that waits within accept() by connect() or shutdown(): here it must not, and must all the same.
    [IsolatedFact]
    public Task Close_WhileAThreadWaitsInAccept_EndsTheWait() => Body.RunAsync(static async () =>
    {
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 0) with { IsShared = true });
        Assert.Equal(Errno.None, DuplicateDescriptor.Copy(listener.Sockets[0].Socket.SafeHandle, 3, out var copy));
        var ended = new TaskCompletionSource<Exception?>();
        var thread = new Thread(() => ended.SetResult(Record.Exception(() => listener.Sockets[0].Socket.Accept()))) { IsBackground = true };
        thread.Start();
        Assert.True(SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromMinutes(4)));
        listener.Dispose();
        Assert.IsType<SocketException>(await ended.Task.WaitAsync(TimeSpan.FromMinutes(4)), exactMatch: false);
        Assert.Equal(Errno.None, SocketOptionCall.Get(copy, SocketOptionCall.LevelSocket, SocketOptionCall.AcceptsConnections, out int listens));
        Assert.Equal(1, listens);
        copy.Dispose();
    });

    private static int s_accepted;

    private static async Task AcceptAsync(BoundListener listener)
    {
        try
        {
            while (true)
            {
                (await listener.AcceptAsync()).Dispose();
                Interlocked.Increment(ref s_accepted);
            }
        }
        catch (ObjectDisposedException exception)
        {
            _ = exception;
        }
    }

    private static async Task ConnectAsync(EndPoint server, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
                await client.ConnectAsync(server, ended);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                _ = exception;
            }
        }
    }
}
