using System.Collections.Immutable;
using System.Net.Sockets;

namespace Bindwise;

/// <summary>A socket to pass to a child, and its name there.</summary>
/// <param name="Socket">The socket; it stays this process's own too.</param>
/// <param name="Name">Its name in LISTEN_FDNAMES: at most 255 printable ASCII characters without a colon.</param>
public sealed record HandedSocket(Socket Socket, string Name)
{
    /// <summary>All sockets of a listener, under one name.</summary>
    /// <param name="listener">The listener, which keeps them.</param>
    /// <param name="name">Their name.</param>
    public static ImmutableArray<HandedSocket> Of(BoundListener listener, string name)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return [.. listener.Sockets.Select(one => new HandedSocket(one.Socket, name))];
    }
}
