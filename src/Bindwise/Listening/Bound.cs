using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Bindwise;

/// <summary>A bound listener: one or several sockets with one port. Thread-safe, like its sockets.</summary>
public sealed class BoundListener : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan Shortage = TimeSpan.FromMilliseconds(100);

    private readonly OwnSocketFile? _file;
    private readonly Lock _gate = new();
    private AcceptPump? _pump;
    private bool[]? _released;
    private bool _isDisposed;
    private bool _isHandedOver;

    internal BoundListener(ListenRequest? request, ImmutableArray<BoundSocket> sockets, OwnSocketFile? file = null)
    {
        Request = request;
        Sockets = sockets;
        _file = file;
        DiagnosisAssemblies.LoadLater();
    }

    /// <summary>The request; null for sockets that were taken over.</summary>
    public ListenRequest? Request { get; }

    /// <summary>The sockets, in the order of the addresses, TCP before UDP.</summary>
    public ImmutableArray<BoundSocket> Sockets { get; }

    /// <summary>The port of all sockets; 0 for a UNIX socket.</summary>
    public int Port => Sockets[0].LocalEndPoint is IPEndPoint ip ? ip.Port : 0;

    /// <summary>The number of attempts: 1, or more if the request's retry policy had to wait.</summary>
    public int Attempts { get; internal set; } = 1;

    /// <summary>
    /// The UDP socket of a listener that has one: of one address, with <see cref="Transports.Udp"/> or both transports. The listener owns
    /// it.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is none, or there are several, one for each address: they are in
    /// <see cref="Sockets"/>.</exception>
    public Socket UdpSocket
    {
        get
        {
            var found = Sockets.RemoveAll(static one => one.Transport != Transports.Udp);
            return found is [var only] ? only.Socket : throw new InvalidOperationException(found.IsEmpty
                ? "This listener has no UDP socket: ask for one with ListenRequest.Transports."
                : "This listener has several UDP sockets, one for each address: choose one of Sockets by its LocalEndPoint.");
        }
    }

    /// <summary>
    /// Accepts connections, one after the other, until the listener is disposed or handed over, which ends the loop. A connection that the
    /// system lost before it was accepted ends nothing. Without a free descriptor or memory, connections wait in the backlog; the next
    /// attempt is 100 ms later.
    /// </summary>
    /// <param name="cancellationToken">Ends the loop with an exception; no connection is lost.</param>
    /// <exception cref="InvalidOperationException">The listener has no stream socket.</exception>
    /// <exception cref="SocketException">The sockets accept no connections any more.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async IAsyncEnumerable<Socket> AcceptAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        PeriodicTimer? pause = null;
        try
        {
            while (true)
            {
                Socket? connection = null;
                try
                {
                    connection = await AcceptAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (ObjectDisposedException) when (IsClosed)
                {
                    yield break;
                }
                catch (SocketException exception) when (IsOfOneConnection(exception.SocketErrorCode))
                {
                    // accept(2): errors of a connection that waited are told as errors of accept(). The next one is another.
                    continue;
                }
                catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TooManyOpenSockets
                    or SocketError.NoBufferSpaceAvailable)
                {
                    pause ??= new PeriodicTimer(Shortage);
                }
                if (connection is not null)
                    yield return connection;
                else if (pause is not null)
                    await pause.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            pause?.Dispose();
        }
    }

    /// <summary>
    /// Accepts the next connection on any of the stream sockets. With one stream socket this is that socket's own accept; with several, one
    /// connection of each and one more are accepted ahead of time, and closed with the listener if nobody asked for them.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; no connection is lost.</param>
    /// <exception cref="ObjectDisposedException">The listener is disposed or handed over, or was during the wait.</exception>
    /// <exception cref="InvalidOperationException">The listener has no stream socket.</exception>
    /// <exception cref="SocketException">The system refused one connection, for instance without a free descriptor; you can call
    /// again.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        return _pump is { } pump ? pump.TakeAsync(cancellationToken)
            : SingleStream() is { } only ? AwaitAsync(only.AcceptAsync(cancellationToken)) : StartPump().TakeAsync(cancellationToken);
    }

    /// <summary>The same as a <see cref="TcpClient"/>.</summary>
    /// <param name="cancellationToken">Ends the wait; no connection is lost.</param>
    /// <exception cref="ObjectDisposedException">The listener is disposed, or was disposed during the wait.</exception>
    /// <exception cref="InvalidOperationException">The listener has no stream socket.</exception>
    /// <exception cref="SocketException">The system refused one connection, or a descriptor for it; you can call again.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <remarks>A <see cref="TcpClient"/> opens a socket of its own, which is closed here; if that matters, accept plain sockets.</remarks>
    public async ValueTask<TcpClient> AcceptTcpClientAsync(CancellationToken cancellationToken = default)
    {
        // Made first: without a free descriptor no connection is accepted that nobody would get.
        var client = new TcpClient();
        client.Client.Dispose();
        try
        {
            client.Client = await AcceptAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Gives one stream socket or datagram socket away; disposing of the listener then leaves it open.</summary>
    internal Socket Release(int index)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            (_released ??= new bool[Sockets.Length])[index] = true;
            return Sockets[index].Socket;
        }
    }

    /// <summary>
    /// Closes the sockets because another process accepts from them now: the file of a UNIX socket is that process's, and what was accepted
    /// ahead of time can still be taken, before AcceptAsync() throws an ObjectDisposedException.
    /// </summary>
    internal void CloseHandedOver()
    {
        lock (_gate)
        {
            if (_isDisposed || _isHandedOver)
                return;
            _isHandedOver = true;
            _pump?.End();
        }
        foreach (var one in Sockets)
            one.Socket.Dispose();
    }

    /// <summary>Closes the sockets, and removes the file of a UNIX socket that this listener created.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            Volatile.Write(ref _isDisposed, true);
        }
        _pump?.Dispose();
        if (_isHandedOver)
            return;
        // Before the socket: as long as somebody is bound to it, nobody replaces the file.
        _file?.Remove();
        for (var index = 0; index < Sockets.Length; index++)
        {
            if (_released?[index] != true)
                Sockets[index].Socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool IsOfOneConnection(SocketError error) =>
        error is SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.ConnectionRefused
        or SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.HostUnreachable
            or SocketError.ProtocolOption or SocketError.TimedOut;

    private bool IsClosed => Volatile.Read(ref _isDisposed) || Volatile.Read(ref _isHandedOver);

    private Socket? SingleStream()
    {
        Socket? found = null;
        foreach (var one in Sockets)
        {
            if (one.Transport != Transports.Tcp)
                continue;
            if (found is not null)
                return null;
            found = one.Socket;
        }
        return found ?? throw new InvalidOperationException(
            "This listener has only UDP sockets, which accept no connections: read datagrams from Sockets[0].Socket.");
    }

    private AcceptPump StartPump()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed || _isHandedOver, this);
            return _pump ??= new AcceptPump(this,
                [.. Sockets.Where(static one => one.Transport == Transports.Tcp).Select(static one => one.Socket)]);
        }
    }

    // Also what seems to have completed: of an accept() that failed in this moment, IsCompletedSuccessfully
    // is true (.NET 10.0), and its result an exception.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Socket> AwaitAsync(ValueTask<Socket> accepted)
    {
        try
        {
            return await accepted.ConfigureAwait(false);
        }
        catch (SocketException exception) when (IsClosed)
        {
            throw new ObjectDisposedException("The listener was disposed, or handed over, while it waited for a connection.", exception);
        }
    }
}

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

