namespace Bindwise;

/// <summary>One socket of a listener, which owns it and closes it.</summary>
public sealed class BoundSocket
{
    internal BoundSocket(Socket socket, EndPoint localEndPoint, Transports transport, SocketSettings inEffect) =>
        (Socket, LocalEndPoint, Transport, InEffect) = (socket, localEndPoint, transport, inEffect);

    /// <summary>The socket: bound, and for TCP and UNIX also listening. The listener owns it.</summary>
    public Socket Socket { get; }

    /// <summary>Where it is bound, with its port.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>TCP (also for UNIX stream sockets) or UDP.</summary>
    public Transports Transport { get; }

    /// <summary>
    /// The options that the system has after bind(), read back from it. The backlog is the one you asked for: the system limits it to
    /// net.core.somaxconn.
    /// </summary>
    public SocketSettings InEffect { get; }
}
