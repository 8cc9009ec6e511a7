namespace Bindwise.Linux.Native;

/// <summary>epoll_create1(2), and epoll_ctl(2) with EPOLL_CTL_ADD and EPOLL_CTL_DEL.</summary>
internal static unsafe class EpollCall
{
    private const int AddOne = 1;
    private const int RemoveOne = 2;
    private const int CloseOnExec = 0x80000;

    // Packed on x64 alone.
    private static readonly KernelNumber DataOffset = new("offsetof(struct epoll_event, data)", 4, 8);

    /// <summary>
    /// Registers a descriptor. The registration belongs to the open file and this number, and
    /// stays as long as the file is open, by whomever.
    /// </summary>
    /// <param name="descriptor">The number, in the table of the calling thread.</param>
    /// <param name="data">What epoll_wait(2) gives back with them.</param>
    internal static Errno Add(SafeFileDescriptor epoll, int descriptor, uint events, ulong data)
    {
        var room = stackalloc byte[16];
        *(uint*)room = events;
        MemoryMarshal.Write(new Span<byte>(room + (int)DataOffset, sizeof(ulong)), data);
        return LastError.Of(LibC.EpollCtl(epoll, AddOne, descriptor, room));
    }

    internal static Errno Open(out SafeFileDescriptor epoll)
    {
        var number = LibC.EpollCreate1(CloseOnExec);
        var errno = LastError.Of(number);
        epoll = new SafeFileDescriptor(number);
        return errno;
    }

    internal static Errno Remove(SafeFileDescriptor epoll, int descriptor) =>
        LastError.Of(LibC.EpollCtl(epoll, RemoveOne, descriptor, null));
}

/// <summary>fcntl(2) with F_GETFL and F_SETFL: what everybody who has the open file shares.</summary>
internal static class FileFlagsCall
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;

    /// <summary>O_NONBLOCK.</summary>
    internal const int NonBlocking = 0x800;

    /// <summary>Sets or clears O_NONBLOCK where it is otherwise.</summary>
    internal static Errno SetNonBlocking(SafeFileDescriptor file, bool isNonBlocking)
    {
        var flags = LibC.Fcntl(file, GetFlags, 0);
        if (flags < 0)
            return LastError.Value;
        var next = isNonBlocking ? flags | NonBlocking : flags & ~NonBlocking;
        return next == flags ? Errno.None : LastError.Of(LibC.Fcntl(file, SetFlags, next));
    }
}
