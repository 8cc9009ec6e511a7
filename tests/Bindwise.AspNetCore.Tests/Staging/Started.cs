using System.Collections.Concurrent;
using System.Diagnostics;

namespace Bindwise.AspNetCore.Tests;

/// <summary>A process of this test, with what it prints. Only for use in a body that runs apart.</summary>
internal sealed class Started : IAsyncDisposable
{
    private const int LimitSeconds = 240;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private Started(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Lines => [.. _lines];

    public string Text => string.Join('\n', _lines);

    /// <summary>A program that lies beside the test assembly.</summary>
    public static Started Sample(string name, params string[] arguments) => Run("dotnet", ["exec", PathOf(name), .. arguments]);

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");

    public static Started Run(string program, string[] arguments, params (string Name, string? Value)[] variables) => RunIn(Path.GetTempPath(), program, arguments, variables);

    public static Started RunIn(string folder, string program, string[] arguments, params (string Name, string? Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return new Started(start);
    }

    /// <summary>Waits until it has printed that.</summary>
    public Task SaysAsync(string words, int times = 1, int seconds = LimitSeconds) => Eventually.SucceedsAsync(
        () =>
        {
            Assert.True(_lines.Count(line => line.Contains(words, StringComparison.Ordinal)) >= times, $"it has not said {times} times '{words}', but:\n{Text}");
            return Task.CompletedTask;
        },
        seconds);

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(LimitSeconds));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }
}
