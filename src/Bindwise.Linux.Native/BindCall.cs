namespace Bindwise.Linux.Native;

/// <summary>bind(2): exactly one system call, no option touched before it.</summary>
internal static class BindCall
{
    // CLONE_FS.
    private const int FileSystemContext = 0x200;

    internal static unsafe Errno Bind(SafeFileDescriptor socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* start = address)
            return LastError.Of(LibC.Bind(socket, start, address.Length));
    }

    /// <summary>
    /// Binds to a path, whose file is made with a mode: that of the socket itself, which bind() takes less the umask (unix_bind_bsd(),
    /// net/unix/af_unix.c). The umask is 0 on the thread that binds, which has left the one that all threads share (unshare(CLONE_FS)).
    /// </summary>
    /// <param name="mode">The mode. Where a sandbox forbids unshare(), the file has it less the umask, and never more.</param>
    internal static Errno BindWithMode(SafeFileDescriptor socket, byte[] address, uint mode, out string call)
    {
        call = "fchmod()";
        var errno = LastError.Of(LibC.Fchmod(socket, mode));
        if (errno != Errno.None)
            return errno;
        call = "bind()";
        var thread = new Thread(() =>
        {
            if (LibC.Unshare(FileSystemContext) == 0)
                _ = LibC.Umask(0);
            errno = Bind(socket, address);
        });
        thread.Start();
        thread.Join();
        return errno;
    }

    /// <summary>
    /// Binds and closes back to back. For as long as the port is held another program's bind() would fail, so nothing stands between the
    /// calls: neither a safe handle's bookkeeping nor the runtime's chance to stop the thread for a collection. Takes the handle over.
    /// </summary>
    /// <param name="yieldsPort">
    /// Sets SO_REUSEADDR after the bind(), whose answer stands by then: a server that sets the option too, as most do,
    /// can start from there on, a third of a microsecond later; close() takes some two.
    /// </param>
    /// <param name="name">Takes the address to which the socket was really bound (getsockname(2)); may be
    /// where <paramref name="address"/> stands.</param>
    /// <param name="nameLength">How many bytes of it there are; 0 when bind() failed.</param>
    internal static unsafe Errno BindAndClose(SafeFileDescriptor socket, ReadOnlySpan<byte> address, bool yieldsPort, Span<byte> name,
        out int nameLength)
    {
        var on = 1;
        var length = name.Length;
        nameLength = 0;
        // Resolves the functions before it matters.
        _ = LibC.RawBind(-1, null, 0);
        _ = LibC.RawSetsockopt(-1, 0, 0, null, 0);
        _ = LibC.RawGetsockname(-1, null, null);
        _ = LibC.RawClose(-1);
        var number = socket.Number;
        socket.SetHandleAsInvalid();
        fixed (byte* start = address, room = name)
        {
            using var urgent = RealTimeScope.Begin();
            var result = LibC.RawBind(number, start, address.Length);
            if (result == 0 && yieldsPort)
                _ = LibC.RawSetsockopt(number, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, &on, sizeof(int));
            var errno = result == 0 ? Errno.None : (Errno)Marshal.GetLastSystemError();
            var isNamed = result == 0 && LibC.RawGetsockname(number, room, &length) == 0;
            _ = LibC.RawClose(number);
            nameLength = isNamed ? Math.Min(length, name.Length) : 0;
            return errno;
        }
    }

    /// <summary>
    /// bind() on no descriptor. The kernel looks for the descriptor first and answers EBADF; any other answer comes from before it:
    /// from a filter of system calls (seccomp(2)).
    /// </summary>
    internal static unsafe Errno BindNothing() => LastError.Of(LibC.Bind(SafeFileDescriptor.None, null, 0));
}

/// <summary>ioctl(SIOCUNIXFILE) (net/unix/af_unix.c): the file of a bound UNIX socket.</summary>
internal static class BoundFileCall
{
    private const nuint UnixFile = 0x89e0;

    /// <summary>Opens it without access to it (O_PATH); EPERM without CAP_NET_ADMIN.</summary>
    internal static unsafe Errno Open(int socket, out SafeFileDescriptor file) =>
        LastError.Of(LibC.Ioctl(socket, UnixFile, null), out file);
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
