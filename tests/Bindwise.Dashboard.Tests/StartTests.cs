using System.Diagnostics;
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

    [IsolatedFact("python3")]
    public Task PassedSocket_IsServedAtItsAddress_AndRefusedElsewhere() => Body.RunAsync(static async () =>
    {
        using var served = StartWithSocket("127.0.0.1");
        Assert.Equal("http://127.0.0.1:9999/", await served.StandardOutput.ReadLineAsync().WaitAsync(ServedProgram.Patience));
        using (var client = new HttpClient())
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("http://127.0.0.1:9999/api/v1/states")).StatusCode);
        served.Kill();
        await served.WaitForExitAsync();

        // No token, no TLS: what was passed cannot make it reachable.
        using var refused = StartWithSocket("0.0.0.0");
        Assert.Equal("bindwise: a socket was passed that is not at the address and port to serve: 0.0.0.0:9999 (TCP, 'unknown'); give those as --address and --port\n",
            await refused.StandardError.ReadToEndAsync().WaitAsync(ServedProgram.Patience));
        await refused.WaitForExitAsync();
        Assert.Equal(2, refused.ExitCode);
    });

    [IsolatedTheory]
    [InlineData(">/dev/full", "No space left on device")]
    [InlineData(">&-", "Bad file descriptor")]
    public Task AddressThatCannotBeWritten_EndsIt(string output, string reason) => Body.RunAsync(static async (redirection, why) =>
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" serve --port 0 {redirection}", ProgramUnderTest.Path]) { RedirectStandardError = true })!;
        var errors = await shell.StandardError.ReadToEndAsync().WaitAsync(ServedProgram.Patience);
        await shell.WaitForExitAsync();
        Assert.Equal((2, $"bindwise: cannot write to standard output: {why}\n"), (shell.ExitCode, errors));
    }, output, reason);

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

    /// <summary>Who asks for much and reads nothing of it costs little, makes room for others, and is dropped.</summary>
    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task ClientsThatReadNothing_MakeRoomForOthers_AndAreDropped() => Body.RunAsync(static async () =>
    {
        using var held = new ManyListeners();
        await using var served = await ServedProgram.StartAsync();
        var length = (await served.GetAsync("/api/v1/ports")).Body.Length;
        Assert.True(length > 500_000, $"{length}");
        using var silent = new SilentClients();
        await silent.AskAsync(served.Address.Port);
        // Looked at again and again: the first of them are dropped within the minute, which a busy machine may need for the answers below.
        long most;
        while ((most = MostUnsent(served.Address.Port)) == 0)
            await Task.Delay(50);
        for (var number = 0; number < 5; number++)
        {
            // While all places are taken by those who asked within the last second, the answer is to try again; and a machine that holds
            // this client up for a second makes it one that does not read.
            HttpStatusCode? status;
            while ((status = await StatusAsync(served)) is null or HttpStatusCode.ServiceUnavailable)
                await Task.Delay(500);
            Assert.Equal(HttpStatusCode.OK, status);
            most = Math.Max(most, MostUnsent(served.Address.Port));
        }
        Assert.InRange(most, 1, 2 * 64 << 10);
        while (Unsent(served.Address.Port).Any(static bytes => bytes > 0))
            await Task.Delay(500);
    });

    /// <summary>Who takes long because it reads slowly is not one who reads nothing, though others wait for its place.</summary>
    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task AClientThatReadsSlowly_HasAllOfItsAnswer() => Body.RunAsync(static async () =>
    {
        using var held = new ManyListeners();
        await using var served = await ServedProgram.StartAsync();
        // Again, where the machine held it up for as long as makes it one that does not read.
        while (!await ReadsAllAsync(served.Address.Port))
            await Task.Delay(500);

        static async Task<bool> ReadsAllAsync(int port)
        {
            using var slow = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 32 << 10 };
            await slow.ConnectAsync(IPAddress.Loopback, port);
            await slow.SendAsync("GET /api/v1/ports HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"u8.ToArray());
            using var silent = new SilentClients();
            await silent.AskAsync(port);
            var (piece, read) = (new byte[16 << 10], 0);
            var time = Stopwatch.StartNew();
            try
            {
                for (int got; (got = await slow.ReceiveAsync(piece)) > 0; await Task.Delay(100))
                    read += got;
            }
            catch (SocketException)
            {
                return false;
            }
            return read > 500_000 && time.Elapsed > TimeSpan.FromSeconds(3);
        }
    });

    /// <summary>Starts it for port 9999 of 127.0.0.1, with a listener on that port of an address as descriptor 3.</summary>
    private static Process StartWithSocket(string address)
    {
        const string Code = """
            import os, socket, sys
            listener = socket.create_server((sys.argv[1], 9999))
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
            os.execv(sys.argv[2], ["bindwise", "serve", "--port", "9999"])
            """;
        return Process.Start(new ProcessStartInfo("python3", ["-c", Code, address, ProgramUnderTest.Path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    /// <summary>The status of an answer that was read whole; null where the connection was dropped.</summary>
    private static async Task<HttpStatusCode?> StatusAsync(ServedProgram served)
    {
        try
        {
            return (await served.GetAsync("/api/v1/ports")).Status;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What the kernel keeps for the clients of a port, in bytes.</summary>
    private static List<long> Unsent(int port) =>
        [.. File.ReadLines("/proc/net/tcp").Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(row => row[3] == "01" && row[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
            .Select(static row => long.Parse(row[4].Split(':')[0], System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture))];

    private static long MostUnsent(int port) => Unsent(port).DefaultIfEmpty().Max();

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

    /// <summary>So many listeners that the answer of ports is more than the kernel and the server keep of it.</summary>
    private sealed class ManyListeners : IDisposable
    {
        private readonly List<TcpListener> _all = [.. Enumerable.Range(0, 1000).Select(static _ => new TcpListener(IPAddress.Loopback, 0))];

        public ManyListeners() => _all.ForEach(static listener => listener.Start());

        public void Dispose() => _all.ForEach(static listener => listener.Stop());
    }

    /// <summary>More than there are places, who ask for much and read nothing of it.</summary>
    private sealed class SilentClients : IDisposable
    {
        private readonly List<Socket> _all = [];

        public async Task AskAsync(int port)
        {
            for (var number = 0; number < 60; number++)
            {
                var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                _all.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, port);
                await client.SendAsync("GET /api/v1/ports HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray());
            }
        }

        public void Dispose() => _all.ForEach(static client => client.Dispose());
    }
}
