using System.Diagnostics;
using System.Text.Json;
using Bindwise.Linux.Deadlines;
using IsolatedProcess;

namespace Bindwise.Tests.Asking;

/// <summary>A holder that is stuck in the kernel, whose /proc files never answer: every question ends, says what was left out, and loses no further thread.</summary>
[Trait("Lane", "second")]
public sealed class StuckProcessTests
{
    [IsolatedFact("python3")]
    public Task Questions_AboutAStuckHolder_End() => Body.RunAsync(
        static async script =>
        {
            using var holder = Process.Start(new ProcessStartInfo("python3", [script, "0", "1", "tcp", "0.0.0.0", "8080", "listen"]) { RedirectStandardOutput = true })!;
            using var ready = JsonDocument.Parse((await holder.StandardOutput.ReadLineAsync())!);
            var stuck = ready.RootElement.GetProperty("stuck")[0].GetInt32();
            var limit = Assert.Single(PortDiagnostics.Diagnose(PortQuery.Of(8080)).Limits, static one => one.Id == "processes-stuck");
            Assert.Contains($"{stuck}", limit.Text, StringComparison.Ordinal);
            _ = PortDiagnostics.List();
            // As long as it is stuck so are the threads that met it, one for each kind of file; it is not read again. What is merely slow, on a busy
            // machine, has a thread that ends.
            var kinds = OperatingSystem.IsLinux() ? Enum.GetValues<ForeignKind>().Length : 0;
            for (var again = 0; again < 2 * kinds; again++)
            {
                _ = PortDiagnostics.Diagnose(PortQuery.Of(8080));
                _ = PortDiagnostics.List();
            }
            await UntilAsync(() => Threads() <= kinds);
            var threads = Threads();
            Assert.InRange(threads, 1, kinds);
            // Its file system answers no more questions, and none waits: the stuck one ends, and so does the thread.
            Kill(ready.RootElement.GetProperty("server").GetInt32());
            await UntilAsync(() => Threads() < threads);
            Assert.InRange(Threads(), 0, threads - 1);
            holder.Kill();
        },
        Repository.File("tests/Bindwise.Kernel.Tests/Scripts/stick.py"));

    // Of the bounded runs alone: the pool's come and go.
    private static int Threads() => Directory.GetDirectories("/proc/self/task").Count(static task => NameOf(task).StartsWith(BoundedRun.ThreadName, StringComparison.Ordinal));

    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm"));
        }
        catch (IOException)
        {
            // It has ended since.
            return "";
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var watch = Stopwatch.StartNew(); !isSo() && watch.Elapsed < TimeSpan.FromSeconds(240);)
            await Task.Delay(20);
    }

    private static void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
    }
}
