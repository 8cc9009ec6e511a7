using System.Diagnostics;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.Events;

[SupportedOSPlatform("linux")]
public sealed class LiveEventsTests
{
    [IsolatedFact]
    public Task Follow_OfAProgramThatFails_TellsWhoAndWhy() => Body.RunAsync(static async () =>
    {
        // This process has a PID namespace of its own. Whether the kernel lets the tap stand on its functions is not ours to say.
        Assert.Contains("outside this PID namespace", Assert.Single(PortEvents.FindLimits(),
            static limit => !limit.Contains("io_uring", StringComparison.Ordinal)), StringComparison.Ordinal);
        await using var listener = await Listener.BindAsync(ListenRequest.OnLocalhost(8080));
        using var stop = new CancellationTokenSource();
        var (text, before) = (new StringWriter(), Console.Out);
        var told = TextWriter.Synchronized(text);
        Console.SetOut(told);
        var following = FollowAsync(stop.Token);
        for (var watch = Stopwatch.StartNew(); !Reported().Contains("8080", StringComparison.Ordinal); await Task.Delay(100))
        {
            if (following.IsCompleted)
                await following;
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(4), Reported());
            using var failing = Process.Start("python3", ["-c", "import socket\ntry: socket.socket().bind(('127.0.0.1', 8080))\nexcept OSError: pass"]);
            await failing.WaitForExitAsync();
        }
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Console.SetOut(before);
        Assert.Contains("python3 127.0.0.1:8080 EADDRINUSE: 127.0.0.1:8080/tcp is taken (EADDRINUSE)", Reported(), StringComparison.Ordinal);

        string Reported()
        {
            // A writer that is synchronized locks itself.
            lock (told)
                return text.ToString();
        }
    });

    private static async Task FollowAsync(CancellationToken stopping)
    {
        await foreach (var happened in PortEvents.FollowAsync(new PortEventsOptions { FailuresOnly = true }, stopping))
            Console.WriteLine($"{happened.Program} {happened.Address} {happened.Result}: {happened.Summary}");
    }
}
