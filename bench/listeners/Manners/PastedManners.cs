using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Bindwise.Listeners.Manners;

/// <summary>"In C#, how to check if a TCP port is available?": looks at the tables, and binds when the port is not in them.</summary>
internal sealed class CheckManner : IManner
{
    public Task<Listening> ListenAsync(Wanted wanted)
    {
        var system = IPGlobalProperties.GetIPGlobalProperties();
        var isTaken = system.GetActiveTcpListeners().Any(one => one.Port == wanted.Port)
            || system.GetActiveTcpConnections().Any(one => one.LocalEndPoint.Port == wanted.Port);
        return wanted.Port > 0 && isTaken ? throw new InvalidOperationException($"the check says that port {wanted.Port} is taken") : new PlainManner().ListenAsync(wanted);
    }
}

/// <summary>The other answer to the same question: connects, and binds when nobody answers.</summary>
internal sealed class ConnectCheckManner : IManner
{
    public Task<Listening> ListenAsync(Wanted wanted)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, wanted.Port);
        }
        catch (SocketException)
        {
            return new PlainManner().ListenAsync(wanted);
        }
        throw new InvalidOperationException($"the check says that port {wanted.Port} is taken");
    }
}

/// <summary>"Find a free port": binds port 0, closes it, and takes the number along to where it is needed.</summary>
internal sealed class FreePortManner : IManner
{
    public async Task<Listening> ListenAsync(Wanted wanted)
    {
        if (wanted.Port > 0 || wanted.UnixPath is not null)
            return await new PlainManner().ListenAsync(wanted);
        var port = FindFreePort();
        // What a program does between the two.
        await Task.Yield();
        return await new PlainManner().ListenAsync(wanted with { Port = port });
    }

    private static int FindFreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
#pragma warning disable BWC003 // What people paste is what is measured.
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
#pragma warning restore BWC003
        listener.Stop();
        return port;
    }
}

/// <summary>Catches whatever bind() says, sleeps, and tries again.</summary>
internal sealed class RetryManner : IManner
{
    private const int Tries = 5;

    public async Task<Listening> ListenAsync(Wanted wanted)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await new PlainManner().ListenAsync(wanted);
            }
            catch (SocketException) when (attempt < Tries)
            {
                await Task.Delay(500);
            }
        }
    }
}

/// <summary>Catches whatever bind() says, and tries the next number.</summary>
internal sealed class NextPortManner : IManner
{
    public async Task<Listening> ListenAsync(Wanted wanted)
    {
        for (var port = wanted.Port; ; port++)
        {
            try
            {
                return await new PlainManner().ListenAsync(wanted with { Port = port });
            }
            catch (SocketException) when (port < IPEndPoint.MaxPort)
            {
                // The next one.
                continue;
            }
        }
    }
}
