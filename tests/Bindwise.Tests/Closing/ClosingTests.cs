using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Closing;

/// <summary>What closing promises beside TIME_WAIT: nothing lost, nothing leaked, nothing that hangs.</summary>
[Trait("Lane", "second")]
public sealed class ClosingTests
{
    private const int InFlight = 8 * 1024 * 1024;
    private const int LastPart = 192 * 1024;

    [IsolatedFact]
    public Task HalfClose_WithDataInFlight_DeliversItWhole() => Body.RunAsync(static async () =>
    {
        var (bytes, end, report) = await SendAndCloseAsync(CloseStrategy.HalfClose(TimeSpan.FromMinutes(4)));
        Assert.Equal((InFlight, "FIN", CloseEnding.Finished), (bytes, end, report.Ending));
        Assert.Equal(100_000, report.BytesDropped);
    });

    [IsolatedFact]
    public Task Graceful_WithDataInFlightAndUnread_LosesIt() => Body.RunAsync(static async () =>
    {
        var (bytes, end, report) = await SendAndCloseAsync(CloseStrategy.Graceful);
        Assert.Equal(("ConnectionReset", CloseEnding.Reset, 100_000), (end, report.Ending, report.BytesUnread));
        Assert.InRange(bytes, 0, InFlight - 1);
    });

