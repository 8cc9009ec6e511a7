using System.Diagnostics;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Probing;

/// <summary>
/// Keeps runs of bindwise that probe one port at once from taking each other for what is in the way. The lock is an
/// abstract UNIX name: it belongs to the network namespace, as ports do, and is gone with the process that held it.
/// </summary>
internal sealed class ProbeLock : IDisposable
{
    /// <summary>The longest pause between two tries.</summary>
    private const int MaximumPauseMicroseconds = 5_000;

    private readonly SafeFileDescriptor? _socket;

    private ProbeLock(SafeFileDescriptor? socket, string? obstacle)
    {
        _socket = socket;
        Obstacle = obstacle;
    }

    /// <summary>The lock is held; false: the probe goes ahead without it.</summary>
    internal bool IsHeld => _socket is not null;

    /// <summary>Why it is not held, one line; null when it is.</summary>
    internal string? Obstacle { get; }

    /// <summary>Waits for the lock of a port, at most for the given time.</summary>
    internal static ProbeLock Acquire(Protocol protocol, ushort port, TimeSpan maximumWait)
    {
        var name = Encoding.ASCII.GetBytes($"bindwise/probe/{(protocol == Protocol.Udp ? "udp" : "tcp")}/{port}");
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        var address = SocketAddress.WriteAbstract(room, name);
        var started = Stopwatch.GetTimestamp();
        var pause = 100;
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeDatagram, 0, out var socket);
        while (errno == Errno.None)
        {
            errno = BindCall.Bind(socket, address);
            if (errno == Errno.None)
                return new ProbeLock(socket, null);
            if (errno != Errno.EADDRINUSE)
                break;
            if (Stopwatch.GetElapsedTime(started) >= maximumWait)
            {
                socket.Dispose();
                return new ProbeLock(null, "another run of bindwise kept probing the port, so this one probed at the same time");
            }
            // Uneven pauses, so that many that wait do not come in step.
            SleepCall.Wait(Random.Shared.Next(pause / 2, pause));
            pause = Math.Min(pause * 2, MaximumPauseMicroseconds);
            errno = Errno.None;
        }
        socket.Dispose();
        return new ProbeLock(null, $"the lock against other runs of bindwise could not be taken ({errno})");
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();
}
