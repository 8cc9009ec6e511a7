using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bindwise.Fleet.Tests;

/// <summary>The fleet with a real Prometheus.</summary>
[Trait("Lane", "second")]
public class PrometheusFleetTests
{
    private const int Hosts = 20;

    [IsolatedTheory("prometheus", "promtool", "victoria-metrics")]
    [InlineData("prometheus")]
    [InlineData("victoria-metrics")]
    public Task Fleet_OfADayOfSamples_SaysWhatIsFullWhenAndWhatChanged(string engine) =>
        Body.RunAsync(static async engine =>
        {
            // VictoriaMetrics answers for a second ago at the latest, whatever it is told.
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 2;
            using var prometheus = engine == "prometheus" ? await PrometheusOfTest.StartAsync("global: {}", Day(now))
                : await PrometheusOfTest.StartVictoriaMetricsAsync(Day(now));
            await using var server = await ServerOfTest.StartAsync(static settings => settings with { Prometheus = new Uri(PrometheusOfTest.Address) });

            // On a busy machine an answer may take longer than the server waits for it.
            var fleet = await UntilAsync(server, "api/v1/fleet", static _ => true);

            var hosts = fleet.GetProperty("hosts").EnumerateArray().ToDictionary(static one => one.GetProperty("instance").GetString()!);
            Assert.Equal(["web1:9876 True", "web2:9876 True", "web3:9876 False", "web4:9876 False"], hosts.Select(static one => $"{one.Key} {one.Value.GetProperty("up").GetBoolean()}"));
            var ephemeral = hosts["web1:9876"].GetProperty("ephemeral");
            // 10 ports a minute since six hours ago, of 8,000: 3,600 now, and full in 440 minutes.
            Assert.Equal(("10.0.0.5:5432", 8000), (ephemeral.GetProperty("destination").GetString(), ephemeral.GetProperty("size").GetInt32()));
            Assert.InRange(ephemeral.GetProperty("used").GetInt32(), 3600, 3650);
            Assert.InRange(ephemeral.GetProperty("fullAt").GetDateTimeOffset(), DateTimeOffset.FromUnixTimeSeconds(now + (430 * 60)), DateTimeOffset.FromUnixTimeSeconds(now + (450 * 60)));
            Assert.Equal(JsonValueKind.Null, hosts["web2:9876"].GetProperty("ephemeral").GetProperty("fullAt").ValueKind);
            Assert.Equal("""[{"cause":"listener","program":"nginx","count":7},{"cause":"time-wait","program":"java","count":2}]""", hosts["web1:9876"].GetProperty("bindFailures").GetRawText());
            Assert.Equal("""[{"cause":"listener","program":"go","count":9},{"cause":"listener","program":"ruby","count":7},{"cause":"listener","program":"php","count":3}]""",
                hosts["web2:9876"].GetProperty("bindFailures").GetRawText());
            Assert.Equal("""[{"cause":"listener","program":"sshd","count":6}]""", hosts["web3:9876"].GetProperty("bindFailures").GetRawText());
            Assert.Equal("""[{"cause":"listener","program":"perl","count":8}]""", hosts["web4:9876"].GetProperty("bindFailures").GetRawText());
            Assert.Equal("""[{"instance":"web1:9876","port":80,"program":"nginx","change":"gone"},{"instance":"web1:9876","port":8080,"program":"java","change":"appeared"}]""",
                fleet.GetProperty("changes").GetRawText());
            Assert.Contains("web2:9876 lists 3 fewer listeners than it has", fleet.GetProperty("remarks").GetRawText(), StringComparison.Ordinal);
            var (_, holders) = await server.AskInTimeAsync("api/v1/fleet/ports/8080");
            Assert.Equal("""[{"instance":"web1:9876","address":"0.0.0.0","program":"java"}]""", holders.GetProperty("holders").GetRawText());

            prometheus.Kill();
            Assert.Equal(502, (await server.AskInTimeAsync("api/v1/fleet")).Status);
            Assert.Equal(0, (await server.MetricsAsync())["bindwise_listen_drops_total"]);
        }, engine);

