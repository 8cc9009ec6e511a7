using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Bindwise;

/// <summary>A listener that is bound: one or several sockets with one port. Thread-safe, as its sockets are.</summary>
public sealed class BoundListener : IDisposable, IAsyncDisposable
{
    internal BoundListener(ListenRequest? request, ImmutableArray<BoundSocket> sockets)
    {
        Request = request;
        Sockets = sockets;
    }

    /// <summary>What was asked for; null for sockets that were taken over.</summary>
    public ListenRequest? Request { get; }

    /// <summary>The sockets, in the order of the addresses, TCP before UDP.</summary>
    public ImmutableArray<BoundSocket> Sockets { get; }

    /// <summary>The port that all of them have; 0 for a UNIX socket.</summary>
    public int Port => Sockets[0].LocalEndPoint is IPEndPoint ip ? ip.Port : 0;

    /// <summary>Takes the next connection, of whichever stream socket it comes to.</summary>
    /// <param name="cancellationToken">Ends the waiting; no connection is lost by it.</param>
    /// <exception cref="ObjectDisposedException">The listener is disposed, or is while it waits.</exception>
    /// <exception cref="InvalidOperationException">It has no stream socket.</exception>
    public ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>The same as a <see cref="TcpClient"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting; no connection is lost by it.</param>
    public ValueTask<TcpClient> AcceptTcpClientAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Gives one stream socket or datagram socket away; disposing of the listener then leaves it open.</summary>
    internal Socket Release(int index) => Sockets[index].Socket;

    /// <summary>Closes the sockets; the file of a UNIX socket that this listener made goes with it.</summary>
    public void Dispose()
    {
        foreach (var one in Sockets)
            one.Socket.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
