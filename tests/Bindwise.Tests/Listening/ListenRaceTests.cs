using System.Net;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>A port that is lost between bind() and listen(): the next candidate is taken, as if it had been taken before.</summary>
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
    public Task BindAll_OfExactlyThePortThatAnotherRequestTakes_Fails() => Body.RunAsync(static () =>
    {
        var refused = Assert.Throws<BindException>(static () => Listener.BindAll(ListenRequest.On(IPAddress.Loopback, Ports), ListenRequest.On(IPAddress.Loopback, 5001)));
        Assert.Equal(System.Net.Sockets.SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
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

    /// <summary>Listeners that are closed together.</summary>
    private sealed class Listeners(IEnumerable<BoundListener> all) : IDisposable
    {
        private readonly List<BoundListener> _all = [.. all];

        public IEnumerable<int> Ports => _all.Select(static one => one.Port);

        public void Dispose() => _all.ForEach(static one => one.Dispose());
    }
}
