namespace Bindwise.Linux.Native;

/// <summary>struct iovec (readv(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal void* Start;
    internal nuint LengthBytes;

    internal const int SizeBytes = 16;
}

/// <summary>struct msghdr (recvmsg(2)) on 64 bits, where the kernel and the C libraries agree.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    internal void* Name;
    internal uint NameBytes;
    internal IoVector* Parts;
    internal nuint PartCount;
    internal void* Control;
    internal nuint ControlBytes;
    internal int Flags;

    internal const int SizeBytes = 56;
}

/// <summary>
/// Looks at the descriptors that go with the first message of another process's UNIX socket, without taking them: a duplicate of the
/// receiving end (pidfd_getfd(2)) and recvmsg(2) with MSG_PEEK, which hands out duplicates. All of them are closed at once; the calls
/// stand back to back, without the runtime between them.
/// </summary>
internal static class PeekCall
{
    /// <summary>SCM_MAX_FD (include/net/scm.h): no message carries more.</summary>
    internal const int MaximumDescriptors = 253;

    private const int PeekOffset = 42;
    private const int Peek = 0x2;
    private const int DoNotWait = 0x40;
    private const int CloseOnExec = 0x40000000;
    private const int Rights = 1;
    private const int ProcessDescriptor = 4;

    // Room for the descriptors, and for the credentials that some receivers ask for as well.
    private const int ControlBytes = 2048;

    /// <param name="process">A handle on the process (pidfd_open(2)).</param>
    /// <param name="inodes">Room for the inodes of the sockets that wait there; 0 stands for what is no socket.</param>
    /// <returns>EPERM without the right to trace; EBUSY where peeking would leave a trace
    /// (SO_PEEK_OFF); EAGAIN when nothing waits.</returns>
    internal static unsafe Errno Sockets(SafeFileDescriptor process, int descriptor, Span<ulong> inodes, out int count)
    {
        count = 0;
        var copy = (int)OptionalCall.PidfdGetfd.Make(process.Number, descriptor, 0);
        if (copy < 0)
            return LastError.Value;
        Span<int> received = stackalloc int[MaximumDescriptors];
        Errno errno;
        try
        {
            errno = Receive(copy, received, out count);
        }
        finally
        {
            _ = LibC.Close(copy);
        }
        for (var i = 0; i < count; i++)
        {
            var isSocket = StatX.OfDescriptor(received[i], out var status) == Errno.None && status.Kind == FileStatus.KindSocket;
            inodes[i] = isSocket ? status.Inode : 0;
            _ = LibC.Close(received[i]);
        }

        return errno;
    }

    private static unsafe Errno Receive(int socket, Span<int> received, out int count)
    {
        count = 0;
        int offset;
        var sizeBytes = sizeof(int);
        if (LibC.Getsockopt(socket, SocketOptionCall.LevelSocket, PeekOffset, &offset, &sizeBytes) != 0)
            return LastError.Value;
        // With an offset set each peek moves it on, which the owner would notice.
        if (offset >= 0)
            return Errno.EBUSY;
        byte data;
        var control = stackalloc byte[ControlBytes];
        var part = new IoVector { Start = &data, LengthBytes = 1 };
        var message = new MessageHeader { Parts = &part, PartCount = 1, Control = control, ControlBytes = ControlBytes };
        if (LibC.Recvmsg(socket, &message, Peek | DoNotWait | CloseOnExec) < 0)
            return LastError.Value;
        var controls = new ControlMessageReader(new(control, (int)Math.Min(message.ControlBytes, ControlBytes)));
        while (controls.TryNext(out var level, out var type, out var content))
        {
            if ((level, type) == (SocketOptionCall.LevelSocket, Rights))
            {
                var numbers = MemoryMarshal.Cast<byte, int>(content);
                numbers = numbers[..Math.Min(numbers.Length, received.Length - count)];
                numbers.CopyTo(received[count..]);
                count += numbers.Length;
            }
            else if ((level, type) == (SocketOptionCall.LevelSocket, ProcessDescriptor) && content.Length >= sizeof(int))
            {
                // A receiver that asks for the sender's (SO_PASSPIDFD) has the peeker get one too.
                _ = LibC.Close(MemoryMarshal.Read<int>(content));
            }
        }

        return Errno.None;
    }
}
