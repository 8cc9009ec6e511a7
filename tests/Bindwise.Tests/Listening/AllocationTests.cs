using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>What a bind that works allocates beyond .NET's own sockets; bench/library measures it with care.</summary>
[Trait("Lane", "second")]
public sealed class AllocationTests
{
    private const int MaximumBytesBeyond = 1024;

    [IsolatedTheory]
    [InlineData("tcp")]
    [InlineData("dual")]
    [InlineData("udp")]
    [InlineData("two")]
    public Task Bind_ThatWorks_AllocatesLittleBeyondTheSockets(string what) => Body.RunAsync(static what =>
    {
        var beyond = PerTurn(() => Ours(what)) - PerTurn(() => Plain(what));
        Assert.True(beyond <= MaximumBytesBeyond, $"{what}: {beyond} bytes");
        return Task.CompletedTask;
    }, what);

    private static long PerTurn(Action turn)
    {
        const int Turns = 200;
        for (var warm = 0; warm < 50; warm++)
            turn();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < Turns; index++)
            turn();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Turns;
    }

    private static void Ours(string what)
    {
        using var listener = Listener.Bind(what switch
        {
            "tcp" => ListenRequest.On(IPAddress.Loopback, 8080),
            "dual" => ListenRequest.OnAny(8080),
            "udp" => ListenRequest.On(IPAddress.Loopback, 8080) with { Transports = Transports.Udp },
            _ => new ListenRequest { Addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback], Port = PortPolicy.Exactly(8080) },
        });
    }

    private static void Plain(string what)
    {
        using var first = what switch
        {
            "udp" => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp),
            "dual" => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true },
            _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp),
        };
        first.Bind(new IPEndPoint(what == "dual" ? IPAddress.IPv6Any : IPAddress.Loopback, 8080));
        if (what != "udp")
            first.Listen(512);
        if (what != "two")
            return;
        using var second = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        second.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 8080));
        second.Listen(512);
    }
}
