namespace Bindwise;

/// <summary>A socket that a service manager or a parent process passed to this one. Whoever took it owns and closes it.</summary>
public sealed class ActivatedSocket
{
    internal ActivatedSocket(string name, int descriptor, Socket socket, EndPoint localEndPoint, bool isListening) =>
        (Name, Descriptor, Socket, LocalEndPoint, IsListening) = (name, descriptor, socket, localEndPoint, isListening);

    /// <summary>
    /// Its name in LISTEN_FDNAMES (FileDescriptorName=); <c>unknown</c> if none was given, as in sd_listen_fds_with_names(3).
    /// </summary>
    public string Name { get; }

    /// <summary>Its number, 3 or more.</summary>
    public int Descriptor { get; }

    /// <summary>The socket, close-on-exec.</summary>
    public Socket Socket { get; }

    /// <summary>Where it is bound.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>It listens (SO_ACCEPTCONN).</summary>
    public bool IsListening { get; }
}
