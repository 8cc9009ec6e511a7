namespace Bindwise.Linux.Native;

/// <summary>close(2) of a bare descriptor: the walk over /proc opens one a process and wraps none.</summary>
internal static class CloseDescriptor
{
    /// <summary>Closes it. Files of /proc have nothing to write back, so a failure tells nothing.</summary>
    internal static void Close(int descriptor) => _ = LibC.Close(descriptor);
}

/// <summary>fcntl(2) with F_GETFD and F_SETFD: whether a descriptor goes on into a program that this process becomes or starts.</summary>
internal static class CloseOnExecCall
{
    private const int GetFlags = 1;
    private const int SetFlags = 2;
    private const int CloseOnExec = 1;

    /// <param name="wasSet">It was set before: no exec can have passed this descriptor to this program.</param>
    /// <returns>EBADF where none of that number is open.</returns>
    internal static Errno Set(int descriptor, out bool wasSet)
    {
        var flags = LibC.Fcntl(descriptor, GetFlags, 0);
        wasSet = flags >= 0 && (flags & CloseOnExec) != 0;
        return flags >= 0 && (wasSet || LibC.Fcntl(descriptor, SetFlags, flags | CloseOnExec) >= 0)
            ? Errno.None
            : LastError.Value;
    }

    /// <summary>
    /// Clears FD_CLOEXEC: .NET's sockets then take it that others have the socket too, and close it without shutdown(2) or connect(2).
    /// </summary>
    internal static Errno Clear(SafeHandle descriptor) => LastError.Of(LibC.Fcntl(descriptor, SetFlags, 0));
}

/// <summary>
/// close_range(2), by its number, which is the same on every architecture: older C libraries and musl have no function for it.
/// </summary>
internal static class CloseRange
{
    private const int UnshareTable = 2;
    private const int CloseOnExec = 4;
    private const int Files = 0x400;
    private const int EntriesBytes = 4096;

    /// <summary>
    /// Gives the calling thread a descriptor table of its own, in which every descriptor from a given one on is close-on-exec: what it
    /// starts gets none of them, and the other threads notice nothing. What it opens from here on is its own too, so it should end soon.
    /// </summary>
    /// <returns>Before Linux 5.11, which has no such call, what unshare(2) or reading /proc failed with.</returns>
    internal static Errno CloseFromOnExec(int first) =>
        LibC.Syscall(SystemCallNumber.CloseRange, first, unchecked((nint)uint.MaxValue), UnshareTable | CloseOnExec) == 0 ? Errno.None
            : CloseEachOnExec(first);

    /// <summary>
    /// The same before Linux 5.11, one descriptor after the other: none comes meanwhile, since the table is the thread's own by then.
    /// </summary>
    internal static Errno CloseEachOnExec(int first)
    {
        var errno = LastError.Of(LibC.Unshare(Files));
        if (errno != Errno.None || first == int.MaxValue)
            return errno;
        errno = OpenAt.Open(OpenAt.WorkingDirectory, "/proc/thread-self/fd\0"u8, out var directory);
        if (errno != Errno.None)
            return errno;
        var buffer = new byte[EntriesBytes];
        while ((errno = GetDents.Read(directory, buffer, out var length)) == Errno.None && length > 0)
        {
            var entries = new DirectoryEntries(buffer.AsSpan(0, length));
            while (entries.TryNextNumber(out _, out var descriptor))
            {
                if (descriptor >= first)
                    _ = CloseOnExecCall.Set(descriptor, out _);
            }
        }
        CloseDescriptor.Close(directory);
        return errno;
    }
}

/// <summary>fcntl(2) with F_DUPFD_CLOEXEC: another number for what is open.</summary>
internal static class DuplicateDescriptor
{
    private const int DuplicateFrom = 1030;

    /// <summary>
    /// Moves a descriptor to the lowest number that is free from a given one on; the old one is
    /// closed. It stays where it is when there is none.
    /// </summary>
    internal static SafeFileDescriptor Move(SafeFileDescriptor descriptor, int least)
    {
        var number = LibC.Fcntl(descriptor, DuplicateFrom, least);
        if (number < 0)
            return descriptor;
        descriptor.Dispose();
        return new SafeFileDescriptor(number);
    }

    /// <summary>Copies what another owns to the lowest number that is free from a given one on, close-on-exec.</summary>
    internal static Errno Copy(SafeHandle descriptor, int least, out SafeFileDescriptor copy) =>
        LastError.Of(LibC.Fcntl(descriptor, DuplicateFrom, least), out copy);

    /// <summary>
    /// dup2(2): makes a number of the calling thread's table another name of a descriptor, open across exec; what had the number is closed.
    /// </summary>
    internal static Errno CopyTo(SafeFileDescriptor descriptor, int number) => LastError.Of(LibC.Dup2(descriptor, number));
}

/// <summary>A file descriptor of this process: closed exactly once, also when an exception passes by (close(2)).</summary>
internal sealed class SafeFileDescriptor : SafeHandle
{
    /// <summary>Takes over a descriptor; a negative number makes an invalid handle.</summary>
    internal SafeFileDescriptor(int descriptor)
        : this(descriptor, ownsHandle: true)
    {
    }

