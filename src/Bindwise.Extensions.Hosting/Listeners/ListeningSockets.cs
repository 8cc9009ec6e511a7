using System.Net;
using System.Net.Sockets;

namespace Bindwise.Extensions.Hosting;

/// <summary><paramref name="LocalEndPoint"/> is kept: a closed socket no longer tells.</summary>
internal sealed record OpenSocket(string Name, Socket Socket, EndPoint? LocalEndPoint);

/// <summary>The sockets that are bound: those that Kestrel has still to fetch, and all that are open. Thread-safe.</summary>
internal sealed class ListeningSockets : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(EndPoint Asked, Socket? Socket)> _reserved = [];
    private readonly List<IDisposable> _owned = [];
    private readonly List<OpenSocket> _open = [];

    /// <summary>The stream sockets that are open, as far as is known.</summary>
    public ImmutableArray<OpenSocket> Open
    {
        get
        {
            lock (_lock)
                return [.. _open];
        }
    }

    /// <summary>Keeps a socket until Kestrel asks for that endpoint; null: the host lacks the address, and Kestrel is told so.</summary>
    public void Reserve(EndPoint asked, Socket? socket)
    {
        lock (_lock)
            _reserved.Add((asked, socket));
    }

    /// <summary>Hands a reserved socket out, once.</summary>
    public bool TryTake(EndPoint asked, out Socket? socket)
    {
        lock (_lock)
        {
            var index = _reserved.FindIndex(one => one.Asked.Equals(asked));
            socket = index < 0 ? null : _reserved[index].Socket;
            if (index >= 0)
                _reserved.RemoveAt(index);
            return index >= 0;
        }
    }

    /// <summary>Closes what was never asked for, as the TCP socket of an endpoint of HTTP/3 alone: nobody would accept from it.</summary>
    public void CloseReserved()
    {
        lock (_lock)
        {
            foreach (var (_, socket) in _reserved)
            {
                _open.RemoveAll(one => one.Socket == socket);
                socket?.Dispose();
            }
            _reserved.Clear();
        }
    }

    /// <summary>Takes note of what listens, and of what is to be disposed of when the server stops.</summary>
    public void Add(string name, BoundListener listener)
    {
        lock (_lock)
        {
            _owned.Add(listener);
            Watch(name, listener);
        }
    }

    /// <summary>Takes note of a listener that another disposes of.</summary>
    public void Watch(string name, BoundListener listener)
    {
        lock (_lock)
        {
            foreach (var one in listener.Sockets)
            {
                if (one.Transport == Transports.Tcp)
                    _open.Add(new OpenSocket(name, one.Socket, one.LocalEndPoint));
            }
        }
    }

    public void Forget(BoundListener listener)
    {
        lock (_lock)
            _open.RemoveAll(open => listener.Sockets.Any(one => one.Socket == open.Socket));
    }

    public void Add(string name, Socket socket)
    {
        lock (_lock)
        {
            _owned.Add(socket);
            _open.Add(new OpenSocket(name, socket, socket.LocalEndPoint));
        }
    }

    /// <summary>Closes what is open. What Kestrel has closed already stays closed.</summary>
    public void CloseAll()
    {
        ImmutableArray<IDisposable> owned;
        lock (_lock)
        {
            owned = [.. _owned];
            _owned.Clear();
            _open.RemoveAll(one => owned.Any(owner =>
                owner == one.Socket || (owner is BoundListener listener && listener.Sockets.Any(socket => socket.Socket == one.Socket))));
            _reserved.Clear();
        }
        foreach (var one in owned)
            one.Dispose();
    }

    public void Dispose() => CloseAll();
}

/// <summary>
/// The listeners that were added with <c>AddListener</c>: bound, all or none, before the host starts its services, and closed when it has
/// stopped them. Do not dispose them yourself.
/// </summary>
public interface IBoundListeners
{
    /// <summary>The listener with this name.</summary>
    /// <param name="name">The name given when it was added.</param>
    /// <exception cref="KeyNotFoundException">No listener has that name.</exception>
    /// <exception cref="InvalidOperationException">The host has not started yet, or has stopped.</exception>
    BoundListener this[string name] { get; }

    /// <summary>The names, in the order in which they were added.</summary>
    ImmutableArray<string> Names { get; }
}
