using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Bindwise.Fleet.Tests;

/// <summary>The metrics say what the kernel says by its own means: ss, nstat and /proc/net.</summary>
public class MetricsOfKernelTests
{
    [IsolatedFact("ss", "nstat", "promtool", "python3")]
    public Task Metrics_OfAnOwnNamespace_AreTheKernelsNumbers() =>
        Body.RunAsync(static async () =>
        {
            // By itself a client gives up after two minutes, which a busy machine may need for what follows.
            await File.WriteAllTextAsync("/proc/sys/net/ipv4/tcp_syn_retries", "20");
            await using var server = await ServerOfTest.StartAsync();
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
            listener.Listen(2);
            var clients = new List<Socket>();
            for (var i = 0; i < 8; i++)
            {
                clients.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
                _ = Try(() => clients[^1].Connect(IPAddress.Loopback, 8080));
            }
            using var datagram = new UdpClient(new IPEndPoint(IPAddress.Loopback, 5353));
            // What failed before the server's first look at the host is not counted, nor what its own process tries.
            await server.ScrapeAsync();
            Assert.Contains("in use", (await RunAsync("python3", "", "-c", "import socket; socket.create_server(('127.0.0.1', 8080))")).Output, StringComparison.Ordinal);

            // Looks are a second apart; the sockets stand still meanwhile.
            var name = "{address=\"127.0.0.1\",port=\"8080\",program=\"" + File.ReadAllText("/proc/self/comm").Trim() + "\"}";
            var failed = "bindwise_bind_failures_total{cause=\"listener\",program=\"python3";
            var metrics = await UntilAsync(server, one => one.GetValueOrDefault("bindwise_listener_drops_total" + name) > 0
                && one.GetValueOrDefault("bindwise_listener_queue" + name) == 3
                && HasTimeWaits(9090, 5) && one.GetValueOrDefault("bindwise_time_wait_sockets{port=\"9090\"}") == 5
                && one.GetValueOrDefault("bindwise_sockets{protocol=\"tcp\",state=\"TIME_WAIT\"}") == TimeWaits()
                && one.GetValueOrDefault("bindwise_sockets{protocol=\"tcp\",state=\"LISTEN\"}") == 2
                && (one["bindwise_bind_failures_seen"] == 0 || one.Keys.Any(key => key.StartsWith(failed, StringComparison.Ordinal))));

            Assert.Equal(1, metrics["bindwise_listener_sockets" + name]);
            Assert.Equal(2, metrics["bindwise_listener_backlog" + name]);
            Assert.True(metrics["bindwise_ephemeral_ports_used{destination=\"127.0.0.1:8080\"}"] >= 3);
            var range = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t').Select(static word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(range[1] - range[0] + 1, metrics["bindwise_ephemeral_ports"]);

            foreach (var state in (string[])["LISTEN", "SYN_SENT"])
                Assert.Equal(await CountAsync("-tanH", state), metrics[$"bindwise_sockets{{protocol=\"tcp\",state=\"{state}\"}}"]);
            Assert.Equal(await CountAsync("-uanH", "UNCONN"), metrics["bindwise_sockets{protocol=\"udp\",state=\"UNCONN\"}"]);
            // A client tries again meanwhile: between two looks at the kernel's counters the metrics' are.
            var before = await CounterAsync("TcpExtListenDrops");
            metrics = await UntilAsync(server, one => one["bindwise_listen_drops_total"] >= before);
            Assert.InRange(metrics["bindwise_listen_drops_total"], before, await CounterAsync("TcpExtListenDrops"));
            Assert.InRange(metrics["bindwise_listen_overflows_total"], 1, await CounterAsync("TcpExtListenOverflows"));
            clients.ForEach(static one => one.Dispose());

            var plain = await server.ScrapeAsync();
            Assert.Equal((0, ""), await RunAsync("promtool", plain, "check", "metrics"));
        });

