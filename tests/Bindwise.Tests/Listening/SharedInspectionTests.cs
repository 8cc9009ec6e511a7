using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>Many failures at the same time: the same question is asked once for all of them.</summary>
[Trait("Lane", "second")]
public sealed class SharedInspectionTests
{
    private static readonly ListenRequest Taken = ListenRequest.On(IPAddress.Loopback, 8080);

    [IsolatedFact]
    public Task ManyFailuresAtOnce_ShareTheirDiagnoses() => Body.RunAsync(static async () =>
    {
        using var holder = Listener.Bind(Taken);
        var failures = await Task.WhenAll(Enumerable.Range(0, 1000).Select(static _ => Task.Run(static async () =>
            await Assert.ThrowsAsync<BindException>(static async () => await Listener.BindAsync(Taken)))));
        Assert.All(failures, static one => Assert.Equal(Cause.Listener, one.Diagnosis!.Cause));
        Assert.InRange(failures.Select(static one => one.Diagnosis).Distinct(ReferenceEqualityComparer.Instance).Count(), 1, 200);
    });

    [IsolatedFact]
    public Task BlockingFailuresAtOnce_AllEnd() => Body.RunAsync(static async () =>
    {
        using var holder = Listener.Bind(Taken);
        var failures = await Task.WhenAll(Enumerable.Range(0, 50).Select(static _ => Task.Factory.StartNew(
            static () => Assert.Throws<BindException>(static () => Listener.Bind(Taken)), TaskCreationOptions.LongRunning)));
        Assert.All(failures, static one => Assert.Equal(Cause.Listener, one.Diagnosis!.Cause));
    });

    [IsolatedFact]
    public Task LookAfterAnother_SeesWhatIsThereThen() => Body.RunAsync(static async () =>
    {
        using (Listener.Bind(Taken))
            await Assert.ThrowsAsync<BindException>(static async () => await Listener.BindAsync(Taken));
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        var strict = Taken with { Settings = SocketSettings.Default with { ReuseAddress = false } };
        var refused = await Assert.ThrowsAsync<BindException>(async () => await Listener.BindAsync(strict));
        Assert.NotEqual(Cause.Listener, refused.Diagnosis!.Cause);
    });

    [IsolatedFact]
    public Task ACancelledOne_LeavesTheOthersTheirAnswer() => Body.RunAsync(static async () =>
    {
        using var holder = Listener.Bind(Taken);
        using var cancel = new CancellationTokenSource();
        var given = Enumerable.Range(0, 20).Select(_ => Listener.BindAsync(Taken, cancel.Token).AsTask()).ToList();
        var kept = Enumerable.Range(0, 20).Select(static _ => Listener.BindAsync(Taken).AsTask()).ToList();
        await cancel.CancelAsync();
        foreach (var one in kept)
            Assert.NotNull((await Assert.ThrowsAsync<BindException>(() => one)).Diagnosis);
        foreach (var one in given)
            Assert.True(await Record.ExceptionAsync(() => one) is OperationCanceledException or BindException);
    });

    [IsolatedFact]
    public Task Retry_WithoutLimit_EndsWithTheObstacle() => Body.RunAsync(static async () =>
    {
        var holder = Listener.Bind(Taken);
        var seen = new List<TimeSpan>();
        var policy = BindRetryOptions.For(Timeout.InfiniteTimeSpan, BindRetryReasons.OtherListeners) with
        {
            OnRetry = wait =>
            {
                seen.Add(wait.Remaining);
                holder.Dispose();
            },
        };
        using var listener = await Listener.BindAsync(Taken with { Retry = policy });
        Assert.Equal([Timeout.InfiniteTimeSpan], seen.Distinct());
        Assert.InRange(listener.Attempts, 2, 10);
    });
}
