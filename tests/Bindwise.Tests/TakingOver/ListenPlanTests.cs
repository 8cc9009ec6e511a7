using IsolatedProcess;

namespace Bindwise.Tests.TakingOver;

/// <summary>A plan of listeners: passed sockets are used where they are what is planned, the rest is bound.</summary>
public sealed class ListenPlanTests
{
    [IsolatedFact]
    public Task Listen_WithNothingPassed_BindsAll() => Body.RunAsync(static async () => Assert.Equal(
        "0|request|Tcp=127.0.0.1:9999|\n0|request|Tcp=127.0.0.1:5353 Udp=127.0.0.1:5353|\n0|request|Tcp=127.0.0.1:8080|\nleft over: ",
        await PassingParent.ExecAsync("none", "OTHER=1", TakingBodies.Planned)));

    // By name wherever it is bound; UDP alone of a pair, whose TCP is bound beside it; one port of a range; bound and not listening yet.
    [IsolatedFact]
    public Task Listen_UsesWhatWasPassedByNameAddressAndTransport() => Body.RunAsync(static async () => Assert.Equal(
        "1|passed|Tcp=127.0.0.1:7000|127.0.0.1:7000 was passed with SO_REUSEADDR = 0, 1 was asked for: set it where the socket is made.\n"
        + "1|request|Tcp=127.0.0.1:5353 Udp=127.0.0.1:5353|\n"
        + "1|passed|Tcp=127.0.0.1:8090|127.0.0.1:8090 was passed with SO_REUSEADDR = 0, 1 was asked for: set it where the socket is made.\nleft over: ",
        await PassingParent.ExecAsync("tcp=127.0.0.1:7000 udp=127.0.0.1:5353 bound=127.0.0.1:8090", "LISTEN_FDS=3 LISTEN_PID=$$ LISTEN_FDNAMES=web:a:b", TakingBodies.Planned)));

    [IsolatedFact]
    public Task Listen_WithMoreThanIsPlanned_DoesAsAsked() => Body.RunAsync(static async () =>
    {
        // Each its own port for 'web', to which a client connects: the socket's maker sets no SO_REUSEADDR.
        static string Things(int web) => $"tcp=127.0.0.1:{web} tcp=127.0.0.1:8200 tcp=127.0.0.1:8201";
        const string Variables = "LISTEN_FDS=3 LISTEN_PID=$$ LISTEN_FDNAMES=web:old:older";
        var refused = await PassingParent.ExecAsync(Things(7000), Variables, TakingBodies.Planned);
        Assert.StartsWith("Sockets were passed for which this program has no listener, so clients there would wait in vain: 127.0.0.1:8200 (TCP, 'old'), 127.0.0.1:8201 (TCP, 'older').", refused, StringComparison.Ordinal);
        Assert.EndsWith("left over: old closed older closed", await PassingParent.ExecAsync(Things(7001), Variables + " LEFT_OVER=Close", TakingBodies.Planned), StringComparison.Ordinal);
        Assert.EndsWith("left over: old open older open", await PassingParent.ExecAsync(Things(7002), Variables + " LEFT_OVER=Keep", TakingBodies.Planned), StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task Listen_WithSocketsOfOneNameAndTwoPorts_SaysSo() => Body.RunAsync(static async () => Assert.Contains(
        "The passed sockets named 'web' have the ports 7000 and 7001",
        await PassingParent.ExecAsync("tcp=127.0.0.1:7000 tcp=127.0.0.1:7001", "LISTEN_FDS=2 LISTEN_PID=$$ LISTEN_FDNAMES=web:web", TakingBodies.Planned),
        StringComparison.Ordinal));

    // listen() would bind the one to a port of the system's choice, on every address; the other cannot listen.
    [IsolatedTheory]
    [InlineData("unbound", "The socket that was passed as 'web' (descriptor 3) is not bound")]
    [InlineData("connection=127.0.0.1", "The socket that was passed as 'web' (descriptor 3) is a connection, not a listener: a unit with Accept=yes")]
    [InlineData("udp=127.0.0.1:9998", "Sockets were passed for which this program has no listener, so clients there would wait in vain: 127.0.0.1:9998 (UDP, 'web')")]
    public Task Listen_WithASocketOfItsNameThatIsNoListener_SaysSo_AndListensNowhere(string thing, string told) => Body.RunAsync(static async (thing, told) =>
    {
        var answer = await PassingParent.ExecAsync(thing, "LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=web", TakingBodies.Planned);
        Assert.StartsWith(told, answer, StringComparison.Ordinal);
        Assert.EndsWith("\n0", answer, StringComparison.Ordinal);
    }, thing, told);

    [Fact]
    public void Listen_OfAPlanThatContradictsItself_IsTheFrameworksOwnError()
    {
        Assert.Throws<ArgumentException>(static () => SocketActivation.Listen(SocketActivationOptions.Of()));
        Assert.Throws<ArgumentNullException>(static () => SocketActivation.Listen(null!));
        Assert.Throws<ArgumentException>(static () => SocketActivation.Listen(new SocketActivationOptions
        {
            Listeners = [new() { Request = ListenRequest.OnLocalhost(8080), Name = "web" }, new() { Request = ListenRequest.OnLocalhost(8081), Name = "web" }],
        }));
    }
}
