using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>A port that is lost between bind() and listen(): the next candidate is taken, as if it had been taken before.</summary>
[Trait("Lane", "second")]
public sealed class ListenRaceTests
{
    private static readonly PortPolicy Ports = PortPolicy.Range(5001, 5050);

    [IsolatedFact]
    public Task BindAll_OfTwoWithOneRange_GivesEachItsOwnPort() => Body.RunAsync(static async () =>
    {
        using (var both = new Listeners(Listener.BindAll(ListenRequest.On(IPAddress.Loopback, Ports), ListenRequest.On(IPAddress.Loopback, Ports))))
            Assert.Equal([5001, 5002], both.Ports);
        using var again = new Listeners(await Listener.BindAllAsync([ListenRequest.On(IPAddress.Any, Ports), ListenRequest.On(IPAddress.Loopback, Ports), ListenRequest.OnLocalhost(Ports)]));
        Assert.Equal([5001, 5002, 5003], again.Ports);
    });

    [IsolatedFact]
    public Task BindAll_OfARange_LeavesAnotherRequestItsOnlyPort() => Body.RunAsync(static async () =>
    {
        foreach (var transports in (Transports[])[Transports.Tcp, Transports.Udp])
        {
            ListenRequest[] requests = [ListenRequest.On(IPAddress.Loopback, Ports) with { Transports = transports }, ListenRequest.On(IPAddress.Loopback, 5001) with { Transports = transports }];
            using (var both = new Listeners(Listener.BindAll(requests)))
                Assert.Equal([5002, 5001], both.Ports);
            using var again = new Listeners(await Listener.BindAllAsync(requests));
            Assert.Equal([5002, 5001], again.Ports);
        }
    });

    [IsolatedFact]
    public Task BindAll_OfARangeThatOthersTakeWhole_Fails() => Body.RunAsync(static () =>
    {
        var refused = Assert.Throws<BindException>(static () => Listener.BindAll(ListenRequest.On(IPAddress.Loopback, PortPolicy.Range(5001, 5002)),
            ListenRequest.On(IPAddress.Loopback, 5001), ListenRequest.On(IPAddress.Loopback, 5002)));
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
        Assert.Contains("That is this process itself.", refused.Message, StringComparison.Ordinal);
        using var free = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 5001));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task ManyAtOnce_OverOneRange_AllListen() => Body.RunAsync(static async () =>
    {
        // As many as there are ports for, all at once, many times over: each has to find its own.
        for (var round = 0; round < 60; round++)
        {
            using var start = new Barrier(8);
            var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    ListenRequest[] requests = [ListenRequest.OnLocalhost(PortPolicy.Range(5001, 5016)), ListenRequest.On(IPAddress.Loopback, PortPolicy.Range(5001, 5016))];
                    return Listener.BindAll(number % 2 == 0 ? requests : requests[..1]);
                },
                TaskCreationOptions.LongRunning)));
            using var all = new Listeners([.. taken.SelectMany(static one => one)]);
            Assert.Equal(12, all.Ports.Distinct().Count());
        }
    });

    [IsolatedFact]
    public Task BindAll_ThatLosesAPortBeforeItListens_AcceptsNobodyWhileItWaits() => Body.RunAsync(static async () =>
    {
        foreach (var isAsync in (bool[])[false, true])
        {
            Socket? other = null;
            var waits = 0;
            var retry = BindRetryOptions.For(Timeout.InfiniteTimeSpan, BindRetryReasons.All) with
            {
                OnRetry = _ =>
                {
                    waits++;
                    using var client = new TcpClient();
                    Assert.Equal(SocketError.ConnectionRefused, Assert.Throws<SocketException>(() => client.Connect(IPAddress.Loopback, 8080)).SocketErrorCode);
                    other!.Dispose();
                },
            };
            ListenRequest[] requests =
            [
                ListenRequest.On(IPAddress.Loopback, 8080), ListenRequest.On(IPAddress.Loopback, 8081) with { Retry = retry },
                // The others are bound by then, and none listens.
                ListenRequest.On(IPAddress.Loopback, 8082) with { ConfigureSocket = (_, _) => other ??= Listening(8081) },
            ];
            using var all = new Listeners(isAsync ? await Listener.BindAllAsync(requests) : Listener.BindAll(requests));
            Assert.Equal([8080, 8081, 8082], all.Ports);
            Assert.Equal([1, 1 + waits, 1], all.Attempts);
            using var served = new TcpClient();
            await served.ConnectAsync(IPAddress.Loopback, 8080);
        }
    });

    [IsolatedFact]
    public Task BindAll_ThatLosesAPortBeforeItListens_LeavesNothingOpen() => Body.RunAsync(static () =>
    {
        Socket? other = null;
        ListenRequest[] requests = [ListenRequest.On(IPAddress.Loopback, 8080), ListenRequest.On(IPAddress.Loopback, 8081) with { ConfigureSocket = (_, _) => other ??= Listening(8080) }];
        var refused = Assert.Throws<BindException>(() => Listener.BindAll(requests));
        Assert.Equal(requests[0], refused.Request);
        using (other)
            Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081)).Dispose();
        return Task.CompletedTask;
    });

    private static Socket Listening(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    /// <summary>Listeners that are closed together.</summary>
    private sealed class Listeners(IEnumerable<BoundListener> all) : IDisposable
    {
        private readonly List<BoundListener> _all = [.. all];

        public IEnumerable<int> Ports => _all.Select(static one => one.Port);

        public IEnumerable<int> Attempts => _all.Select(static one => one.Attempts);

        public void Dispose() => _all.ForEach(static one => one.Dispose());
    }
}