/// <summary>
/// Takes connections from several sockets into one queue. Each socket has one loop, which holds at most one connection until somebody asks
/// for it; the rest waits in the kernel's backlog. Since those who ask read from the queue, giving up loses nothing.
/// </summary>
internal sealed class AcceptPump : IDisposable
{
    private readonly BoundListener _owner;
    private readonly Channel<Arrival> _queue = Channel.CreateBounded<Arrival>(1);
    private int _loops;
    private bool _isEnding;

    public AcceptPump(BoundListener owner, Socket[] sockets)
    {
        _owner = owner;
        _loops = sockets.Length;
        foreach (var socket in sockets)
            _ = RunAsync(socket);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Socket> TakeAsync(CancellationToken cancellationToken)
    {
        // Waiting and taking are two steps: a ReadAsync() that was cancelled just as a connection arrived lost it now and then (.NET 10).
        while (await _queue.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_queue.Reader.TryRead(out var arrival))
                return arrival.Connection ?? throw arrival.Fault!;
        }
        throw new ObjectDisposedException(_owner.GetType().FullName);
    }

    /// <summary>The sockets are about to be closed: what was accepted until then can still be taken, then the queue ends.</summary>
    public void End() => Volatile.Write(ref _isEnding, true);

    /// <summary>Ends the queue and closes what nobody took. The loops end when the sockets are closed after it.</summary>
    public void Dispose()
    {
        _ = _queue.Writer.TryComplete();
        while (_queue.Reader.TryRead(out var left))
            left.Connection?.Dispose();
    }

    private async Task RunAsync(Socket socket)
    {
        while (true)
        {
            var arrival = await AcceptAsync(socket).ConfigureAwait(false);
            if (arrival.IsLast && Volatile.Read(ref _isEnding))
            {
                if (Interlocked.Decrement(ref _loops) == 0)
                    _ = _queue.Writer.TryComplete();
                return;
            }
            try
            {
                await _queue.Writer.WriteAsync(arrival).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                arrival.Connection?.Dispose();
                return;
            }
            if (arrival.IsLast)
                return;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Arrival> AcceptAsync(Socket socket)
    {
        try
        {
            return new Arrival(await socket.AcceptAsync().ConfigureAwait(false), null, IsLast: false);
        }
        catch (SocketException exception)
        {
            return new Arrival(null, exception,
                IsLast: exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted);
        }
        catch (ObjectDisposedException exception)
        {
            return new Arrival(null, exception, IsLast: true);
        }
    }

    private readonly record struct Arrival(Socket? Connection, Exception? Fault, bool IsLast);
}
