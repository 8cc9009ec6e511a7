using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.TakingOver;

/// <summary>A parent that keeps the port: its child is killed and started again while clients come, and none is refused.</summary>
[SupportedOSPlatform("linux")]
public sealed class RestartUnderLoadTests
{
    private const int Restarts = 8;
    private const int Clients = 3;
    private const int AnswersBetween = 20;

    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task Restart_OfAChildThatIsKilled_RefusesNobody() => Body.RunAsync(static async () =>
    {
        // docs: child server
        await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var program = PassingParent.Program(TakingBodies.Answering);
        await using var server = ChildServer.Start(new ChildServerOptions
        {
            Program = program[0],
            Arguments = [.. program[1..]],
            Sockets = ChildSocket.Of(listener, "web"),
            Restart = new ChildRestartOptions { InitialDelay = TimeSpan.FromMilliseconds(10) },
        });
        // docs: end
        using var load = new Load();
        for (var restart = 0; restart < Restarts; restart++)
        {
            await load.AnsweredAsync(AnswersBetween);
            server.Kill();
            await RestartedAsync(server, restart + 1);
        }
        await load.AnsweredAsync(AnswersBetween);
        await load.EndAsync();
        Assert.Equal(128 + 15, await server.StopAsync(TimeSpan.FromMinutes(4)));
        Assert.Equal(0, load.Refused);
        Assert.InRange(load.Answered, Restarts * AnswersBetween, int.MaxValue);
    });

    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task RestartAsync_OverlapsBoth_AndRefusesAndResetsNobody() => Body.RunAsync(static async () =>
    {
        await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var program = PassingParent.Program(TakingBodies.AnsweringUntilTold);
        await using var server = ChildServer.Start(new ChildServerOptions
        {
            Program = program[0],
            Arguments = [.. program[1..]],
            Sockets = ChildSocket.Of(listener, "web"),
            ExpectsReady = true,
            ReadyTimeout = TimeSpan.FromMinutes(4),
            StopGracePeriod = TimeSpan.FromMinutes(4),
        });
        await server.WaitUntilReadyAsync();
        using var load = new Load();
        for (var restart = 0; restart < Restarts; restart++)
        {
            await load.AnsweredAsync(AnswersBetween);
            var former = server.Id;
            await server.RestartAsync();
            Assert.NotEqual(former, server.Id);
            Assert.False(Directory.Exists($"/proc/{former}"));
        }
        await load.AnsweredAsync(AnswersBetween);
        await load.EndAsync();
        Assert.Equal((Restarts, 0), (server.Restarts, await server.StopAsync(TimeSpan.FromMinutes(4))));
        Assert.Equal((0, 0), (load.Refused, load.Reset));
    });

    // The measure can fail: without the parent's copy the same load meets a closed port.
    [IsolatedFact]
    public Task Restart_OfAServerWithItsOwnSocket_RefusesSome() => Body.RunAsync(static async () =>
    {
        using var unused = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 9000));
        var program = PassingParent.Program(TakingBodies.Answering);
        // The socket goes along under a count of none: the child binds its own.
        await using var server = ChildServer.Start(new ChildServerOptions
        {
            Program = "/bin/sh",
            Arguments = ["-c", "unset LISTEN_FDS; exec \"$@\"", "sh", .. program],
            Sockets = ChildSocket.Of(unused, "web"),
            Restart = new ChildRestartOptions { InitialDelay = TimeSpan.FromMilliseconds(10) },
        });
        using var load = new Load();
        for (var restart = 0; restart < 2; restart++)
        {
            await load.AnsweredAsync(AnswersBetween);
            server.Kill();
            await RestartedAsync(server, restart + 1);
        }
        await load.AnsweredAsync(AnswersBetween);
        await load.EndAsync();
        Assert.NotEqual(0, load.Refused);
    });

    private static async Task RestartedAsync(ChildServer server, int times)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (server.Restarts < times)
            Assert.True(await timer.WaitForNextTickAsync(limit.Token));
    }

    /// <summary>Clients, one connection after the other, each of whom waits for an answer.</summary>
    private sealed class Load : IDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _clients;
        private int _answered;
        private int _refused;
        private int _reset;

        internal Load() => _clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(AskAsync)));

        internal int Answered => Volatile.Read(ref _answered);

        internal int Refused => Volatile.Read(ref _refused);

        internal int Reset => Volatile.Read(ref _reset);

        internal async Task AnsweredAsync(int more)
        {
            var wanted = Answered + more;
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (Answered < wanted)
                Assert.True(await timer.WaitForNextTickAsync(limit.Token));
        }

        internal async Task EndAsync()
        {
            await _end.CancelAsync();
            await _clients;
        }

        public void Dispose() => _end.Dispose();

        private async Task AskAsync()
        {
            var answer = new byte[16];
            while (!_end.IsCancellationRequested)
            {
                try
                {
                    using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    await client.ConnectAsync(IPAddress.Loopback, 8080, _end.Token);
                    if (await client.ReceiveAsync(answer, _end.Token) > 0)
                        Interlocked.Increment(ref _answered);
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
                {
                    Interlocked.Increment(ref _refused);
                    await Task.Delay(5);
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
                {
                    // Accepted by a child that was killed: nobody can answer it any more.
                    Interlocked.Increment(ref _reset);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }
}
