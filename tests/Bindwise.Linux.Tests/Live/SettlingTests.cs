using System.Diagnostics;
using Bindwise.Linux.Live;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Live;

/// <summary>A step's effect on the other end is there when it returns: on idle connections, at every address, again and again.</summary>
[Collection(AloneCollection.Name)]
public sealed class SettlingTests
{
    private const int Rounds = 50;

    /// <summary>
    /// A four-tuple that one side closed may be taken anew once the FIN was acknowledged (FIN_WAIT2, then with time stamps), and not before
    /// (FIN_WAIT1, EADDRNOTAVAIL): an idle peer that delayed the acknowledgement by 40 ms would show here.
    /// </summary>
    [KernelTheory]
    [InlineData("4", "127.0.0.1", "")]
    [InlineData("4", "127.9.8.7", "")]
    [InlineData("6", "::1", "")]
    [InlineData("6", "::ffff:127.0.0.1", "")]
    [InlineData("4", "192.0.2.1", "udp4 p device=v0;")]
    [InlineData("4", "198.51.100.1", "udp4 p device=v0;")]
    [InlineData("6", "2001:db8::1", "udp4 p device=v0;")]
    [InlineData("6", "2001:db8:1::1", "udp4 p device=v0;")]
    public void Fin_ToAnIdlePeer_IsAcknowledgedAtOnce(string family, string address, string pair) => PoolThread.Run(pool =>
    {
        for (var round = 0; round < Rounds; round++)
        {
            PoolThread.Check(pool, $"""
                {pair} tcp{family} a; bind a {address} {5000 + round}; listen a;
                tcp{family} c; set c SO_REUSEADDR 1; bind c {address} {6000 + round}; connect c {address} {5000 + round}; accept a s; close c;
                tcp{family} d; set d SO_REUSEADDR 1; bind d {address} {6000 + round}; connect d {address} {5000 + round}
                """.ReplaceLineEndings(" "));
        }
    });

    /// <summary>With every processor busy the kernel may leave packets to a thread of its own.</summary>
    [KernelFact]
    public void Steps_OnABusyMachine_GiveTheSameAnswers()
    {
        using var end = new CancellationTokenSource();
        var load = Enumerable.Range(0, Environment.ProcessorCount * 2).Select(_ => new Thread(() => PoolThread.Run(pool => Busy(pool, end.Token)))).ToArray();
        foreach (var thread in load)
            thread.Start();
        try
        {
            PoolThread.Run(static pool =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    PoolThread.Check(pool, $"""
                        tcp4 a; bind a 127.0.0.1 {5000 + round}; listen a; tcp4 c; connect c @a; accept a s; send c 1000; close s; send c 1 -> ECONNRESET;
                        tcp4 d; connect d @a; abort d; accept a t; receive t 1 -> ECONNRESET; accept a t -> EAGAIN; close a;
                        udp4 u; connect u 127.0.0.1 {5000 + round}; send u 1; send u 1 -> ECONNREFUSED
                        """.ReplaceLineEndings(" "));
                }
            });
        }
        finally
        {
            end.Cancel();
            foreach (var thread in load)
                thread.Join();
        }
    }

    [KernelTheory]
    [InlineData("tcp4 a; bind a 127.0.0.1 {0}; listen a; accept a s -> EAGAIN")]
    [InlineData("udp4 a; bind a 127.0.0.1 {0}; receive a 1 -> EAGAIN")]
    [InlineData("tcp4 a; bind a 127.0.0.1 {0}; listen a; tcp4 c; connect c @a; receive c 1 -> EAGAIN")]
    public void Waiting_ForWhatDoesNotCome_IsShort(string text) => PoolThread.Run(pool =>
    {
        // The machine may be busy in any round, which a wait that were long would be in each.
        var shortest = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            PoolThread.Check(pool, string.Format(null, text, 5000 + round));
            shortest = Stopwatch.GetElapsedTime(began) is var took && took < shortest ? took : shortest;
        }
        Assert.InRange(shortest.TotalSeconds, 0, 1);
    });

    private static void Busy(LivePool pool, CancellationToken end)
    {
        for (var round = 0; !end.IsCancellationRequested; round++)
            PoolThread.Check(pool, $"udp4 a; bind a 127.0.0.1 {1024 + (round % 8000)}; connect a @a; {string.Concat(Enumerable.Repeat("send a 30000; receive a 30000;", 20))}");
    }
}
