using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Closing;

/// <summary>Each strategy on the live kernel: the report against what the socket table shows.</summary>
[Trait("Lane", "second")]
public sealed class WhoKeepsTimeWaitTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    [IsolatedFact]
    public Task HalfClose_WithAPeerThatReads_LeavesTimeWaitHere() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        await pair.Server.SendAsync("goodbye"u8.ToArray());
        var closing = pair.Server.CloseAsync(CloseStrategy.HalfClose(TimeSpan.FromMinutes(4)));
        Assert.Equal((7, "FIN"), await Pair.ReadToEndAsync(pair.Client));
        Assert.False(closing.IsCompleted);
        pair.Client.Dispose();
        var report = await closing;
        Assert.Equal((CloseEnding.Finished, ClosedFirst.Local, true, false), (report.Ending, report.ClosedFirst, report.KeepsTimeWait, report.TimedOut));
        Assert.Equal((TcpSocketState.TimeWait, null), await pair.SettledAsync());
    });

    [IsolatedFact]
    public Task HalfClose_BehindThePeersFin_LeavesTimeWaitThere() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        pair.Client.Dispose();
        await pair.SettledAsync();
        var report = await pair.Server.CloseAsync(CloseStrategy.HalfClose());
        Assert.Equal((CloseEnding.Finished, ClosedFirst.Remote, false), (report.Ending, report.ClosedFirst, report.KeepsTimeWait));
        Assert.Equal((null, TcpSocketState.TimeWait), await pair.SettledAsync());
    });

    [IsolatedFact]
    public Task PeerFirst_WithAPeerThatCloses_LeavesTimeWaitThereAndDropsWhatCame() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        var closing = pair.Server.CloseAsync(CloseStrategy.PeerFirst(TimeSpan.FromMinutes(4)));
        await pair.Client.SendAsync(new byte[100_000]);
        pair.Client.Dispose();
        var report = await closing;
        Assert.Equal((CloseEnding.Finished, ClosedFirst.Remote, false, TcpSocketState.CloseWait), (report.Ending, report.ClosedFirst, report.KeepsTimeWait, report.StateBefore));
        Assert.Equal(100_000, report.BytesDropped);
        Assert.Equal((null, TcpSocketState.TimeWait), await pair.SettledAsync());
    });

    [IsolatedFact]
    public Task PeerFirst_WithASilentPeer_EndsWithTheLimitAndClosesFirst() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        var report = await pair.Server.CloseAsync(CloseStrategy.PeerFirst(Short));
        Assert.Equal((CloseEnding.LeftToKernel, ClosedFirst.Local, true, true), (report.Ending, report.ClosedFirst, report.KeepsTimeWait, report.TimedOut));
        Assert.InRange(report.Elapsed, Short - TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(240));
        Assert.Equal((TcpSocketState.FinWait2, TcpSocketState.CloseWait), await pair.SettledAsync());
        pair.Client.Dispose();
        Assert.Equal((TcpSocketState.TimeWait, null), await pair.SettledAsync());
    });

    [IsolatedFact]
    public Task Graceful_WithUnreadData_IsAReset() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        await pair.Client.SendAsync(new byte[10]);
        await pair.SettledAsync();
        var report = await pair.Server.CloseAsync(CloseStrategy.Graceful);
        Assert.Equal((CloseEnding.Reset, null, false, 10), (report.Ending, report.ClosedFirst, report.KeepsTimeWait, report.BytesUnread));
        Assert.Equal((0, "ConnectionReset"), await Pair.ReadToEndAsync(pair.Client));
        Assert.Equal((null, null), await pair.SettledAsync());
    });

    [IsolatedFact]
    public Task Abort_LeavesNothingOnEitherSide() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        var report = await pair.Server.CloseAsync(CloseStrategy.Abort);
        Assert.Equal((CloseEnding.Reset, null, false, TcpSocketState.Established), (report.Ending, report.ClosedFirst, report.KeepsTimeWait, report.StateBefore));
        Assert.Equal((0, "ConnectionReset"), await Pair.ReadToEndAsync(pair.Client));
        Assert.Equal((null, null), await pair.SettledAsync());
    });

    [IsolatedFact]
    public Task EachStrategy_OnAConnectionThatThePeerReset_TellsSo() => Body.RunAsync(static async () =>
    {
        CloseStrategy[] strategies = [CloseStrategy.PeerFirst(), CloseStrategy.HalfClose(), CloseStrategy.Graceful, CloseStrategy.Abort];
        foreach (var strategy in strategies)
        {
            using var pair = await Pair.OpenAsync();
            pair.Client.LingerState = new LingerOption(true, 0);
            pair.Client.Dispose();
            await pair.SettledAsync();
            var report = await pair.Server.CloseAsync(strategy);
            Assert.Equal((strategy, CloseEnding.ResetByPeer, null, false, SocketError.ConnectionReset), (report.Strategy, report.Ending, report.ClosedFirst, report.KeepsTimeWait, report.Error));
            Assert.Equal((null, null), await pair.SettledAsync());
        }
    });

    [IsolatedFact]
    public Task HalfClose_AfterBothFins_AsksTheTable() => Body.RunAsync(static async () =>
    {
        using var pair = await Pair.OpenAsync();
        pair.Server.Shutdown(SocketShutdown.Send);
        await Pair.ReadToEndAsync(pair.Client);
        pair.Client.Dispose();
        Assert.Equal((TcpSocketState.TimeWait, null), await pair.SettledAsync());
        var report = await pair.Server.CloseAsync(CloseStrategy.PeerFirst());
        Assert.Equal((CloseEnding.Finished, true, TcpSocketState.Close), (report.Ending, report.KeepsTimeWait, report.StateBefore));
    });
}
