using System.Net;
using System.Net.Sockets;

namespace Bindwise;

/// <summary>A socket that a service manager or a parent process passed to this one.</summary>
/// <param name="Name">Its name in LISTEN_FDNAMES (FileDescriptorName=); <c>unknown</c> if none was given, as in sd_listen_fds_with_names(3).</param>
/// <param name="Descriptor">Its number, 3 or more.</param>
/// <param name="Socket">The socket, close-on-exec.</param>
/// <param name="LocalEndPoint">Where it is bound.</param>
/// <param name="IsListening">It listens (SO_ACCEPTCONN).</param>
public sealed record InheritedSocket(string Name, int Descriptor, Socket Socket, EndPoint LocalEndPoint, bool IsListening);
