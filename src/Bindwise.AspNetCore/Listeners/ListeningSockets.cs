using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>A socket that listens for this host.</summary>
/// <param name="Name">The endpoint, or the name of the listener.</param>
/// <param name="Socket">The socket.</param>
/// <param name="LocalEndPoint">Where it is bound; a closed socket no longer tells.</param>
internal readonly record struct OpenSocket(string Name, Socket Socket, EndPoint? LocalEndPoint);

/// <summary>The sockets that are bound: those that Kestrel has still to fetch, and all that are open. Thread-safe.</summary>
internal sealed class ListeningSockets : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<Socket?>> _reserved = new(StringComparer.Ordinal);
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

    /// <summary>Keeps a socket for the moment in which Kestrel asks for that endpoint.</summary>
    /// <param name="asked">What Kestrel will ask for.</param>
    /// <param name="socket">The socket; null: the host lacks the address, and Kestrel shall be told so.</param>
    public void Reserve(EndPoint asked, Socket? socket)
    {
        lock (_lock)
        {
            var key = Key(asked);
            if (!_reserved.TryGetValue(key, out var waiting))
                _reserved[key] = waiting = new Queue<Socket?>();
            waiting.Enqueue(socket);
        }
    }

    /// <summary>Hands a reserved socket out, once.</summary>
    /// <returns>Whether one was reserved.</returns>
    public bool TryTake(EndPoint asked, out Socket? socket)
    {
        lock (_lock)
        {
            if (_reserved.TryGetValue(Key(asked), out var waiting) && waiting.TryDequeue(out socket))
                return true;
            socket = null;
            return false;
        }
    }

    /// <summary>Closes what was reserved and never asked for, as the TCP socket of an endpoint that is HTTP/3 alone: nobody would accept from it.</summary>
    public void CloseReserved()
    {
        lock (_lock)
        {
            foreach (var socket in _reserved.Values.SelectMany(static waiting => waiting).OfType<Socket>())
            {
                _open.RemoveAll(one => one.Socket == socket);
                socket.Dispose();
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
            AddOpen(name, listener);
        }
    }

    /// <summary>Takes note of a listener that another disposes of.</summary>
    public void Watch(string name, BoundListener listener)
    {
        lock (_lock)
            AddOpen(name, listener);
    }

    /// <summary>That listener is about to be closed on purpose.</summary>
    public void Forget(BoundListener listener)
    {
        lock (_lock)
            _open.RemoveAll(open => listener.Sockets.Any(one => one.Socket == open.Socket));
    }

    /// <summary>The same for a socket that was taken over.</summary>
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
            _open.RemoveAll(one => owned.Any(owner => owner == one.Socket || (owner is BoundListener listener && listener.Sockets.Any(socket => socket.Socket == one.Socket))));
            _reserved.Clear();
        }
        foreach (var one in owned)
            one.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => CloseAll();

    private void AddOpen(string name, BoundListener listener) =>
        _open.AddRange(listener.Sockets.Where(static one => one.Transport == Transports.Tcp).Select(one => new OpenSocket(name, one.Socket, one.LocalEndPoint)));

    private static string Key(EndPoint endpoint) => $"{endpoint.AddressFamily} {endpoint}";
}

/// <summary>The sockets that were passed to this process, taken once, and which of them still wait for an endpoint.</summary>
internal sealed class InheritedSocketPool(IOptions<BindwiseOptions> options, ILoggerFactory loggers)
{
    private readonly List<ActivatedSocket> _waiting = [];
    private ImmutableArray<ActivatedSocket>? _taken;

    /// <summary>Those that no endpoint has.</summary>
    public IReadOnlyList<ActivatedSocket> Waiting => _waiting;

    /// <summary>Takes them, when the options say so; empty otherwise.</summary>
    /// <exception cref="SocketActivationException">They cannot be taken.</exception>
    public ImmutableArray<ActivatedSocket> Take()
    {
        if (_taken is { } before)
            return before;
        // What the service manager kept for this service is the hand-over's.
        var all = options.Value.SocketActivation == SocketActivationMode.Off || options.Value.HandOver.UseDescriptorStore ? [] : TakeAll();
        _taken = all;
        _waiting.AddRange(all);
        return all;
    }

    private ImmutableArray<ActivatedSocket> TakeAll()
    {
        try
        {
            return SocketActivation.Take(options.Value.ListenPidMismatch);
        }
        catch (SocketActivationException exception) when (options.Value.IsActivationByDefault && options.Value.ListenPidMismatch == ListenPidMismatch.Refuse)
        {
            // Variables that this process got from its parent may be none of its business: nobody has asked for sockets.
            StartLog.NotTaken(loggers.CreateLogger(StartLog.Category), exception.Message);
            return [];
        }
    }

    /// <summary>The one with a descriptor, for Kestrel's own endpoints of descriptors; null for none.</summary>
    public ActivatedSocket? Find(ulong descriptor) => _taken?.FirstOrDefault(one => (ulong)one.Descriptor == descriptor);

    /// <summary>That descriptor is an endpoint of Kestrel's own (<c>UseSystemd()</c>, <c>ListenHandle</c>): it waits for no other.</summary>
    public void Claim(ulong descriptor) => _waiting.RemoveAll(one => (ulong)one.Descriptor == descriptor);

    /// <summary>The one for an endpoint, by the name that the options give its port, else by its address; it waits no longer.</summary>
    public ActivatedSocket? Fetch(int port, EndPoint address)
    {
        var found = Find(_waiting, port, address);
        if (found is not null)
            _waiting.Remove(found);
        return found;
    }

    /// <summary>The same among others, all of which stay.</summary>
    public ActivatedSocket? Find(List<ActivatedSocket> among, int port, EndPoint address) => options.Value.SocketNames.TryGetValue(port, out var name) && port > 0
        ? among.Find(one => one.Name == name && IsStream(one))
        : among.Find(one => IsAt(one.LocalEndPoint, address) && IsStream(one));

    /// <summary>Where the socket is bound that was passed to this process, was taken by no endpoint, and now stands in the way of one; null for none.</summary>
    public string? Overlooked(Diagnosis? failure) =>
        (_waiting.Count > 0 || Environment.GetEnvironmentVariable("LISTEN_FDS") is { Length: > 0 })
        && failure?.Blockers.FirstOrDefault(static one => one.Owners.Any(static owner => owner.Process.Id == Environment.ProcessId)) is { } own
            ? own.Socket.Path ?? own.Socket.Local.ToString()
            : null;

    // A server of streams has no use for datagram sockets.
    private static bool IsStream(ActivatedSocket socket) => socket.Socket.SocketType == SocketType.Stream;

    private static bool IsAt(EndPoint bound, EndPoint asked) => (bound, asked) switch
    {
        (IPEndPoint { Port: var port } here, IPEndPoint there) when port == there.Port =>
            here.Address.Equals(there.Address) || (there.Address.Equals(IPAddress.IPv6Any) && here.Address.Equals(IPAddress.Any)),
        (UnixDomainSocketEndPoint here, UnixDomainSocketEndPoint there) => here.ToString() == there.ToString(),
        _ => false,
    };
}
