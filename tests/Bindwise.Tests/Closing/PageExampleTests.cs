using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Closing;

/// <summary>The examples of docs/closing.md, run.</summary>
public sealed class PageExampleTests
{
    [IsolatedFact]
    public Task Examples_OfClosing_Run() => Body.RunAsync(static async () =>
    {
        var stopping = CancellationToken.None;
        using var pair = await Pair.OpenAsync();
        var connection = pair.Server;
        pair.Client.Dispose();
        // Its FIN is here before the two seconds begin.
        await pair.SettledAsync();

        var report = await connection.CloseAsync(CloseStrategy.HalfClose(TimeSpan.FromSeconds(2)), stopping);
        if (report.TimedOut)
            Console.WriteLine($"the peer did not end: {report.BytesDropped} bytes dropped, closed in {report.StateBefore}");
        Assert.False(report.TimedOut);

        using var other = await Pair.OpenAsync(8081);
        List<Socket> open = [other.Server];
        other.Client.Dispose();
        await other.SettledAsync();
        var reports = await open.CloseAllAsync(CloseStrategy.HalfClose(), TimeSpan.FromSeconds(5));
        Console.WriteLine($"{reports.Count(report => report.Ending == CloseEnding.Finished)} of {reports.Length} ended in order");
        Assert.Equal(CloseEnding.Finished, reports[0].Ending);
    });
}
