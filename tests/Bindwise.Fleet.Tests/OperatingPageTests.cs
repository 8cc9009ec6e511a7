using System.Diagnostics;
using System.Text.RegularExpressions;
using Bindwise.Rendering.Tests;

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
        }
        """;

    [IsolatedFact("prometheus", "promtool", "openssl", "curl")]
    public Task Fleet_SetUpByTheCommandsOfThePage_IsScrapedOverTls() =>
        Body.RunAsync(static async program =>
        {
            var folder = Directory.CreateTempSubdirectory("host-").FullName;
            var page = File.ReadAllText(Repository.File("docs/operating.md")).Replace("/etc/", folder + "/", StringComparison.Ordinal);
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
            using var prometheus = await PrometheusOfTest.StartAsync(settings[0].Replace("global:\n", "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n", StringComparison.Ordinal),
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
                Assert.True(began.Elapsed < TimeSpan.FromMinutes(2), fleet);
            }
            Assert.Contains("\"holders\":[]", await Command.RunAsync("sh", "-ec", see[2]), StringComparison.Ordinal);
        }, ProgramUnderTest.Path);

    [GeneratedRegex(@"^```(sh|yaml)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
