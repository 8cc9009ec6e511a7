using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bindwise.Outgoing.Benchmarks;

/// <summary>Listeners that accept nothing: their connections wait in the kernel, complete, and take no descriptor.</summary>
internal sealed class Servers : IDisposable
{
    public const int FirstPort = 9001;

    private readonly List<Socket> _all = [];
    private readonly CancellationTokenSource _end = new();

    public Servers(int destinations)
    {
        for (var index = 0; index <= destinations; index++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, FirstPort + index));
            socket.Listen(65535);
            _all.Add(socket);
        }
        // The last one is for the timed connects.
        _ = DrainAsync(_all[^1]);
    }

    public void Dispose()
    {
        _end.Cancel();
        _all.ForEach(static one => one.Dispose());
        _end.Dispose();
    }

    private async Task DrainAsync(Socket socket)
    {
        while (!_end.IsCancellationRequested)
        {
            var connection = await socket.AcceptAsync(_end.Token);
            _ = DropAsync(connection);
        }
    }

    private static async Task DropAsync(Socket connection)
    {
        using (connection)
        {
            try
            {
                _ = await connection.ReceiveAsync(new byte[1]);
            }
            catch (SocketException)
            {
                // The client resets it: nothing is left in TIME_WAIT.
                return;
            }
        }
    }
}

/// <summary>Holds connections from one address, in as many processes as their limit of descriptors takes.</summary>
internal static class Holder
{
    private static readonly IPAddress Source = IPAddress.Parse("127.0.0.2");

    /// <summary>How many can be open at once.</summary>
    public static async Task<int> CountAsync(string way, int count, int destinations)
    {
        const int Share = 16_000;
        var holders = new List<Process>();
        var open = 0;
        try
        {
            for (var first = 0; first < count; first += Share)
            {
                var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(Holder).Assembly.Location, "hold", way, Text(Math.Min(Share, count - first)), Text(first), Text(destinations)])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                };
                var holder = Process.Start(start)!;
                holders.Add(holder);
                var got = int.Parse((await holder.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
                open += got;
                if (got < Math.Min(Share, count - first))
                    break;
            }
            return open;
        }
        finally
        {
            foreach (var holder in holders)
            {
                holder.StandardInput.Close();
                await holder.WaitForExitAsync();
                holder.Dispose();
            }
        }

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>One such process: says how many it got, and holds them until its input ends.</summary>
    public static async Task<int> RunAsync(string way, int count, int first, int destinations)
    {
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source], ExplainFailures = false });
        var open = new List<Socket>(count);
        try
        {
            for (var index = 0; index < count; index++)
            {
                var remote = new IPEndPoint(IPAddress.Loopback, Servers.FirstPort + ((first + index) % destinations));
                open.Add(way == "connector" ? await connector.ConnectAsync(remote) : await BoundAsync(remote));
            }
        }
        catch (SocketException exception)
        {
            await Console.Error.WriteLineAsync($"{way}: {exception.Message}");
        }
        Console.WriteLine(open.Count);
        _ = await Console.In.ReadLineAsync();
        foreach (var one in open)
        {
            one.LingerState = new LingerOption(true, 0);
            one.Dispose();
        }
        return 0;
    }

    private static async Task<Socket> BoundAsync(IPEndPoint remote)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(Source, 0));
            await socket.ConnectAsync(remote);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
