using System.Net;
using System.Net.Sockets;

namespace Bindwise.Dashboard.Tests;

/// <summary>Its own port, and its end.</summary>
public sealed class StartTests
{
    [IsolatedFact]
    public Task TakenPort_IsExplained_AndTheNextOfTheListIsTaken() => Body.RunAsync(static async () =>
    {
        using var holder = new TcpListener(IPAddress.Loopback, 9876);
        holder.Start();
        var run = await ServedProgram.RunAsync("serve");
        var why = await ServedProgram.RunAsync("why", "127.0.0.1:9876");
        Assert.Equal((1, ""), (run.Code, run.Output));
        // The same first line: who holds it.
        Assert.Equal(why.Output.Split('\n')[0], run.Errors.Split('\n')[0]);
        Assert.Contains($"{Environment.ProcessId}", run.Errors, StringComparison.Ordinal);

        await using var next = await ServedProgram.StartAsync("--port", "9876,9878-9880");
        Assert.Equal(9878, next.Address.Port);
        await using var after = await ServedProgram.StartAsync("--port", "9876,9878-9880");
        Assert.Equal(9879, after.Address.Port);
        Assert.Equal(HttpStatusCode.OK, (await after.GetAsync("/")).Status);
    });

    [IsolatedTheory]
    [InlineData("TERM", 0)]
    [InlineData("INT", 130)]
    public Task Signal_EndsItWithItsCode(string signal, int code) => Body.RunAsync(static async (name, expected) =>
    {
        await using var served = await ServedProgram.StartAsync();
        await using var stream = await EventStream.OpenAsync(served);
        Assert.Equal(expected, $"{await served.EndAsync(name)}");
    }, signal, $"{code}");

    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task SlowClients_AreDropped_AndOthersAreServed() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        var slow = new List<TcpClient>();
        for (var number = 0; number < 200; number++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, served.Address.Port);
            await client.GetStream().WriteAsync("GET /api/v1/ports HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"u8.ToArray());
            slow.Add(client);
        }
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports")).Status);
        foreach (var client in slow)
        {
            // Answered that it took too long, and closed.
            using (client)
                Assert.StartsWith("HTTP/1.1 408", await new StreamReader(client.GetStream()).ReadToEndAsync().WaitAsync(ServedProgram.Patience), StringComparison.Ordinal);
        }
    });

    /// <summary>Who says a little now and then, and never all of it, is told so and dropped like one who is silent.</summary>
    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task ClientsThatSayALittleNowAndThen_AreDropped_AndOthersAreServed() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        var head = SayAsync(served.Address.Port, "GET /api/v1/ports HTTP/1.1\r\nHost: 127.0.0.1\r\nX-");
        var body = SayAsync(served.Address.Port, "POST /api/v1/model/parse HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 65536\r\n\r\n");
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports")).Status);
        Assert.StartsWith("HTTP/1.1 408", await head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408", await body, StringComparison.Ordinal);
        Assert.Contains("/docs/serve.md#slow-request", await body, StringComparison.Ordinal);
    });

    /// <summary>Says the beginning, and then a byte twice a second until the other side has closed; gives what it answered.</summary>
    private static async Task<string> SayAsync(int port, string beginning)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(beginning));
        using var answer = new MemoryStream();
        var end = stream.CopyToAsync(answer);
        try
        {
            for (var limit = System.Diagnostics.Stopwatch.StartNew(); !end.IsCompleted; await Task.Delay(500))
            {
                Assert.True(limit.Elapsed < ServedProgram.Patience, "it goes on listening");
                await stream.WriteAsync("a"u8.ToArray());
            }
            await end;
        }
        catch (IOException)
        {
            // What it did not read any more resets the connection; its answer came before.
            await Task.WhenAny(end);
        }
        return System.Text.Encoding.UTF8.GetString(answer.ToArray());
    }
}