    [IsolatedFact("prometheus", "python3")]
    public Task Fleet_OfTwentyHosts_TellsWhoHoldsAPortWhoFailsAndWhoIsSilent() =>
        Body.RunAsync(static async program =>
        {
            var token = Path.Combine(Path.GetTempPath(), "token");
            File.WriteAllText(token, "an-example-token-of-forty-characters-0001");
            File.SetUnixFileMode(token, UnixFileMode.UserRead);
            var network = new StringBuilder("set -e; mkdir -p /run/netns; mount -t tmpfs none /run/netns; ip link add br0 type bridge; ip addr add 10.9.0.1/24 dev br0; ip link set br0 up\n");
            for (var host = 2; host < Hosts + 2; host++)
                network.AppendLine(CultureInfo.InvariantCulture,
                    $"ip netns add h{host}; ip link add v{host} master br0 type veth peer name eth0 netns h{host}; ip link set v{host} up; ip -n h{host} addr add 10.9.0.{host}/24 dev eth0; ip -n h{host} link set eth0 up; ip -n h{host} link set lo up");
            await Command.RunAsync("sh", "-c", network.ToString());
            var servers = Enumerable.Range(2, Hosts).Select(host => Start(host, program, "serve", "--address", $"10.9.0.{host}", "--token-file", token, "--behind-tls-proxy")).ToList();
            foreach (var one in servers)
            {
                var line = await one.StandardOutput.ReadLineAsync();
                Assert.True(line?.StartsWith("http", StringComparison.Ordinal) == true, line ?? await one.StandardError.ReadToEndAsync());
            }
            var targets = string.Join(',', Enumerable.Range(2, Hosts).Select(static host => $"'10.9.0.{host}:9876'"));
            using var prometheus = await PrometheusOfTest.StartAsync($$"""
                global: {scrape_interval: 5s, scrape_timeout: 5s}
                scrape_configs:
                  - job_name: bindwise
                    authorization: {credentials_file: {{token}}}
                    static_configs: [{targets: [{{targets}}]}]
                """, null);
            await using var server = await ServerOfTest.StartAsync(static settings => settings with { Prometheus = new Uri(PrometheusOfTest.Address) });
            _ = await UntilAsync(server, "api/v1/fleet", static fleet => fleet.GetProperty("hosts").EnumerateArray().Count(static one => one.GetProperty("up").GetBoolean()) == Hosts);

            using var holder = Start(7, "python3", "-c", "import socket, sys; s = socket.create_server(('', 8080)); print(1, flush=True); sys.stdin.read()");
            await holder.StandardOutput.ReadLineAsync();
            using (var second = Start(7, "python3", "-c", "import socket; socket.create_server(('', 8080))"))
                await second.WaitForExitAsync();
            var port = await UntilAsync(server, "api/v1/fleet/ports/8080", static one => one.GetProperty("holders").GetArrayLength() > 0);
            Assert.Equal("""[{"instance":"10.9.0.7:9876","address":"0.0.0.0","program":"python3"}]""", port.GetProperty("holders").GetRawText());
            // On a busy machine a host's answers come late, and it is not among them for a moment.
            _ = await UntilAsync(server, "api/v1/fleet", static fleet => fleet.GetProperty("hosts").EnumerateArray()
                .Any(static one => one.GetProperty("instance").GetString() == "10.9.0.7:9876" && one.GetProperty("bindFailures").GetRawText()
                    .Contains("""{"cause":"listener","program":"python3","count":1}""", StringComparison.Ordinal))
                && fleet.GetProperty("changes").GetRawText().Contains("""{"instance":"10.9.0.7:9876","port":8080,"program":"python3","change":"appeared"}""", StringComparison.Ordinal));

            servers[3].Kill();
            _ = await UntilAsync(server, "api/v1/fleet", static fleet => fleet.GetProperty("hosts").EnumerateArray()
                .Count(static one => !one.GetProperty("up").GetBoolean() && one.GetProperty("instance").GetString() == "10.9.0.5:9876") == 1);
            prometheus.Kill();
            Assert.Equal(502, (await server.AskInTimeAsync("api/v1/fleet")).Status);
            foreach (var one in servers)
            {
                one.Kill();
                one.Dispose();
            }
        }, ProgramUnderTest.Path);

