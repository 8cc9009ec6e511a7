using System.Net;
using System.Net.Sockets;

namespace Bindwise.Dashboard.Tests;

/// <summary>The stream of events: ids, going on after one, what is said where that cannot be, and its end.</summary>
public sealed class EventTests
{
    [IsolatedFact]
    public Task Stream_TellsWhatHappens_AndGoesOnAfterAnId() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        await using var stream = await EventStream.OpenAsync(served);
        using (var listener = new TcpListener(IPAddress.Loopback, 8080))
        {
            listener.Start();
            var first = await ListenedAsync(stream);
            Assert.Equal(("listen", "bindwise.event/1"), (first.Name, (string)first.Data["schema"]!));
            Assert.Equal(first.Name, (string)first.Data["event"]!);
        }
        var closed = await stream.NextAsync("127.0.0.1:8080");
        Assert.Equal("closed", closed.Name);

        // As a page that lost the connection before the last of them.
        await using var again = await EventStream.OpenAsync(served, ("Last-Event-ID", stream.Ids[^2]));
        var next = await again.NextAsync();
        Assert.Equal((closed.Id, closed.Name), (next.Id, next.Name));

        // An id of another run, or none at all: all that is kept, after a reset.
        foreach (var id in new[] { "abc-1", "0", stream.Ids[0] + "9" })
        {
            await using var lost = await EventStream.OpenAsync(served, ("Last-Event-ID", id));
            Assert.Equal("reset", (await lost.NextAsync()).Name);
            Assert.Equal(stream.Ids[0], (await lost.NextAsync()).Id);
        }
        await using var asked = await EventStream.OpenAsync(served, "?lastEventId=" + stream.Ids[^2]);
        Assert.Equal(closed.Id, (await asked.NextAsync()).Id);
    });

    /// <summary>A connection that breaks before its first event loses none either.</summary>
    [IsolatedFact]
    public Task Stream_BeginsWithAnId_AfterWhichItGoesOn() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        string beginning;
        await using (var stream = await EventStream.OpenAsync(served))
        {
            beginning = await stream.LineAsync();
            Assert.Equal("", await stream.LineAsync());
        }
        Assert.StartsWith("id: ", beginning, StringComparison.Ordinal);
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        await using (var witness = await EventStream.OpenAsync(served, "?lastEventId=" + beginning[4..]))
            Assert.Equal("listen", (await ListenedAsync(witness)).Name);
        await using var again = await EventStream.OpenAsync(served, ("Last-Event-ID", beginning[4..]));
        Assert.Equal("listen", (await ListenedAsync(again)).Name);
    });

    [IsolatedFact]
    public Task FailedBind_IsToldWithItsReason() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        await using var stream = await EventStream.OpenAsync(served);
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        using var second = new TcpListener(IPAddress.Loopback, 8080);
        Assert.Throws<SocketException>(second.Start);
        for (var told = await stream.NextAsync(); ; told = await stream.NextAsync())
        {
            if (told.Name != "bind-failed")
                continue;
            Assert.Equal(("127.0.0.1:8080", "EADDRINUSE", "listener"), ((string)told.Data["address"]!, (string)told.Data["result"]!, (string)told.Data["cause"]!));
            break;
        }
    });

    [IsolatedFact]
    public Task Streams_EndAtOnceWithTheServer() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        await using var stream = await EventStream.OpenAsync(served);
        Assert.Equal(0, await served.EndAsync("TERM"));
        Assert.True(await stream.EndsAsync());
    });

    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task Silence_IsAComment() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        await using var stream = await EventStream.OpenAsync(served);
        Assert.StartsWith("id: ", await stream.LineAsync(), StringComparison.Ordinal);
        Assert.Equal("", await stream.LineAsync());
        Assert.StartsWith(":", await stream.LineAsync(), StringComparison.Ordinal);
    });

    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task ClientThatDoesNotRead_IsDropped_WhileAnotherHearsAll() => Body.RunAsync(static async () =>
    {
        // The kernel keeps so little for a client that a few events are too many.
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/tcp_wmem", "4096 4096 8192");
        await using var served = await ServedProgram.StartAsync("--max-streams", "2");
        using var deaf = new TcpClient { ReceiveBufferSize = 2048 };
        await deaf.ConnectAsync(IPAddress.Loopback, served.Address.Port);
        await deaf.GetStream().WriteAsync("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray());
        await using var stream = await EventStream.OpenAsync(served);
        var listeners = Enumerable.Range(0, 400).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(static one => one.Start());
        for (var heard = 0; heard < listeners.Count;)
            heard += (await stream.NextAsync()).Name == "listen" ? 1 : 0;
        // Its place is another's only when it has been dropped.
        using var limit = new CancellationTokenSource(ServedProgram.Patience * 2);
        for (var isFree = false; !isFree; await Task.Delay(300, limit.Token))
        {
            using var another = await served.Client.GetAsync("/api/v1/events", HttpCompletionOption.ResponseHeadersRead, limit.Token);
            isFree = another.StatusCode == HttpStatusCode.OK;
        }
        listeners.ForEach(static one => one.Dispose());
        Assert.Equal("closed", (await stream.NextAsync()).Name);
    });

    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task AThousandStreams_AreBoundedAndToldAndOthersAreServed() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--max-streams", "256");
        var open = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => served.Client.GetAsync("/api/v1/events", HttpCompletionOption.ResponseHeadersRead)));
        var refused = open.Where(static one => one.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.Equal((256, 744), (open.Count(static one => one.StatusCode == HttpStatusCode.OK), refused.Count));
        Assert.All(refused, static one => Assert.NotNull(one.Headers.RetryAfter));
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports")).Status);
        // All of them hear of it.
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        await Task.WhenAll(open.Where(static one => one.IsSuccessStatusCode).Select(static async one =>
        {
            await using var stream = new EventStream(one);
            await stream.NextAsync("127.0.0.1:8080");
        }));
        foreach (var one in open)
            one.Dispose();
        HttpStatusCode last;
        do
        {
            using var again = await served.Client.GetAsync("/api/v1/events", HttpCompletionOption.ResponseHeadersRead);
            last = again.StatusCode;
        }
        while (last != HttpStatusCode.OK);
    });

    /// <summary>The next event of the address but "bind", which a census between bind() and listen() may see.</summary>
    private static async Task<ServerEvent> ListenedAsync(EventStream stream)
    {
        while (true)
        {
            if (await stream.NextAsync("127.0.0.1:8080") is { Name: not "bind" } next)
                return next;
        }
    }
}
