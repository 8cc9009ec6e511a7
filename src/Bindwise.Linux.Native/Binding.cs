namespace Bindwise.Linux.Native;

/// <summary>ioctl(SIOCUNIXFILE) (net/unix/af_unix.c): the file of a bound UNIX socket.</summary>
internal static class BoundFileCall
{
    private const nuint UnixFile = 0x89e0;

    /// <summary>Opens it without access to it (O_PATH); EPERM without CAP_NET_ADMIN.</summary>
    internal static unsafe Errno Open(int socket, out SafeFileDescriptor file)
    {
        var number = LibC.Ioctl(socket, UnixFile, null);
        var errno = LastError.Of(number);
        file = new SafeFileDescriptor(number);
        return errno;
    }
}

/// <summary>
/// A few microseconds in which this thread must not lose the processor, since a port is held meanwhile: real-time priority
/// (sched(7), SCHED_FIFO), where the right to it is there (root, CAP_SYS_NICE); else a fresh time slice, which makes a loss unlikely.
/// </summary>
internal readonly ref struct RealTimeScope
{
    private const int Fifo = 1;

    private readonly int _policy;

    private RealTimeScope(int policy) => _policy = policy;

    /// <summary>Begins it: nothing but the urgent calls may stand before <see cref="Dispose"/>.</summary>
    internal static RealTimeScope Begin()
    {
        // Resolves the function before it matters; and a policy that is real-time already, or an exotic one, stays.
        var policy = LibC.SchedGetscheduler(0);
        _ = LibC.SchedYield();
        var lowest = 1;
        return new RealTimeScope(policy == 0 && LibC.SchedSetscheduler(0, Fifo, in lowest) == 0 ? policy : -1);
    }

    public void Dispose()
    {
        var none = 0;
        if (_policy >= 0)
            _ = LibC.SchedSetscheduler(0, _policy, in none);
    }
}
