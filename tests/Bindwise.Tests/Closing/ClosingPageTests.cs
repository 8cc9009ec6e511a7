using System.Text;
using IsolatedProcess;

namespace Bindwise.Tests.Closing;

/// <summary>The table of docs/closing.md is what the live kernel did.</summary>
[Trait("Lane", "second")]
public sealed class ClosingPageTests
{
    private const string Begin = "<!-- measured -->\n";
    private const string End = "<!-- end of what was measured -->\n";

    // Written anew by: BINDWISE_WRITE_PAGES=1 dotnet test tests/Bindwise.Tests --filter ClosingPageTests
    [IsolatedFact]
    public Task Page_TellsWhatTheKernelDid() => Body.RunAsync(static async () =>
    {
        var path = Repository.File("docs/closing.md");
        var page = await File.ReadAllTextAsync(path);
        var measured = await MeasureAsync(page);
        var (start, end) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        Assert.InRange(start, Begin.Length, end);
        if (Environment.GetEnvironmentVariable("BINDWISE_WRITE_PAGES") == "1")
            await File.WriteAllTextAsync(path, page = page[..start] + measured + page[end..]);
        Assert.Equal(page[start..page.IndexOf(End, StringComparison.Ordinal)], measured);
    });

    private static async Task<string> MeasureAsync(string page)
    {
        // Only what the page says ends with the timeout waits for it; the other limit ends what hangs.
        TimeSpan LimitOf(PeerPlay peer, string name)
        {
            var row = page.Split('\n').FirstOrDefault(line => line.StartsWith($"| {peer.Name} | {name} |", StringComparison.Ordinal));
            return TimeSpan.FromSeconds(row?.EndsWith("| with the timeout |", StringComparison.Ordinal) == true ? 2.5 : 240);
        }
        Func<PeerPlay, CloseStrategy>[] strategies =
        [
            peer => CloseStrategy.PeerFirst(LimitOf(peer, "PeerFirst")),
            peer => CloseStrategy.HalfClose(LimitOf(peer, "HalfClose")),
            static _ => CloseStrategy.Graceful,
            static _ => CloseStrategy.Abort,
        ];
        var table = new StringBuilder("| the peer | strategy | who keeps TIME_WAIT | the peer gets | returns |\n| --- | --- | --- | --- | --- |\n");
        var port = 8000;
        foreach (var peer in PeerPlay.All)
        {
            foreach (var make in strategies)
            {
                var strategy = make(peer);
                var outcome = await peer.PlayAsync(strategy, ++port);
                var name = strategy.ToString().Split(' ')[0];
                table.Append($"| {peer.Name} | {name} | {outcome.KeptBy} | {outcome.PeerGets} | {outcome.Returns} |\n");
                // Only what the peer sends after a close() that was clean can make the report's word void.
                if (peer != PeerPlay.All[^1] || outcome.Report.Ending == CloseEnding.Reset)
                    Assert.True(outcome.Report.KeepsTimeWait == outcome.KeptBy.StartsWith("this side", StringComparison.Ordinal), $"{peer.Name}, {name}: {outcome}");
            }
        }
        return table.ToString();
    }
}
