using System.Net;
using System.Net.Sockets;

namespace Bindwise;

/// <summary>One socket of a listener.</summary>
/// <param name="Socket">The socket, bound; of TCP and UNIX also listening. The listener owns it.</param>
/// <param name="LocalEndPoint">Where it is bound, with the port that was taken.</param>
/// <param name="Transport">TCP (also for UNIX stream sockets) or UDP.</param>
/// <param name="InEffect">
/// The options as the system has them after bind(), read back from it. The backlog is the one asked for: the system cuts it at net.core.somaxconn.
/// </param>
public sealed record BoundSocket(Socket Socket, EndPoint LocalEndPoint, Transports Transport, SocketSettings InEffect);
