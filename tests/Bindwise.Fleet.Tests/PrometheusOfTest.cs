using System.Diagnostics;

namespace Bindwise.Fleet.Tests;

/// <summary>A Prometheus at 127.0.0.1:9090, in the body's namespaces.</summary>
internal sealed class PrometheusOfTest : IDisposable
{
    public const string Address = "http://127.0.0.1:9090";

    private readonly Process _process;

    private PrometheusOfTest(Process process) => _process = process;

    /// <summary>Starts one, and waits until it answers.</summary>
    /// <param name="settings">Its configuration.</param>
    /// <param name="samples">What it has from before, as OpenMetrics with times; null for nothing.</param>
    /// <param name="folder">Where its configuration is to stand; null for a folder of its own.</param>
    public static async Task<PrometheusOfTest> StartAsync(string settings, string? samples = null, string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("prometheus-").FullName;
        var data = Path.Combine(folder, "data");
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), settings);
        if (samples is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "samples.txt"), samples);
            await Command.RunAsync("promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", Path.Combine(folder, "samples.txt"), data);
        }
        var process = Process.Start("prometheus",
            [$"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={data}", "--web.listen-address=127.0.0.1:9090", "--log.level=error"]);
        return await ReadyAsync(process, "/-/ready");
    }

    /// <summary>Starts VictoriaMetrics there, which speaks Prometheus' HTTP API.</summary>
    /// <param name="samples">What it has from before, as OpenMetrics with times.</param>
    public static async Task<PrometheusOfTest> StartVictoriaMetricsAsync(string samples)
    {
        var folder = Directory.CreateTempSubdirectory("victoria-").FullName;
        // It answers for half a minute ago, unless it is told.
        var process = Process.Start("victoria-metrics",
            [$"-storageDataPath={folder}", "-httpListenAddr=127.0.0.1:9090", "-search.latencyOffset=0s", "-loggerLevel=ERROR"]);
        var started = await ReadyAsync(process, "/health");
        using var http = new HttpClient();
        // Its times are in milliseconds.
        using var body = new StringContent(string.Join('\n', samples.Split('\n').Select(static line => line is [] or ['#', ..] ? "" : line + "000")));
        using var imported = await http.PostAsync(new Uri(Address + "/api/v1/import/prometheus"), body);
        using var flushed = await http.GetAsync(new Uri(Address + "/internal/force_flush"));
        Assert.True(imported.IsSuccessStatusCode && flushed.IsSuccessStatusCode, $"{imported} {flushed}");
        return started;
    }

    /// <summary>Ends it, and waits for that: until then its port takes connections that nobody answers.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose() => _process.Dispose();

    private static async Task<PrometheusOfTest> ReadyAsync(Process process, string path)
    {
        using var http = new HttpClient();
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            try
            {
                if ((await http.GetAsync(Address + path)).IsSuccessStatusCode)
                    return new PrometheusOfTest(process);
            }
            catch (HttpRequestException) when (began.Elapsed < TimeSpan.FromMinutes(4))
            {
                Assert.False(process.HasExited);
            }
        }
    }
}

/// <summary>Programs that a test runs to their end.</summary>
internal static class Command
{
    /// <summary>Runs one, which must succeed, and gives what it printed.</summary>
    public static async Task<string> RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await errors);
        return output;
    }
}
