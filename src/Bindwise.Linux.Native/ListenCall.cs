namespace Bindwise.Linux.Native;

/// <summary>listen(2).</summary>
internal static class ListenCall
{
    internal static Errno Listen(SafeFileDescriptor socket, int backlog) => LastError.Of(LibC.Listen(socket, backlog));

    /// <summary>
    /// listen() on no descriptor. The kernel looks for the descriptor first and answers EBADF; any other answer comes from before it:
    /// from a filter of system calls (seccomp(2)).
    /// </summary>
    internal static Errno ListenNothing() => LastError.Of(LibC.Listen(SafeFileDescriptor.None, 1));
}