    // One sample a minute: web1 loses ports since six hours, web2's server began anew an hour ago, web3 is silent, and so is
    // web4, which is alone in its job and began within the day.
    private static string Day(long now)
    {
        var text = new StringBuilder();
        Family("bindwise_ephemeral_ports", "gauge", [("web1", "", static _ => 8000), ("web2", "", static _ => 8000), ("web3", "", static age => age > 7200 ? 8000 : null),
            ("web4", "", static age => age is > 7200 and < 80000 ? 8000 : null)]);
        Family("bindwise_ephemeral_ports_used", "gauge",
        [
            ("web1", ",destination=\"10.0.0.5:5432\"", static age => age > 21600 ? 0 : (21600 - age) / 6), ("web1", ",destination=\"10.0.0.6:1\"", static _ => 100),
            ("web1", ",destination=\"(other)\"", static _ => 7000), ("web2", ",destination=\"10.0.0.5:5432\"", static age => 500 + (age / 60)),
        ]);
        Family("bindwise_listener_sockets", "gauge",
        [
            ("web1", ",address=\"0.0.0.0\",port=\"80\",program=\"nginx\"", static age => age > 3600 ? 1 : null),
            ("web1", ",address=\"0.0.0.0\",port=\"8080\",program=\"java\"", static age => age > 7200 ? null : 1),
            ("web2", ",address=\"::\",port=\"22\",program=\"sshd\"", static age => age > 7200 ? null : 1),
            ("web2", ",address=\"(other)\",port=\"(other)\",program=\"(other)\"", static _ => 3),
            ("web3", ",address=\"::\",port=\"22\",program=\"sshd\"", static age => age > 7200 ? 1 : null),
        ]);
        Family("bindwise_sockets", "gauge", [("web1", ",protocol=\"tcp\",state=\"LISTEN\"", static _ => 1), ("web2", ",protocol=\"tcp\",state=\"LISTEN\"", static _ => 4)]);
        Family("bindwise_bind_failures", "counter",
        [
            ("web1", ",cause=\"listener\",program=\"nginx\"", static age => age > 40000 ? 5 : 12), ("web1", ",cause=\"time-wait\",program=\"java\"", static age => age > 600 ? null : 2),
            ("web2", ",cause=\"listener\",program=\"go\"", static age => age > 40000 ? 1 : age > 3600 ? 6 : 4),
            ("web2", ",cause=\"listener\",program=\"ruby\"", static age => age > 30000 ? null : age > 3600 ? 5 : age > 1800 ? null : 2),
            ("web2", ",cause=\"listener\",program=\"php\"", static age => age is > 30000 or < 3600 ? null : 3),
            ("web3", ",cause=\"listener\",program=\"sshd\"", static age => age > 40000 ? 4 : age > 7200 ? 10 : null),
            ("web4", ",cause=\"listener\",program=\"perl\"", static age => age is > 7200 and < 80000 ? 8 : null),
        ]);
        Family("process_cpu_seconds", "counter", [("web1", "", static age => 100_000 - age), ("web2", "", static age => age > 3600 ? 200_000 - age : 4000 - age)]);
        Family("up", "gauge", [("web1", "", static _ => 1), ("web2", "", static _ => 1), ("web3", "", static age => age > 7200 ? 1 : 0), ("web4", "", static age => age > 7200 ? 1 : 0)]);
        return text.Append("# EOF\n").ToString();

        void Family(string name, string kind, (string Host, string Labels, Func<long, double?> At)[] series)
        {
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {kind}\n");
            foreach (var (host, labels, at) in series)
            {
                for (var age = 25L * 3600; age > -600; age -= 60)
                {
                    if (at(Math.Max(age, 0)) is { } value)
                        text.Append(CultureInfo.InvariantCulture, $"{name}{(kind == "counter" ? "_total" : "")}{{job=\"{(host == "web4" ? "c" : "b")}\",instance=\"{host}:9876\"{labels}}} {value} {now - age}\n");
                }
            }
        }
    }

    private static async Task<JsonElement> UntilAsync(ServerOfTest server, string path, Func<JsonElement, bool> holds)
    {
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(300))
        {
            var (status, body) = await server.AskAsync(path);
            if (status == 200 && holds(body))
                return body;
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(4), body.GetRawText());
        }
    }

    private static Process Start(int host, params string[] command) => Process.Start(new ProcessStartInfo("ip", ["netns", "exec", $"h{host}", .. command])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
