using System.Threading.Channels;

namespace Bindwise;

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

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
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

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
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