    [IsolatedFact]
    public Task Metrics_OfferBothFormatsAndGzip_AndAnswerMany() =>
        Body.RunAsync(static async () =>
        {
            await using var server = await ServerOfTest.StartAsync();
            _ = await server.ScrapeAsync();
            using var request = new HttpRequestMessage(HttpMethod.Get, "metrics");
            request.Headers.Accept.ParseAdd("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
            using var answer = await server.Http.SendAsync(request);

            Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
            Assert.Equal("gzip", Assert.Single(answer.Content.Headers.ContentEncoding));
            await using var gzip = new System.IO.Compression.GZipStream(await answer.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
            var text = await new StreamReader(gzip).ReadToEndAsync();
            Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
            Assert.Contains("# TYPE bindwise_bind_failures counter\n", text, StringComparison.Ordinal);
            var many = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.MetricsAsync()));
            Assert.All(many, static one => Assert.Equal(1, one.Single(static pair => pair.Key.StartsWith("bindwise_build_info{", StringComparison.Ordinal)).Value));
        });

    [IsolatedFact]
    public Task Metrics_MoreThanTheTop_AreSummed() =>
        Body.RunAsync(static async () =>
        {
            await using var server = await ServerOfTest.StartAsync(static settings => settings with { MetricsTop = 3 });
            var listeners = Enumerable.Range(0, 10).Select(static i =>
            {
                var one = new TcpListener(IPAddress.Loopback, 7000 + i);
                one.Start();
                return one;
            }).ToList();
            const string Other = "{address=\"(other)\",port=\"(other)\",program=\"(other)\"}";
            var metrics = await UntilAsync(server, static one => Enumerable.Range(9000, 5).Count(static port => HasTimeWaits((ushort)port, 2)) == 5
                && one.GetValueOrDefault("bindwise_listener_sockets" + Other) == 8
                && one.GetValueOrDefault("bindwise_time_wait_sockets{port=\"(other)\"}") == 4);

            Assert.Equal(4, metrics.Keys.Count(static key => key.StartsWith("bindwise_listener_sockets{", StringComparison.Ordinal)));
            Assert.Equal(11, metrics["bindwise_sockets{protocol=\"tcp\",state=\"LISTEN\"}"]);
            listeners.ForEach(static one => one.Dispose());
        });

    // Whether a port has so many. There are new ones where none is left: they last a minute, and a busy machine may need that for less than a look.
    private static bool HasTimeWaits(ushort port, int count)
    {
        var there = File.ReadLines("/proc/net/tcp").Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(row => row[3] == "06" && row[1].EndsWith($":{port:X4}", StringComparison.Ordinal));
        if (there == 0)
            LeaveTimeWaits(port, count);
        return there == count;
    }

    private static int TimeWaits()
    {
        var sockstat = File.ReadLines("/proc/net/sockstat").Single(static line => line.StartsWith("TCP:", StringComparison.Ordinal)).Split(' ');
        return int.Parse(sockstat[Array.IndexOf(sockstat, "tw") + 1], CultureInfo.InvariantCulture);
    }

    // Who closes first has the TIME_WAIT: the server.
    private static void LeaveTimeWaits(ushort port, int count)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        for (var i = 0; i < count; i++)
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            using (var accepted = listener.AcceptTcpClient())
                accepted.Client.Shutdown(SocketShutdown.Both);
            Assert.Equal(0, client.GetStream().ReadByte() + 1);
        }
    }

    private static SocketError Try(Action act)
    {
        try
        {
            act();
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    private static async Task<Dictionary<string, double>> UntilAsync(ServerOfTest server, Func<Dictionary<string, double>, bool> holds)
    {
        Dictionary<string, double> metrics = [];
        await WaitAsync(async () => holds(metrics = await server.MetricsAsync()), () => string.Join('\n', metrics));
        return metrics;
    }

    private static async Task WaitAsync(Func<Task<bool>> holds, Func<string>? describe = null)
    {
        for (var began = Stopwatch.StartNew(); !await holds(); await Task.Delay(100))
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(4), describe?.Invoke() ?? "it never came");
    }

    private static async Task<int> CountAsync(string option, string state)
    {
        var (_, output) = await RunAsync("ss", "", option);
        var word = state.Replace('_', '-');
        return output.Split('\n').Count(line => line.StartsWith(word + " ", StringComparison.Ordinal));
    }

    private static async Task<double> CounterAsync(string name)
    {
        var (_, output) = await RunAsync("nstat", "", "-a", "-z", "-s", name);
        return double.Parse(output.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
