using Bindwise.Linux.Native;

namespace Bindwise;

/// <summary>
/// A listening socket that another process may have too. When a plain Socket is closed while it accepts, .NET ends its accept() by
/// connect() with AF_UNSPEC or by shutdown(), and then the socket listens in no process any more: under load one
/// close in six did. This one leaves the others alone.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SharedSocket : Socket
{
    private readonly SafeSocketHandle _handle;
    private bool _isLetGo;

    public SharedSocket(SafeSocketHandle handle)
        : base(handle)
    {
        _handle = handle;
        // From now on O_NONBLOCK is set, and .NET waits itself where the caller wants to: a thread within
        // accept() could not be woken without the others.
        Blocking = false;
        Blocking = true;
    }

    /// <summary>The same socket as one of these; the other is closed.</summary>
    /// <exception cref="SocketException">No descriptor is free.</exception>
    public static SharedSocket Of(Socket socket)
    {
        using (socket)
        {
            var errno = DuplicateDescriptor.Copy(socket.SafeHandle, PassedDescriptor.First, out var copy);
            if (errno != Errno.None)
                throw new SocketException((int)SocketErrors.Of(errno));
            var handle = new SafeSocketHandle(copy.Number, ownsHandle: true);
            copy.SetHandleAsInvalid();
            return new SharedSocket(handle);
        }
    }

    protected override void Dispose(bool disposing)
    {
        // A connection, as a unit with Accept=yes passes it, is nobody else's.
        if (disposing && !Interlocked.Exchange(ref _isLetGo, true) && !_handle.IsClosed && !Connected)
        {
            // Without a free descriptor: a child that is started in this very moment may then get the socket.
            if (SharedDescription.LetGo(_handle, SocketType == SocketType.Stream) != Errno.None)
                _ = CloseOnExecCall.Clear(_handle);
        }
        base.Dispose(disposing);
    }
}
