using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bindwise.Outgoing.Benchmarks;

/// <summary>Listeners that accept nothing: their connections wait in the kernel, complete, and take no descriptor.</summary>
internal sealed class Servers : IDisposable
{
    public const int FirstPort = 9001;

    /// <summary>The last of them is for the timed connects.</summary>
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
            _ = DropAsync(await socket.AcceptAsync(_end.Token));
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

/// <summary>What could be open at once, in how many seconds, and how much less memory the machine then had available.</summary>
internal readonly record struct Held(int Count, double Seconds, long MiB);

/// <summary>Holds connections from one address, in as many processes as their limit of descriptors takes.</summary>
internal static class Holder
{
    public static readonly IPAddress Source = IPAddress.Parse("127.0.0.2");

    /// <summary>How many can be open at once.</summary>
    public static async Task<Held> CountAsync(string way, int count, int destinations)
    {
        const int Share = 16_000;
        var holders = new List<Process>();
        var open = 0;
        var before = AvailableMiB();
        var watch = Stopwatch.StartNew();
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
                var line = await holder.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{way}: a process that holds connections ended after {open} of them");
                var got = int.Parse(line, CultureInfo.InvariantCulture);
                open += got;
                if (got < Math.Min(Share, count - first))
                    break;
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{way}: {open} after {watch.Elapsed.TotalSeconds:0.0} s"));
            }
            return new Held(open, watch.Elapsed.TotalSeconds, before - AvailableMiB());
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

    private static long AvailableMiB() =>
        long.Parse(File.ReadLines("/proc/meminfo").Single(static line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

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
                open.Add(way == "connector" ? await connector.ConnectAsync(remote) : await BoundAsync(remote, way == "late"));
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

    /// <summary>.NET's own socket from the source; late: with IP_BIND_ADDRESS_NO_PORT (ip(7)), and nothing else.</summary>
    public static async ValueTask<Socket> BoundAsync(IPEndPoint remote, bool late)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (late)
                socket.SetRawSocketOption(0, 24, BitConverter.GetBytes(1));
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
