using System.Diagnostics;
using Bindwise.Linux.Processes;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Probing;

/// <summary>Why a run of bindwise does not have the lock.</summary>
internal enum LockObstacle : byte
{
    /// <summary>Somebody else had it all the time.</summary>
    Held,

    /// <summary>A system call filter answers bind() in the kernel's stead.</summary>
    Filtered,

    /// <summary>A socket could not be had, or not be bound.</summary>
    Failed,
}

/// <summary>
/// Keeps runs of bindwise that probe one port at once from taking each other for what is in the way. The lock is an abstract UNIX name: it
/// belongs to the network namespace, as ports do, and is gone with the process that held it. Anybody can take the name, so nobody waits
/// long for it.
/// </summary>
internal sealed class ProbeLock(SafeFileDescriptor? socket, LockObstacle? obstacle, TimeSpan waited) : IDisposable
{
    private const int MaximumPauseMicroseconds = 5_000;

    /// <summary>Why it is not held, and the probe goes ahead without it; null when it is.</summary>
    internal LockObstacle? Obstacle { get; } = obstacle;

    internal TimeSpan Waited { get; } = waited;

    /// <summary>The lock's name: an abstract UNIX address without its leading NUL.</summary>
    internal static string NameOf(Protocol protocol, ushort port) => $"bindwise/probe/{(protocol == Protocol.Udp ? "udp" : "tcp")}/{port}";

    /// <summary>An obstacle that is not another program, one line.</summary>
    internal static string Describe(LockObstacle obstacle) => obstacle == LockObstacle.Filtered
        ? "a system call filter (seccomp) answers bind() instead of the kernel, also for the lock that makes runs of bindwise take turns"
        : "the lock that makes runs of bindwise take turns could not be taken, so this run probed without it";

    /// <summary>Waits for the lock of a port, at most for the given time.</summary>
    internal static ProbeLock Acquire(Protocol protocol, ushort port, TimeSpan maximumWait)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        var address = SocketAddress.WriteAbstract(room, Encoding.ASCII.GetBytes(NameOf(protocol, port)));
        var started = Stopwatch.GetTimestamp();
        if (SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeDatagram, 0, out var socket) != Errno.None)
            return Without(LockObstacle.Failed);
        for (var pause = 100; ; pause = Math.Min(pause * 2, MaximumPauseMicroseconds))
        {
            var errno = BindCall.Bind(socket, address);
            if (errno == Errno.None)
                return new ProbeLock(socket, null, Stopwatch.GetElapsedTime(started));
            if (BindCall.BindNothing() != Errno.EBADF)
                return Without(LockObstacle.Filtered);
            if (errno != Errno.EADDRINUSE)
                return Without(LockObstacle.Failed);
            var left = maximumWait - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return Without(LockObstacle.Held);
            // Uneven pauses, so that many that wait do not come in step.
            SleepCall.Wait(Math.Min(Random.Shared.Next(pause / 2, pause), (int)left.TotalMicroseconds + 1));
        }

        ProbeLock Without(LockObstacle obstacle)
        {
            socket.Dispose();
            return new ProbeLock(null, obstacle, Stopwatch.GetElapsedTime(started));
        }
    }

    public void Dispose() => socket?.Dispose();
}

/// <summary>
/// Says who did not let go of the lock: another run of bindwise does so within milliseconds, so it is a program that squats its name, or
/// one that was stopped.
/// </summary>
internal static class ProbeLockHolder
{
    internal static string Describe(Protocol protocol, ushort port, Func<uint, string?> userName)
    {
        var name = ProbeLock.NameOf(protocol, port);
        return $"{Holder(name, userName)} the lock that makes runs of bindwise take turns (@{name}) and did not release it, so this run "
            + "probed without it";
    }

    private static string Holder(string name, Func<uint, string?> userName)
    {
        var sockets = new List<HeldSocket>();
        using (var table = SockDiagClient.TryOpen())
        {
            if (table?.ReadUnix(Encoding.ASCII.GetBytes('\0' + name), default, sockets) is not { IsComplete: true })
                return "something holds";
        }
        if (sockets.Find(static s => s.SocketType == SocketCall.TypeDatagram) is not { } socket)
            return "no socket holds, but the kernel or a policy refuses";
        var user = socket.UserId is not { } id ? "an unknown user" : $"user {userName(id) ?? id.ToString(CultureInfo.InvariantCulture)}";
        // Nobody but root sees into the processes of others, and a wider search for nothing takes its time.
        var own = EffectiveIds.User();
        var holder = own == 0 || own == socket.UserId ? OwnerSearch.Find([socket.Inode]).Holders.FirstOrDefault() : null;
        return holder is not null && new ProcessReader(userName).Read(holder.ProcessId) is { } process
            ? string.Create(CultureInfo.InvariantCulture, $"process {process.Id} ({process.Name}) of {user} holds")
            : $"a program of {user} holds";
    }
}