    private SafeFileDescriptor(int descriptor, bool ownsHandle) : base(-1, ownsHandle) => SetHandle(descriptor);

    /// <summary>No descriptor (-1): the kernel answers EBADF, if it is asked at all.</summary>
    internal static SafeFileDescriptor None { get; } = new(-1);

    /// <summary>A descriptor that another owns, and closes.</summary>
    internal static SafeFileDescriptor Borrow(int descriptor) => new(descriptor, ownsHandle: false);

    public override bool IsInvalid => handle < 0;

    /// <summary>The number, for texts such as /proc/self/fd/N; the handle must stay open meanwhile.</summary>
    internal int Number => (int)handle;

    // Linux frees the number even when close() reports an error, so it is never called again.
    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;
}

/// <summary>kcmp(2): whether two threads share one table of descriptors. Needs the right to trace both (and CONFIG_KCMP).</summary>
internal static class KCmp
{
    private const int Files = 2;

    /// <summary>Compares the descriptor tables of two threads (KCMP_FILES).</summary>
    /// <returns>True: one table. False: two. Null: the kernel does not tell.</returns>
    internal static bool? SameDescriptorTable(int first, int second)
    {
        var result = LibC.Syscall(SystemCallNumber.KCmp, first, second, Files, 0, 0);
        return result < 0 ? null : result == 0;
    }
}

/// <summary>sendmsg(2) and recvmsg(2) with SCM_RIGHTS (unix(7)): descriptors go with a short message to another process.</summary>
internal static unsafe class DescriptorMessage
{
    /// <summary>As many as one message carries (SCM_MAX_FD, include/net/scm.h).</summary>
    internal const int MostDescriptors = 253;

    private const int HeaderBytes = 16;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x4000_0000;

    /// <summary>MSG_CTRUNC.</summary>
    private const int ControlCut = 0x8;

    internal static Errno Send(SafeFileDescriptor channel, ReadOnlySpan<byte> text, ReadOnlySpan<int> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MostDescriptors);
        var length = HeaderBytes + descriptors.Length * sizeof(int);
        var control = stackalloc byte[HeaderBytes + MostDescriptors * sizeof(int)];
        *(ulong*)control = (ulong)length;
        *(int*)(control + 8) = SocketOptionCall.LevelSocket;
        *(int*)(control + 12) = Rights;
        descriptors.CopyTo(new Span<int>(control + HeaderBytes, MostDescriptors));
        fixed (byte* start = text)
        {
            var part = new IoVector { Start = start, LengthBytes = (nuint)text.Length };
            var message = new MessageHeader { Parts = &part, PartCount = 1 };
            if (!descriptors.IsEmpty)
            {
                message.Control = control;
                message.ControlBytes = (nuint)((length + 7) & ~7);
            }
            nint sent;
            do
                sent = LibC.Sendmsg(channel, &message, NoSignal);
            while (sent < 0 && LastError.Value == Errno.EINTR);
            return sent < 0 ? LastError.Value : sent == text.Length ? Errno.None : Errno.EMSGSIZE;
        }
    }

    /// <param name="lengthBytes">How long that is; 0 when the other end is gone.</param>
    /// <param name="descriptors">What came with it, close-on-exec.</param>
    /// <param name="isCut">More came with it than there is room or free descriptors for; the kernel closed those (MSG_CTRUNC).</param>
    internal static Errno Receive(SafeFileDescriptor channel, Span<byte> buffer, out int lengthBytes, out SafeFileDescriptor[] descriptors,
        out bool isCut)
    {
        var room = HeaderBytes + MostDescriptors * sizeof(int);
        var control = stackalloc byte[room];
        new Span<byte>(control, room).Clear();
        descriptors = [];
        lengthBytes = 0;
        isCut = false;
        fixed (byte* start = buffer)
        {
            var part = new IoVector { Start = start, LengthBytes = (nuint)buffer.Length };
            nint length;
            MessageHeader message;
            do
            {
                message = new MessageHeader { Parts = &part, PartCount = 1, Control = control, ControlBytes = (nuint)room };
                length = LibC.Recvmsg(channel, &message, CloseOnExec);
            }
            while (length < 0 && LastError.Value == Errno.EINTR);
            if (length < 0)
                return LastError.Value;
            lengthBytes = (int)length;
            isCut = (message.Flags & ControlCut) != 0;
            var controls = new ControlMessageReader(new(control, (int)Math.Min(message.ControlBytes, (nuint)room)));
            while (controls.TryNext(out var level, out var type, out var data))
            {
                if ((level, type) == (SocketOptionCall.LevelSocket, Rights))
                    descriptors = [.. descriptors, .. Array.ConvertAll(MemoryMarshal.Cast<byte, int>(data).ToArray(),
                        static number => new SafeFileDescriptor(number))];
            }
            return Errno.None;
        }
    }
}
