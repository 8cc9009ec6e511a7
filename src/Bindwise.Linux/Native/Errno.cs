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
}

/// <summary>How a call of the C library ended (errno(3)).</summary>
internal static class LastError
{
    /// <summary>The error of the call just made by a P/Invoke that keeps errno (SetLastError).</summary>
    internal static Errno Value => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>None for a result of 0 or more, else the error.</summary>
    internal static Errno Of(nint result) => result >= 0 ? Errno.None : Value;
}

/// <summary>Numbers of system calls that the C library has no function for, or that are to reach the calling thread alone.</summary>
/// <remarks>Source: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h (arm64).</remarks>
internal static class SystemCallNumber
{
    /// <summary>The same everywhere: newer than the common numbering.</summary>
    internal const nint PidfdGetfd = 438;

    internal static nint StatX => Of(x64: 332, arm64: 291);

    internal static nint KCmp => Of(x64: 312, arm64: 272);

    /// <summary>getdents64(2).</summary>
    internal static nint GetDents => Of(x64: 217, arm64: 61);

    internal static nint Bpf => Of(x64: 321, arm64: 280);

    /// <summary>setresuid(2).</summary>
    internal static nint SetUsers => Of(x64: 117, arm64: 147);

    /// <summary>setresgid(2).</summary>
    internal static nint SetGroupIds => Of(x64: 119, arm64: 149);

    internal static nint SetGroups => Of(x64: 116, arm64: 159);

    internal static nint GetGroups => Of(x64: 115, arm64: 158);

    /// <summary>sched_setaffinity(2).</summary>
    internal static nint SetAffinity => Of(x64: 203, arm64: 122);

    /// <summary>sched_getaffinity(2).</summary>
    internal static nint GetAffinity => Of(x64: 204, arm64: 123);

    /// <summary>rt_sigaction(2).</summary>
    internal static nint SignalAction => Of(x64: 13, arm64: 134);

    private static nint Of(nint x64, nint arm64) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 => arm64,
        var other => throw new PlatformNotSupportedException(SupportedArchitecture.WhyNot(other)),
    };
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
