using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>Linux's errno values that this program meets, with the kernel's numbers (asm-generic/errno.h).</summary>
internal enum Errno
{
    None = 0,
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    ENXIO = 6,
    ENOEXEC = 8,
    EBADF = 9,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    EBUSY = 16,
    EEXIST = 17,
    EXDEV = 18,
    ENODEV = 19,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ENFILE = 23,
    EMFILE = 24,
    ENOTTY = 25,
    ENOSPC = 28,
    EROFS = 30,
    EPIPE = 32,
    ENAMETOOLONG = 36,
    ENOSYS = 38,
    ELOOP = 40,
    ENOTSOCK = 88,
    EPROTOTYPE = 91,
    ENOPROTOOPT = 92,
    EPROTONOSUPPORT = 93,
    EOPNOTSUPP = 95,
    EAFNOSUPPORT = 97,
    EADDRINUSE = 98,
    EADDRNOTAVAIL = 99,
    ENETUNREACH = 101,
    ENOBUFS = 105,
    ENOTCONN = 107,
    ETIMEDOUT = 110,
    ECONNREFUSED = 111,
    EHOSTUNREACH = 113,
    EINPROGRESS = 115,
    ESTALE = 116,
}

/// <summary>How a call of the C library ended (errno(3)).</summary>
internal static class LastError
{
    /// <summary>The error of the call just made by a P/Invoke that keeps errno (SetLastError).</summary>
    internal static Errno Value => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>None for a result of 0 or more, else the error.</summary>
    internal static Errno Of(nint result) => result >= 0 ? Errno.None : Value;
}

/// <summary>Paths as the kernel reads them: bytes up to a NUL.</summary>
internal static class Terminated
{
    /// <summary>The same path, after a check that a NUL ends it: without one the kernel would read on past the buffer.</summary>
    /// <exception cref="ArgumentException">No NUL at the end: a fault of the caller.</exception>
    internal static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> path) =>
        path.IsEmpty || path[^1] != 0 ? throw new ArgumentException("The path has no NUL at its end.", nameof(path)) : path;

    /// <summary>The path of one of this process's own descriptors in /proc.</summary>
    /// <param name="buffer">At least 32 bytes.</param>
    /// <param name="descriptor">The descriptor.</param>
    internal static ReadOnlySpan<byte> OfDescriptor(Span<byte> buffer, int descriptor)
    {
        var prefix = "/proc/self/fd/"u8;
        prefix.CopyTo(buffer);
        _ = Utf8Formatter.TryFormat(descriptor, buffer[prefix.Length..], out var digits);
        buffer[prefix.Length + digits] = 0;
        return buffer[..(prefix.Length + digits + 1)];
    }
}
