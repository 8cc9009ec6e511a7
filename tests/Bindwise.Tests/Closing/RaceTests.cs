using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Closing;

/// <summary>Closes that are cancelled, pulled away and answered at the same instant.</summary>
[Trait("Seed", "any")]
[Trait("Lane", "second")]
public sealed class RaceTests
{
    private const int Connections = 1000;

    [IsolatedFact]
    public Task CloseAsync_1000AtOnceWithEverythingAgainstThem_EndsEachAndLeaksNothing() => Body.RunAsync(static async () =>
    {
        var chance = new Random((int)Seed.Number);
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start(Connections);
        var before = OpenDescriptors.Read();
        var running = new List<Task<string>>();
        var servers = new List<Socket>();
        for (var number = 0; number < Connections; number++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(listener.LocalEndpoint);
            var server = await listener.AcceptSocketAsync();
            servers.Add(server);
            var limit = TimeSpan.FromMilliseconds(chance.Next(1, 400));
            CloseStrategy[] strategies = [CloseStrategy.PeerFirst(limit), CloseStrategy.HalfClose(limit), CloseStrategy.Graceful, CloseStrategy.Abort];
            running.Add(PlayAsync(server, client, strategies[chance.Next(strategies.Length)], chance.Next(6), chance.Next(30)));
        }
        var ends = await Task.WhenAll(running).WaitAsync(TimeSpan.FromMinutes(4));
        Assert.All(ends, end => Assert.True(end is "closed" or "cancelled" or "disposed", $"seed {Seed.Number}: {end}"));
        Assert.Equal(["cancelled", "closed", "disposed"], ends.Distinct().Order(StringComparer.Ordinal));
        Assert.All(servers, static server => Assert.Throws<ObjectDisposedException>(() => server.Available));
        await OpenDescriptors.AssertNoMoreThanAsync(before);
    });

    private static async Task<string> PlayAsync(Socket server, Socket client, CloseStrategy strategy, int trouble, int delay)
    {
        using var end = new CancellationTokenSource();
        var troubling = Task.Run(async () =>
        {
            await Task.Delay(delay);
            switch (trouble)
            {
                case 0:
                    await end.CancelAsync();
                    break;
                case 1:
                    client.Dispose();
                    break;
                case 2:
                    client.LingerState = new LingerOption(true, 0);
                    client.Dispose();
                    break;
                case 3:
                    server.Dispose();
                    break;
                case 4:
                    await ((Task)client.SendAsync(new byte[100_000])).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                default:
                    break;
            }
        });
        try
        {
            await Task.Run(() => server.CloseAsync(strategy, end.Token));
            return "closed";
        }
        catch (OperationCanceledException)
        {
            return "cancelled";
        }
        catch (ObjectDisposedException)
        {
            return "disposed";
        }
        finally
        {
            await troubling;
            client.Dispose();
        }
    }
}
