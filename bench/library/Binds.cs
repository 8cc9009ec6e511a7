using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;

namespace Bindwise.Library.Benchmarks;

/// <summary>What is listened on.</summary>
public enum Place
{
    /// <summary>TCP on 127.0.0.1.</summary>
    Tcp,

    /// <summary>TCP on [::], dual-stack.</summary>
    Dual,

    /// <summary>UDP on 127.0.0.1.</summary>
    Udp,

    /// <summary>TCP on 127.0.0.1 and [::1].</summary>
    TwoAddresses,
}

/// <summary>A listener made and closed again: by .NET's sockets alone, and by the package, its request made anew each time.</summary>
public class Binds
{
    private const int Port = 8080;
    private const int Backlog = 512;

    /// <summary>What is listened on.</summary>
    [ParamsAllValues]
    public Place Place { get; set; }

    /// <summary>.NET alone.</summary>
    [Benchmark(Baseline = true)]
    public void Plain()
    {
        switch (Place)
        {
            case Place.Udp:
                using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
                    socket.Bind(new IPEndPoint(IPAddress.Loopback, Port));
                break;
            case Place.Dual:
                using (var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true })
                    Listen(socket, IPAddress.IPv6Any);
                break;
            case Place.TwoAddresses:
                using (var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
                using (var second = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp))
                {
                    Listen(first, IPAddress.Loopback);
                    Listen(second, IPAddress.IPv6Loopback);
                }
                break;
            default:
                using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
                    Listen(socket, IPAddress.Loopback);
                break;
        }
    }

    /// <summary>The package.</summary>
    [Benchmark]
    public void Package()
    {
        using var listener = Listener.Bind(Place switch
        {
            Place.Udp => ListenRequest.On(IPAddress.Loopback, Port) with { Transports = Transports.Udp },
            Place.Dual => ListenRequest.OnAny(Port),
            Place.TwoAddresses => new ListenRequest { Addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback], Port = PortPolicy.Exactly(Port) },
            _ => ListenRequest.On(IPAddress.Loopback, Port),
        });
    }

    private static void Listen(Socket socket, IPAddress address)
    {
        socket.Bind(new IPEndPoint(address, Port));
        socket.Listen(Backlog);
    }
}
