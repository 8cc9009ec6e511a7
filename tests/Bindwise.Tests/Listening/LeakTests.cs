using System.Net;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>Whatever happens, no descriptor stays open.</summary>
[Trait("Lane", "second")]
public sealed class LeakTests
{
    [IsolatedFact]
    public Task ThousandParallelBindsAndCancellations_LeakNoDescriptor() => Body.RunAsync(static async () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        await RunAsync(20);
        var before = KernelOption.OpenSockets();
        var (bound, failed, canceled) = await RunAsync(1000);
        // A cancelled bind leaves its look to its end, before the first count as well as before the second.
        int open;
        for (var tries = 0; (open = KernelOption.OpenSockets()) > before && tries < 12_000; tries++)
            await Task.Delay(20);
        Assert.InRange(open, 1, before);
        Assert.Equal(1000, bound + failed + canceled);
        Assert.True(bound >= 300 && failed >= 50 && canceled >= 50, $"{bound} bound, {failed} failed, {canceled} canceled");
    });

    private static async Task<(int Bound, int Failed, int Canceled)> RunAsync(int count)
    {
        var (bound, failed, canceled) = (0, 0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (turn, _) =>
        {
            var request = (turn % 5) switch
            {
                0 => ListenRequest.OnLocalhost(PortPolicy.SystemChoice) with { Transports = Transports.TcpAndUdp },
                1 => ListenRequest.OnUnixSocket($"@bindwise-{turn}"),
                2 => ListenRequest.OnAny(0),
                3 => ListenRequest.On(IPAddress.Loopback, 8080) with { ExplainFailures = turn % 25 == 3 },
                _ => ListenRequest.On(IPAddress.Loopback, 8080) with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(100), BindRetryReasons.All) },
            };
            using var cancellation = new CancellationTokenSource();
            if (turn % 5 == 4)
                cancellation.CancelAfter(turn % 20);
            try
            {
                await using var listener = await Listener.BindAsync(request, cancellation.Token);
                Interlocked.Increment(ref bound);
            }
            catch (BindException)
            {
                Interlocked.Increment(ref failed);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref canceled);
            }
        });
        return (bound, failed, canceled);
    }
}
