namespace Bindwise;

/// <summary>Linux's errors as .NET names them (SocketErrorPal.Unix.cs), so that handlers find what they would find without us.</summary>
internal static class SocketErrors
{
    /// <summary>The error that .NET's own sockets would report.</summary>
    [SupportedOSPlatform("linux")]
    public static SocketError Of(Errno errno) => errno switch
    {
        Errno.EACCES or Errno.EPERM => SocketError.AccessDenied,
        Errno.EADDRINUSE => SocketError.AddressAlreadyInUse,
        Errno.EADDRNOTAVAIL or Errno.ENOENT => SocketError.AddressNotAvailable,
        Errno.EAFNOSUPPORT => SocketError.AddressFamilyNotSupported,
        Errno.EAGAIN => SocketError.WouldBlock,
        Errno.EBADF => SocketError.OperationAborted,
        Errno.EINVAL => SocketError.InvalidArgument,
        Errno.EINTR => SocketError.Interrupted,
        Errno.EMFILE or Errno.ENFILE => SocketError.TooManyOpenSockets,
        Errno.ENOBUFS or Errno.ENOMEM => SocketError.NoBufferSpaceAvailable,
        Errno.ENOPROTOOPT => SocketError.ProtocolOption,
        Errno.ENOTSOCK => SocketError.NotSocket,
        Errno.EOPNOTSUPP => SocketError.OperationNotSupported,
        Errno.EPROTONOSUPPORT => SocketError.ProtocolNotSupported,
        Errno.ENXIO => SocketError.HostNotFound,
        _ => SocketError.SocketError,
    };

    /// <summary>Another port may fare better: this one is taken, or denied.</summary>
    public static bool IsAboutPort(this SocketError error) => error is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;

    /// <summary>The name of an error that .NET reports, where the system's own is not at hand.</summary>
    public static string NameOf(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => "EADDRINUSE",
        SocketError.AccessDenied => "EACCES",
        SocketError.AddressNotAvailable => "EADDRNOTAVAIL",
        SocketError.AddressFamilyNotSupported => "EAFNOSUPPORT",
        SocketError.ConnectionRefused => "ECONNREFUSED",
        SocketError.ConnectionReset => "ECONNRESET",
        SocketError.TimedOut => "ETIMEDOUT",
        SocketError.HostUnreachable => "EHOSTUNREACH",
        SocketError.NetworkUnreachable => "ENETUNREACH",
        SocketError.InvalidArgument => "EINVAL",
        SocketError.NoBufferSpaceAvailable => "ENOBUFS",
        SocketError.NotSocket => "ENOTSOCK",
        SocketError.OperationNotSupported => "EOPNOTSUPP",
        SocketError.ProtocolNotSupported => "EPROTONOSUPPORT",
        SocketError.ProtocolOption => "ENOPROTOOPT",
        SocketError.TooManyOpenSockets => "EMFILE",
        _ => error.ToString(),
    };
}
