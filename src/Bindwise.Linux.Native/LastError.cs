namespace Bindwise.Linux.Native;

/// <summary>How a call of the C library ended (errno(3)).</summary>
internal static class LastError
{
    /// <summary>The error of the call just made by a P/Invoke that keeps errno (SetLastError).</summary>
    internal static Errno Value => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>None for a result of 0 or more, else the error.</summary>
    internal static Errno Of(nint result) => result >= 0 ? Errno.None : Value;
}
