using System.Net;
using System.Net.Sockets;

namespace Bindwise;

/// <summary>One socket of a listener.</summary>
/// <param name="Socket">The socket: bound, and for TCP and UNIX also listening. The listener owns it.</param>
/// <param name="LocalEndPoint">Where it is bound, with its port.</param>
/// <param name="Transport">TCP (also for UNIX stream sockets) or UDP.</param>
/// <param name="InEffect">
/// The options that the system has after bind(), read back from it. The backlog is the one you asked for: the system limits it to net.core.somaxconn.
/// </param>
public sealed record BoundSocket(Socket Socket, EndPoint LocalEndPoint, Transports Transport, SocketSettings InEffect);
