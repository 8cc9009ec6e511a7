using System.Runtime.InteropServices;

namespace Bindwise.Samples;

/// <summary>A system call that failed.</summary>
internal sealed class SystemCallException(string call, int errno)
    : Exception($"{call}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})")
{
    /// <summary>EADDRINUSE.</summary>
    public const int AddressInUse = 98;

    /// <summary>EINTR.</summary>
    public const int Interrupted = 4;

    /// <summary>The errno.</summary>
    public int Errno { get; } = errno;
}
