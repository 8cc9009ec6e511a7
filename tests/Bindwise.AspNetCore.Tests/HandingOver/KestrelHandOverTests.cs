using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using IsolatedProcess;

namespace Bindwise.AspNetCore.Tests.HandingOver;

/// <summary>Old and new instances of a web application, each a process, under load.</summary>
[Trait("Lane", "second")]
public sealed partial class KestrelHandOverTests
{
    private const string Urls = "http://127.0.0.1:8080";

    private static readonly IPEndPoint Server = new(IPAddress.Loopback, 8080);

    [IsolatedFact]
    public Task HandOvers_UnderLoad_RefuseAndResetNobody() => Body.RunAsync(static () => HandOverUnderLoadAsync(5));

    // The application makes the sockets itself (SocketTransportOptions.CreateBoundListenSocket).
    [IsolatedFact]
    public Task HandOvers_OfOwnSockets_RefuseAndResetNobody() => Body.RunAsync(static () => HandOverUnderLoadAsync(3, ("OWN_SOCKETS", "1")));

    [IsolatedFact]
    public Task NewOneWhoseStartFails_LeavesTheOldOneServing() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var unix = folder.HandOver + ".http";
        (string, string?)[] settings = [("Bindwise__PortFile", folder.HandOver + ".port")];
        await using var old = await WebInstance.ReadyAsync("old", $"{Urls};http://unix:{unix}", folder.HandOver, settings);
        using var clients = new WebClients(Server);
        for (var round = 0; round < 3; round++)
        {
            await using var failing = WebInstance.Start("failing", $"{Urls};http://unix:{unix}", folder.HandOver, [.. settings, ("FAILS", "1")]);
            Assert.Equal(0, await failing.EndAsync());
            Assert.Contains("no database", failing.Text, StringComparison.Ordinal);
            await clients.AnsweredAsync(20);
        }
        Assert.Equal("old", await UnixClient.GetAsync(unix));
        Assert.True(File.Exists(folder.HandOver + ".port"));
        await old.SaysAsync("A hand-over failed: Process");
        await using var next = await WebInstance.ReadyAsync("next", $"{Urls};http://unix:{unix}", folder.HandOver, settings);
        Assert.Equal(0, await old.EndAsync());
        Assert.Equal("next", await UnixClient.GetAsync(unix));
        Assert.True(File.Exists(folder.HandOver + ".port"));
        await clients.AnsweredAsync(20);
        await clients.EndAsync();
        // A connection that the failing one had accepted ends with it: that host stops at once. Nobody is refused.
        Assert.DoesNotContain(clients.Faults, static one => one.Contains("Refused", StringComparison.Ordinal));
    });

    // Windows and macOS cannot be had here: the options are told that the system cannot do it.
    [IsolatedFact]
    public Task SystemThatCannotHandOver_WarnsAndBinds() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        await using var web = await Web.StartAsync(Urls, options =>
        {
            options.HandOver.Path = folder.HandOver;
            options.HandOver.IsSupported = false;
        });
        Assert.Equal("hello", await Web.GetAsync(Urls));
        Assert.StartsWith("Warning Bindwise: Listening sockets are handed over on Linux only: ", Assert.Single(web.Log.All, static line => line.Contains("handed over", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.HandOver));
    });

    [IsolatedFact]
    public Task OtherEndpoints_AreBound_AndThoseNoLongerWantedAreClosed() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        await using var old = await WebInstance.ReadyAsync("old", "http://localhost:8080;http://127.0.0.1:8081", folder.HandOver);
        await using var next = await WebInstance.ReadyAsync("next", "http://127.0.0.1:8082;http://localhost:8080", folder.HandOver);
        Assert.Equal(0, await old.EndAsync());
        Assert.Equal("next", await Web.GetAsync("http://127.0.0.1:8080/"));
        Assert.Equal("next", await Web.GetAsync("http://[::1]:8080/"));
        Assert.Equal("next", await Web.GetAsync("http://127.0.0.1:8082/"));
        await Assert.ThrowsAsync<HttpRequestException>(static () => Web.GetAsync("http://127.0.0.1:8081/"));
        await next.SaysAsync("2 listening sockets taken over");
    });

    [IsolatedFact]
    public Task Https2_UnderLoad_RefusesNobody() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var current = await WebInstance.ReadyAsync("0", "https://127.0.0.1:8443", folder.HandOver);
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=localhost" } };
        using var client = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = TimeSpan.FromMinutes(4) };
        using var end = new CancellationTokenSource();
        var answered = 0;
        var asking = Task.WhenAll(Enumerable.Range(0, 4).Select(one => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                _ = await client.GetStringAsync(new Uri("https://127.0.0.1:8443/"));
                Interlocked.Increment(ref answered);
            }
        })));
        for (var number = 1; number <= 3; number++)
        {
            var slow = client.GetStringAsync(new Uri("https://127.0.0.1:8443/slow"));
            var next = await WebInstance.ReadyAsync($"{number}", "https://127.0.0.1:8443", folder.HandOver);
            Assert.Equal(0, await current.EndAsync());
            _ = await slow;
            await current.DisposeAsync();
            current = next;
            Assert.Equal($"{number}", await client.GetStringAsync(new Uri("https://127.0.0.1:8443/")));
        }
        while (Volatile.Read(ref answered) < 100 && !asking.IsCompleted)
            await Task.Delay(10);
        await end.CancelAsync();
        await asking;
        Assert.InRange(answered, 100, int.MaxValue);
        await current.DisposeAsync();
    });

    [IsolatedFact]
    public Task WebSocket_OfTheOldOne_LastsUntilItIsClosed() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        await using var old = await WebInstance.ReadyAsync("old", Urls, folder.HandOver);
        using var first = await ConnectAsync();
        Assert.Equal("old", await AskAsync(first));
        await using var next = await WebInstance.ReadyAsync("next", Urls, folder.HandOver);
        await old.SaysAsync("stopping");
        Assert.Equal("old", await AskAsync(first));
        using var second = await ConnectAsync();
        Assert.Equal("next", await AskAsync(second));
        Assert.False(old.HasExited);
        await first.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal(0, await old.EndAsync());
    });

    [IsolatedFact]
    public Task WebSocket_ThatNobodyCloses_IsAbortedWhenTheDrainTimeIsOver() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        await using var old = await WebInstance.ReadyAsync("old", Urls, folder.HandOver, ("Bindwise__HandOver__DrainTimeout", "00:00:01"));
        using var first = await ConnectAsync();
        Assert.Equal("old", await AskAsync(first));
        await using var next = await WebInstance.ReadyAsync("next", Urls, folder.HandOver);
        _ = await old.EndAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(first));
    });

    // Idle connections are closed by a FIN, not by a reset; and a connection made just before the hand-over, that asks just after it, is answered.
    [IsolatedFact]
    public Task IdleConnections_EndWithoutReset_AndThoseThatAskInTimeAreAnswered() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        await using var old = await WebInstance.ReadyAsync("old", Urls, folder.HandOver, ("Bindwise__HandOver__ConnectionGracePeriod", "00:01:00"));
        using var idle = await OpenAsync();
        using var late = await OpenAsync();
        // Answered once each: the old instance has them, not the queue.
        Assert.Contains("old", await GetAsync(idle), StringComparison.Ordinal);
        using var fresh = await OpenAsync();
        await using var next = await WebInstance.ReadyAsync("next", Urls, folder.HandOver);
        Assert.Contains("HTTP/1.1 200", await GetAsync(fresh), StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200", await GetAsync(late), StringComparison.Ordinal);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        Assert.Equal(0, await idle.ReceiveAsync(new byte[1], limit.Token));
        Assert.Equal(0, await old.EndAsync());
    });

    [IsolatedFact]
    public Task OldOneThatDoesNotAnswer_EndsTheStartWithASentence() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        // Listens, and never reads.
        using var silent = Listener.Bind(ListenRequest.OnUnixSocket(folder.HandOver));
        await using var next = WebInstance.Start("next", Urls, folder.HandOver, ("Bindwise__HandOver__WaitTimeout", "00:00:01"));
        Assert.Equal(0, await next.EndAsync());
        Assert.Contains("gave no sockets within 1 s", next.Text, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task OldOneOfAnotherVersion_IsToldOfOnce_OrEndsTheStartAtOnce() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        using var listener = Listener.Bind(ListenRequest.OnUnixSocket(folder.HandOver));
        var asked = 0;
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var connection = await listener.AcceptAsync();
                asked++;
                _ = await connection.ReceiveAsync(new byte[8]);
                _ = await connection.SendAsync("BWH\u0002\u0007\0\u0015\0\u0001version 1, this is 2"u8.ToArray());
            }
        });
        const string Reason = "refused: version 1, this is 2.";
        await using var next = WebInstance.Start("next", Urls, folder.HandOver, ("Bindwise__HandOver__WaitTimeout", "00:00:20"));
        Assert.Equal(0, await next.EndAsync());
        // With pauses that double to 2.5 s, each shortened by up to a half: HandOverPatienceTests has the exact ones.
        Assert.InRange(asked, 2, 25);
        Assert.Single(next.Lines, static line => line.Contains("A hand-over failed: ", StringComparison.Ordinal) && line.Contains(Reason, StringComparison.Ordinal));
        Assert.Contains(next.Lines, static line => line.StartsWith("fails: ", StringComparison.Ordinal) && line.Contains(Reason, StringComparison.Ordinal));
        asked = 0;
        await using var strict = WebInstance.Start("strict", Urls, folder.HandOver, ("Bindwise__HandOver__FailOnVersionMismatch", "true"));
        Assert.Equal(0, await strict.EndAsync());
        Assert.Equal(1, asked);
        Assert.Contains(Reason, strict.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("A hand-over failed: ", strict.Text, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task NewOnesOfAnotherVersion_AreOneWarning_AndTheirNumber() => Body.RunAsync(static async () =>
    {
        const string Refused = "refused: version 2 to 3, this is 1. This instance serves on.";
        using var folder = new TemporaryFolder();
        await using var old = await WebInstance.ReadyAsync("old", Urls, folder.HandOver);
        var clock = Stopwatch.StartNew();
        for (var number = 0; number < 100; number++)
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(folder.HandOver));
            _ = await client.SendAsync("BWH\u0002\u0001\0\u0003\u0001"u8.ToArray());
            var answer = new byte[64];
            var length = await client.ReceiveAsync(answer);
            Assert.EndsWith("version 2 to 3, this is 1", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        }
        await old.SaysAsync(Refused);
        await old.SignalAsync("-TERM");
        Assert.Equal(0, await old.EndAsync());
        // One, one more for each minute that it took, and one at the end; together they tell of all.
        var told = old.Lines.Where(static line => line.Contains(Refused, StringComparison.Ordinal)).ToList();
        Assert.InRange(told.Count, 2, 2 + (int)clock.Elapsed.TotalMinutes);
        Assert.Equal(100, told.Count + told.Sum(static line => LeftOut().Match(line) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0));
    });

    // As systemd does: the manager keeps its own copy, so nobody who closes the one that was passed can bind the port.
    [IsolatedFact("python3")]
    public Task Fallback_OfOneEndpoint_LeavesTheOthersTheirSocketsOfTheStore() => Body.RunAsync(static async () =>
    {
        const string Manager = """
            import fcntl, os, socket, sys
            server = socket.create_server(("127.0.0.1", 8080))
            kept = fcntl.fcntl(server.fileno(), fcntl.F_DUPFD_CLOEXEC, 100)
            process = os.fork()
            if process == 0:
                os.dup2(kept, 3, inheritable=True)
                os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="tcp 127.0.0.1.8080", LISTEN_PID=str(os.getpid()))
                os.execvp(sys.argv[1], sys.argv[1:])
            os.waitpid(process, 0)
            """;
        using var folder = new TemporaryFolder();
        using var other = Web.Occupy(IPAddress.Loopback, 8090);
        await using var web = WebInstance.StartBy(["/usr/bin/python3", "-c", Manager], "web", "http://127.0.0.1:8080;http://127.0.0.1:8090", folder.HandOver, ("Bindwise__HandOver__UseDescriptorStore", "true"), ("Bindwise__Fallback", "9000-9009"));
        await web.SaysAsync("ready");
        Assert.Contains("1 listening sockets taken over from the service manager", web.Text, StringComparison.Ordinal);
        Assert.Equal("web", await Web.GetAsync("http://127.0.0.1:8080/"));
        Assert.Equal("web", await Web.GetAsync("http://127.0.0.1:9000/"));
    });

    private static async Task HandOverUnderLoadAsync(int count, params (string Key, string? Value)[] settings)
    {
        using var folder = new TemporaryFolder();
        // Longer than a client is held up between connect() and its request, or between two requests. The former ones drain at the same time.
        settings = [.. settings, ("Bindwise__HandOver__ConnectionGracePeriod", "00:01:00")];
        var current = await WebInstance.ReadyAsync("0", Urls, folder.HandOver, settings);
        var former = new List<(Started Instance, int Successor)>();
        using var clients = new WebClients(Server);
        for (var number = 1; number <= count; number++)
        {
            await clients.AnsweredAsync(100);
            var next = await WebInstance.ReadyAsync($"{number}", Urls, folder.HandOver, settings);
            await next.SaysAsync($"1 listening sockets taken over from process {current.Id}");
            former.Add((current, next.Id));
            current = next;
        }
        clients.RestMilliseconds = 20;
        foreach (var (instance, successor) in former)
        {
            Assert.Equal(0, await instance.EndAsync());
            Assert.Contains($"handed over to process {successor}", instance.Text, StringComparison.Ordinal);
            await instance.DisposeAsync();
            await clients.AnsweredAsync(20);
        }
        await clients.AnsweredAsync(100);
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
        Assert.Contains($"{count}", clients.Names);
        await current.SignalAsync("-TERM");
        Assert.Equal(0, await current.EndAsync());
        Assert.False(File.Exists(folder.HandOver));
        await current.DisposeAsync();
    }

    private static async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri("ws://127.0.0.1:8080/ws"), CancellationToken.None);
        return socket;
    }

    private static async Task<string> AskAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await socket.SendAsync("?"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        var buffer = new byte[64];
        var answer = await socket.ReceiveAsync(buffer, limit.Token);
        return Encoding.UTF8.GetString(buffer, 0, answer.Count);
    }

    private static async Task<Socket> OpenAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Server);
        return socket;
    }

    private static async Task<string> GetAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: app\r\n\r\n"u8.ToArray(), limit.Token);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal) && await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var length)
            text.Append(Encoding.ASCII.GetString(buffer, 0, length));
        return text.ToString();
    }

    [GeneratedRegex(@"Left out before it: (\d+) of the same kind\.")]
    private static partial Regex LeftOut();
}