    [IsolatedFact]
    public Task HalfClose_WithAPeerThatNeverStopsSending_EndsWithTheLimit() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        var flooding = Task.Run(async () =>
        {
            var block = new byte[256 * 1024];
            try
            {
                while (true)
                    await pair.Client.SendAsync(block);
            }
            catch (SocketException exception)
            {
                return exception.SocketErrorCode;
            }
        });
        while (pair.Server.Available == 0)
            await Task.Delay(1);
        var report = await pair.Server.CloseAsync(CloseStrategy.HalfClose(TimeSpan.FromMilliseconds(300)));
        Assert.True(report.TimedOut);
        Assert.InRange(report.BytesDropped, 1, long.MaxValue);
        Assert.InRange(report.Elapsed, TimeSpan.FromMilliseconds(280), TimeSpan.FromSeconds(240));
        Assert.Contains(await flooding, (SocketError[])[SocketError.ConnectionReset, SocketError.Shutdown]);
        Assert.Equal((null, null), await pair.SettledAsync());
    });

    [IsolatedFact]
    public Task CloseAsync_Cancelled_ClosesAsItStands() => Body.RunAsync(static async () =>
    {
        var limit = TimeSpan.FromMinutes(4);
        foreach (var strategy in (CloseStrategy[])[CloseStrategy.HalfClose(limit), CloseStrategy.PeerFirst(limit)])
        {
            using var pair = await Pair.OpenAsync();
            using var end = new CancellationTokenSource();
            var closing = pair.Server.CloseAsync(strategy, end.Token);
            await pair.SettledAsync();
            Assert.False(closing.IsCompleted);
            await end.CancelAsync();
            var fault = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing);
            Assert.Equal(end.Token, fault.CancellationToken);
            Assert.Equal((TcpSocketState.FinWait2, TcpSocketState.CloseWait), await pair.SettledAsync());
            await Assert.ThrowsAsync<ObjectDisposedException>(() => pair.Server.CloseAsync(strategy));
        }
        using var late = await Pair.OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late.Server.CloseAsync(CloseStrategy.HalfClose(), new CancellationToken(canceled: true)));
        Assert.Throws<ObjectDisposedException>(() => late.Server.Available);
        // What does not wait cannot be cancelled.
        using var never = await Pair.OpenAsync(8081);
        await never.Server.CloseAsync(CloseStrategy.Graceful, new CancellationToken(canceled: true));
    });

    [IsolatedTheory]
    [InlineData("PeerFirst")]
    [InlineData("HalfClose")]
    public Task CloseAsync_CancelledBehindThePeersFin_EndsInOrder(string strategy) => Body.RunAsync(static async strategy =>
    {
        using var pair = await Pair.OpenAsync();
        await pair.Client.SendAsync(new byte[100_000]);
        pair.Client.Shutdown(SocketShutdown.Send);
        while (pair.States().Server != TcpSocketState.CloseWait)
            await Task.Delay(4);
        var report = await pair.Server.CloseAsync(strategy == "PeerFirst" ? CloseStrategy.PeerFirst() : CloseStrategy.HalfClose(), new CancellationToken(canceled: true));
        Assert.Equal((CloseEnding.Finished, ClosedFirst.Remote, false, 100_000), (report.Ending, report.ClosedFirst, report.TimedOut, report.BytesDropped));
    }, strategy);

    // A read then ends at once, as after a FIN.
    [IsolatedTheory]
    [InlineData("PeerFirst", "Receive")]
    [InlineData("HalfClose", "Receive")]
    [InlineData("HalfClose", "Both")]
    public Task CloseAsync_OfASocketThatIsShutDownForReading_WaitsForThePeersFin(string strategy, string shutDown) => Body.RunAsync(static async (strategy, shutDown) =>
    {
        var how = Enum.Parse<SocketShutdown>(shutDown);
        CloseStrategy Of(TimeSpan limit) => strategy == "PeerFirst" ? CloseStrategy.PeerFirst(limit) : CloseStrategy.HalfClose(limit);
        var first = strategy == "PeerFirst" ? ClosedFirst.Remote : ClosedFirst.Local;
        using var pair = await Pair.OpenAsync();
        pair.Server.Shutdown(how);
        var closing = pair.Server.CloseAsync(Of(TimeSpan.FromMinutes(4)));
        await pair.SettledAsync();
        Assert.False(closing.IsCompleted);
        pair.Client.Dispose();
        var report = await closing;
        Assert.Equal((CloseEnding.Finished, first, first == ClosedFirst.Local, false), (report.Ending, report.ClosedFirst, report.KeepsTimeWait, report.TimedOut));

        using var silent = await Pair.OpenAsync(8081);
        silent.Server.Shutdown(how);
        report = await silent.Server.CloseAsync(Of(TimeSpan.FromMilliseconds(50)));
        Assert.Equal((CloseEnding.LeftToKernel, ClosedFirst.Local, true, true), (report.Ending, report.ClosedFirst, report.KeepsTimeWait, report.TimedOut));
    }, strategy, shutDown);

    [IsolatedFact]
    public Task CloseAsync_OfWhatIsNoConnection_IsRefused() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var listener = new TcpListener(IPAddress.Loopback, 8090);
        listener.Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => datagrams.CloseAsync(CloseStrategy.Graceful));
        await Assert.ThrowsAsync<InvalidOperationException>(() => listener.Server.CloseAsync(CloseStrategy.HalfClose()));
        await Assert.ThrowsAsync<ArgumentNullException>(() => pair.Server.CloseAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(static () => ((Socket)null!).CloseAsync(CloseStrategy.Abort));
        await Assert.ThrowsAsync<InvalidOperationException>(() => new[] { pair.Server, listener.Server }.CloseAllAsync(CloseStrategy.Abort, TimeSpan.FromSeconds(1)));
        await Assert.ThrowsAsync<ArgumentException>(() => new[] { pair.Server, null! }.CloseAllAsync(CloseStrategy.Abort, TimeSpan.FromSeconds(1)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => new[] { pair.Server }.CloseAllAsync(CloseStrategy.Abort, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(static () => CloseStrategy.HalfClose(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(static () => CloseStrategy.PeerFirst(TimeSpan.FromDays(25)));
        // Nothing of it was closed.
        Assert.Equal((TcpSocketState.Established, TcpSocketState.Established), pair.States());

        using var unconnected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal((CloseEnding.AlreadyClosed, false), ((await unconnected.CloseAsync(CloseStrategy.HalfClose())) is { } report ? (report.Ending, report.KeepsTimeWait) : default));
        using var another = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(CloseEnding.AlreadyClosed, (await another.CloseAsync(CloseStrategy.Graceful)).Ending);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => another.CloseAsync(CloseStrategy.Graceful));
    });

    [IsolatedTheory]
    [InlineData("PeerFirst")]
    [InlineData("HalfClose")]
    [InlineData("Graceful")]
    [InlineData("Abort")]
    public Task CloseAsync_WithoutAConnectionAnyMore_DoesNotSayThatThePeerClosedFirst(string strategy) => Body.RunAsync(static async strategy =>
    {
        using var refused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => refused.ConnectAsync(IPAddress.Loopback, 1));
        CloseStrategy how = strategy switch { "PeerFirst" => CloseStrategy.PeerFirst(), "HalfClose" => CloseStrategy.HalfClose(), "Graceful" => CloseStrategy.Graceful, _ => CloseStrategy.Abort };
        var report = await refused.CloseAsync(how);
        Assert.Equal((CloseEnding.AlreadyClosed, null), (report.Ending, report.ClosedFirst));

        using var pair = await Pair.OpenAsync();
        pair.Server.Shutdown(SocketShutdown.Send);
        pair.Client.Close();
        await pair.SettledAsync();
        report = await pair.Server.CloseAsync(how);
        Assert.Equal((strategy is "PeerFirst" or "HalfClose" ? CloseEnding.Finished : CloseEnding.AlreadyClosed, TcpSocketState.Close), (report.Ending, report.StateBefore));
        Assert.NotEqual(ClosedFirst.Remote, report.ClosedFirst);
        Assert.NotEqual(false, report.KeepsTimeWait);
    }, strategy);

    [IsolatedFact]
    public Task CloseAsync_BehindAResetThatAnsweredOurData_IsResetByPeer() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        pair.Client.Close();
        await pair.SettledAsync();
        // The answer to data for a socket that is gone is a reset; after the peer's FIN it is read as EPIPE.
        pair.Server.Send(new byte[1]);
        // No state tells that it is on its way.
        while (pair.States().Server is not null)
            await Task.Delay(4);
        var report = await pair.Server.CloseAsync(CloseStrategy.Graceful);
        Assert.Equal((CloseEnding.ResetByPeer, SocketError.Shutdown, false), (report.Ending, report.Error, report.KeepsTimeWait));
    });

    [IsolatedFact]
    public Task CloseAsync_DisposedMeanwhile_SaysSo() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        var closing = pair.Server.CloseAsync(CloseStrategy.PeerFirst(TimeSpan.FromMinutes(4)));
        await Task.Delay(50);
        pair.Server.Dispose();
        Assert.Equal("The socket was disposed while its end was waited for.", (await Assert.ThrowsAsync<ObjectDisposedException>(() => closing)).Message);
    });

    [IsolatedFact]
    public Task CloseAsync_OfClientsAndStreams_ClosesThem() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.IPv6Any, 8080);
        listener.Server.DualMode = true;
        listener.Start();
        using var client = new TcpClient("127.0.0.1", 8080);
        using var server = await listener.AcceptTcpClientAsync();
        var closing = server.CloseAsync(CloseStrategy.HalfClose(TimeSpan.FromMinutes(4)));
        var stream = client.GetStream();
        var report = await stream.CloseAsync(CloseStrategy.PeerFirst(TimeSpan.FromMinutes(4)));
        Assert.Equal((CloseEnding.Finished, false), (report.Ending, report.KeepsTimeWait));
        Assert.Equal((CloseEnding.Finished, true), ((await closing).Ending, (await closing).KeepsTimeWait));
        Assert.False(stream.CanRead);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.CloseAsync(CloseStrategy.Graceful));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.CloseAsync(CloseStrategy.Graceful));
    });

    [IsolatedFact]
    public Task CloseAsync_OfAUnixSocket_KeepsNothing() => Body.RunAsync(static async () =>
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint("\0bindwise-closing"));
        listener.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        var closing = server.CloseAsync(CloseStrategy.HalfClose(TimeSpan.FromMinutes(4)));
        Assert.Equal((0, "FIN"), await Pair.ReadToEndAsync(client));
        client.Dispose();
        var report = await closing;
        Assert.Equal((CloseEnding.Finished, false, null), (report.Ending, report.KeepsTimeWait, report.StateBefore));

        // Only what lies unread resets it.
        foreach (var (unread, strategy, end) in ((int, CloseStrategy, string)[])[(0, CloseStrategy.Abort, "FIN"), (3, CloseStrategy.Graceful, "ConnectionReset")])
        {
            using var next = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await next.ConnectAsync(listener.LocalEndPoint!);
            var accepted = await listener.AcceptAsync();
            await next.SendAsync(new byte[unread]);
            report = await accepted.CloseAsync(strategy);
            Assert.Equal((unread, unread > 0), (report.BytesUnread, report.Ending == CloseEnding.Reset));
            Assert.Equal((0, end), await Pair.ReadToEndAsync(next));
        }
    });

    [IsolatedFact]
    public Task Graceful_OfASocketThatLingers_DoesNotWaitOrReset() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        pair.Server.LingerState = new LingerOption(true, 0);
        await pair.Server.CloseAsync(CloseStrategy.Graceful);
        Assert.Equal((0, "FIN"), await Pair.ReadToEndAsync(pair.Client));
    });

    [IsolatedFact]
    public Task CloseAllAsync_1000Connections_EndsWithinTheLimitAndLeaksNothing() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start(2000);
        foreach (var isCancelled in (bool[])[false, true])
        {
            var before = OpenDescriptors.Read();
            var (servers, clients) = (new List<Socket>(), new List<Socket>());
            for (var number = 0; number < 1000; number++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await client.ConnectAsync(listener.LocalEndpoint);
                clients.Add(client);
                servers.Add(await listener.AcceptSocketAsync());
            }
            servers[7].Dispose();
            using var end = new CancellationTokenSource();
            // The silent ones wait for it; on a busy machine the others need some of it.
            var limit = TimeSpan.FromSeconds(isCancelled ? 240 : 45);
            var closing = servers.CloseAllAsync(CloseStrategy.HalfClose(TimeSpan.FromMinutes(4)), limit, end.Token);
            // Every second client ends with the server; the others stay silent.
            for (var number = 0; number < 1000; number += 2)
                clients[number].Dispose();
            if (isCancelled)
            {
                await end.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing);
            }
            else
            {
                var reports = await closing.WaitAsync(TimeSpan.FromMinutes(4));
                Assert.Equal(CloseEnding.AlreadyClosed, reports[7].Ending);
                Assert.Equal(500, reports.Count(static report => report is { Ending: CloseEnding.Finished, TimedOut: false }));
                Assert.Equal(499, reports.Count(static report => report is { Ending: CloseEnding.LeftToKernel, TimedOut: true }));
            }
            Assert.All(servers, static server => Assert.Throws<ObjectDisposedException>(() => server.Available));
            clients.ForEach(static client => client.Dispose());
            await OpenDescriptors.AssertNoMoreThanAsync(before);
        }
    });

    /// <summary>The peer has sent 100,000 bytes that nobody reads; it reads the answer slowly.</summary>
    private static async Task<(long Bytes, string End, CloseReport Report)> SendAndCloseAsync(CloseStrategy strategy)
    {
        // A small buffer there and a larger one here: the last part fits in both, not in the one there alone.
        using var pair = await Pair.OpenAsync(clientBuffer: 64 * 1024);
        pair.Server.SendBufferSize = 208 * 1024;
        await pair.Client.SendAsync(new byte[100_000]);
        var sending = pair.Server.SendAsync(new byte[InFlight]);
        var close = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var atLastPart = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.Run(async () =>
        {
            var total = 0L;
            var buffer = new byte[256 * 1024];
            // What is left is not read before the close, however late that comes.
            while (InFlight - LastPart - total is > 0 and var wanted)
                total += await pair.Client.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, wanted)));
            atLastPart.SetResult();
            await close.Task;
            var (rest, end) = await Pair.ReadToEndAsync(pair.Client);
            pair.Client.Dispose();
            return (total + rest, end);
        });
        Assert.Equal(InFlight, await sending);
        await atLastPart.Task;
        var closing = pair.Server.CloseAsync(strategy);
        // One that waits for the peer needs it to read on; of another, what was not read when it closed is what matters.
        if (strategy == CloseStrategy.Graceful)
            await closing;
        close.SetResult();
        var (bytes, end) = await reading;
        return (bytes, end, await closing);
    }
}
