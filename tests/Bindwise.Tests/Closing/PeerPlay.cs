using System.Net.Sockets;

namespace Bindwise.Tests.Closing;

/// <summary>
/// What a peer does while its server closes the connection, and what came of it. The peer is under way by then; the task that it is given tells that the
/// close has begun.
/// </summary>
internal sealed record PeerPlay(string Name, Func<Pair, Task> Before, Func<Pair, Task, Task<string>> Meanwhile)
{
    private const int AnswerBytes = 8;

    /// <summary>The peers of the page, in its order.</summary>
    public static IReadOnlyList<PeerPlay> All { get; } =
    [
        new("has read the answer and closed", static async pair => await ReadAnswerAndCloseAsync(pair), static (_, _) => Task.FromResult("the answer")),
        new("reads the answer and closes a little later", static _ => Task.CompletedTask, static async (pair, begun) =>
        {
            await begun;
            await Task.Delay(100);
            return await ReadAnswerAndCloseAsync(pair);
        }),
        new("waits for our FIN and closes", static _ => Task.CompletedTask, static (pair, _) => ReadAndCloseAsync(pair)),
        new("has sent what we did not read, waits for our FIN and closes", static async pair => await pair.Client.SendAsync(new byte[1000]), static (pair, _) => ReadAndCloseAsync(pair)),
        new("reads our FIN and never closes", static _ => Task.CompletedTask, static async (pair, _) => Reported(await Pair.ReadToEndAsync(pair.Client))),
        new("sends on and on", static async pair => await pair.Client.SendAsync(new byte[1000]), static (pair, _) => FloodAsync(pair)),
    ];

    /// <summary>Plays it against a strategy on a connection of its own.</summary>
    public async Task<Outcome> PlayAsync(CloseStrategy strategy, int port)
    {
        using var pair = await Pair.OpenAsync(port);
        await pair.Server.SendAsync(new byte[AnswerBytes]);
        await Before(pair);
        await pair.SettledAsync();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var meanwhile = Meanwhile(pair, begun.Task);
        var closing = pair.Server.CloseAsync(strategy);
        var isAtOnce = closing.IsCompleted;
        begun.SetResult();
        var report = await closing;
        var got = await meanwhile;
        var kept = KeptBy(await pair.SettledAsync());
        var returned = report.TimedOut ? "with the timeout" : strategy.Timeout is not null ? "with the peer's FIN" : isAtOnce ? "at once" : "late";
        return new Outcome(strategy, report, kept, got, returned);
    }

    private static async Task<string> ReadAnswerAndCloseAsync(Pair pair)
    {
        // An aborted connection may have nothing to read any more.
        var told = "nothing";
        try
        {
            if (await pair.Client.ReceiveAsync(new byte[AnswerBytes]) == AnswerBytes)
                told = "the answer";
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            told = "reset";
        }
        pair.Client.Dispose();
        return told;
    }

    private static async Task<string> ReadAndCloseAsync(Pair pair)
    {
        var told = Reported(await Pair.ReadToEndAsync(pair.Client));
        pair.Client.Dispose();
        return told;
    }

    private static async Task<string> FloodAsync(Pair pair)
    {
        var reading = Pair.ReadToEndAsync(pair.Client);
        var block = new byte[16 * 1024];
        var isReset = false;
        while (!isReset)
        {
            try
            {
                await pair.Client.SendAsync(block);
            }
            catch (SocketException)
            {
                isReset = true;
            }
        }
        // Of the two calls under way one is told of the reset.
        return Reported((await reading).Bytes, "reset");
    }

    private static string Reported((long Bytes, string End) read) => Reported(read.Bytes, read.End == "ConnectionReset" ? "reset" : read.End);

    private static string Reported(long bytes, string end) => (bytes == AnswerBytes ? "the answer, " : bytes == 0 ? "" : "a part of it, ") + end;

    private static string KeptBy((TcpSocketState? Server, TcpSocketState? Client) states) => states switch
    {
        (null, null) => "neither",
        (TcpSocketState.TimeWait, null) => "this side",
        (null, TcpSocketState.TimeWait) => "the peer",
        (TcpSocketState.TimeWait, TcpSocketState.TimeWait) => "both",
        (TcpSocketState.FinWait2, TcpSocketState.CloseWait) => "this side, in FIN_WAIT2",
        var (server, client) => $"{server} here, {client} there",
    };

    /// <summary>A row of the table.</summary>
    internal sealed record Outcome(CloseStrategy Strategy, CloseReport Report, string KeptBy, string PeerGets, string Returns);
}
