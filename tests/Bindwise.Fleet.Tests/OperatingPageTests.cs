using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Bindwise.Fleet.Tests;

/// <summary>What docs/operating.md says is typed, and does what it says: by its own commands, with its own configuration.</summary>
[Trait("Lane", "second")]
public partial class OperatingPageTests
{
    // The unit starts the program with the words of its file of options; that file is here in a folder of the test's.
    private const string Host = """
        ip address add 10.0.0.7/32 dev lo
        mkdir -p $FOLDER/default $FOLDER/prometheus
        cd $FOLDER/prometheus
        sudo() { "$@"; }
        systemctl() {
            . $FOLDER/default/bindwise-serve
            bindwise serve $BINDWISE_SERVE_OPTIONS > $FOLDER/address 2> $FOLDER/errors &
            until test -s $FOLDER/address; do kill -0 $! || cat $FOLDER/errors; sleep 0.1; done
            # The first look at the host may take a busy machine longer than a scrape waits for it.
            until curl -fso $FOLDER/first --cacert ca.crt -H "Authorization: Bearer $(cat token)" https://10.0.0.7:9876/metrics; do kill -0 $!; sleep 0.1; done
        }
        """;

    [IsolatedFact("prometheus", "promtool", "openssl", "curl")]
    public Task Fleet_SetUpByTheCommandsOfThePage_IsScrapedOverTls() =>
        Body.RunAsync(static async program =>
        {
            var folder = Directory.CreateTempSubdirectory("host-").FullName;
            var page = Repository.Read("docs/operating.md").Replace("/etc/", folder + "/", StringComparison.Ordinal);
            Environment.SetEnvironmentVariable("FOLDER", folder);
            Environment.SetEnvironmentVariable("PATH", $"{Path.GetDirectoryName(program)}:{Environment.GetEnvironmentVariable("PATH")}");
            var blocks = Block().Matches(page).Select(static one => (Kind: one.Groups[1].Value, Text: one.Groups[2].Value)).ToList();
            var settings = blocks.Where(static one => one.Kind == "yaml").Select(static one => one.Text).ToList();
            string Commands(string with) => blocks.Single(one => one.Kind == "sh" && one.Text.Contains(with, StringComparison.Ordinal)).Text;

            var metrics = await Command.RunAsync("sh", "-ec", $"{Host}\n{Commands("openssl x509")}\n{Commands("install -m 600 token")}");
            Assert.Contains("bindwise_build_info", metrics, StringComparison.Ordinal);
            Assert.Equal("https://10.0.0.7:9876/\n", File.ReadAllText(folder + "/address"));

            await Command.RunAsync("sh", "-ec", $"cd $FOLDER/prometheus; cp token bindwise-token; cp ca.crt bindwise-ca.crt; cp {Repository.File("deploy")}/*.yml .");
            // Debian's Prometheus is built without the search for pods: all but that line.
            await File.WriteAllTextAsync(folder + "/prometheus/kubernetes.yml", string.Join('\n', settings[1].Split('\n').Where(static line => !line.Contains("kubernetes_sd_configs", StringComparison.Ordinal))));
            await Command.RunAsync("promtool", "check", "config", folder + "/prometheus/kubernetes.yml");
            using var prometheus = await PrometheusOfTest.StartAsync(settings[0].Replace("global:\n", "global:\n  scrape_interval: 5s\n  scrape_timeout: 5s\n", StringComparison.Ordinal),
                folder: folder + "/prometheus");
            await Command.RunAsync("promtool", "check", "config", folder + "/prometheus/prometheus.yml");

            var see = Commands("api/v1/fleet/ports").Split('\n', StringSplitOptions.RemoveEmptyEntries);
            using var server = Process.Start(new ProcessStartInfo("sh", ["-c", "exec " + see[0]]) { RedirectStandardOutput = true })!;
            Assert.Equal("http://127.0.0.1:9877/", await server.StandardOutput.ReadLineAsync());
            for (var began = Stopwatch.StartNew(); ; await Task.Delay(300))
            {
                var fleet = await Command.RunAsync("sh", "-ec", see[1]);
                if (fleet.Contains("\"instance\":\"10.0.0.7:9876\",\"up\":true", StringComparison.Ordinal))
                    break;
                Assert.True(began.Elapsed < TimeSpan.FromMinutes(4), fleet);
            }
            string holders;
            // It may take the server longer than it waits for Prometheus.
            do
                holders = await Command.RunAsync("sh", "-ec", see[2]);
            while (holders.Contains("#too-slow", StringComparison.Ordinal));
            Assert.Contains("\"holders\":[]", holders, StringComparison.Ordinal);
        }, ProgramUnderTest.Path);

    /// <summary>The rules record, and an alert comes with the page of its cause: by VictoriaMetrics' own program for rules, started as the page says.</summary>
    [IsolatedFact("victoria-metrics", "vmalert")]
    public Task Vmalert_StartedAsThePageSays_RecordsAndTellsWithThePageOfTheCause() =>
        Body.RunAsync(static async () =>
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            const string Failed = "bindwise_bind_failures_total{job=\"bindwise\",instance=\"web1:9876\",cause=\"time-wait\",program=\"java\"}";
            using var victoria = await PrometheusOfTest.StartVictoriaMetricsAsync(string.Join('\n', Enumerable.Range(-10, 60).Select(step => $"{Failed} {step + 20} {now + (30 * step)}")));
            using var receiver = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", port: 9093);
            var folder = Directory.CreateTempSubdirectory("vmalert-").FullName;
            foreach (var file in (string[])["bindwise-rules.yml", "bindwise-alerts.yml"])
                // A minute is the pause of people's rules.
                File.WriteAllText(Path.Combine(folder, file), Repository.Read("deploy/" + file).Replace("interval: 1m", "interval: 1s", StringComparison.Ordinal));
            var command = Block().Matches(Repository.Read("docs/operating.md")).Select(static one => one.Groups[2].Value)
                .Single(static one => one.StartsWith("vmalert ", StringComparison.Ordinal)).Trim().Replace("http://127.0.0.1:8428", PrometheusOfTest.Address, StringComparison.Ordinal);
            using var vmalert = Process.Start("sh", ["-c", $"cd {folder} && exec {command} -evaluationInterval=1s -loggerLevel=ERROR"]);

            const string Page = "\"runbook_url\":\"https://docs.example/bindwise/docs/causes/time-wait.md\"";
            using var http = new HttpClient();
            var query = new Uri(PrometheusOfTest.Address + "/api/v1/query?query=instance_cause_program:bindwise_bind_failures:increase10m");
            for (var began = Stopwatch.StartNew(); ; await Task.Delay(300))
            {
                var recorded = await http.GetStringAsync(query);
                if (recorded.Contains("\"program\":\"java\"", StringComparison.Ordinal) && receiver.Requests.Any(static one => one.Contains(Page, StringComparison.Ordinal)))
                    break;
                Assert.False(vmalert.HasExited);
                Assert.True(began.Elapsed < TimeSpan.FromMinutes(4), recorded + string.Join('\n', receiver.Requests));
            }
            vmalert.Kill();
            victoria.Kill();
        });

    [GeneratedRegex(@"^```(sh|yaml)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
