namespace Bindwise.Linux.Native;

/// <summary>How a call of the C library ended (errno(3)).</summary>
internal static class LastError
{
    /// <summary>The error of the call just made by a P/Invoke that keeps errno (SetLastError).</summary>
    internal static Errno Value => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>None for a result of 0 or more, else the error.</summary>
    internal static Errno Of(nint result) => result >= 0 ? Errno.None : Value;

    /// <param name="descriptor">Owns the descriptor that the result is; invalid on failure.</param>
    internal static Errno Of(nint result, out SafeFileDescriptor descriptor)
    {
        var errno = Of(result);
        descriptor = new SafeFileDescriptor((int)result);
        return errno;
    }

    internal static Errno Of(nint result, out int count)
    {
        count = (int)nint.Max(result, 0);
        return Of(result);
    }
}
