using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>A file descriptor of this process: closed exactly once, also when an exception passes by (close(2)).</summary>
internal sealed partial class SafeFileDescriptor : SafeHandle
{
    /// <summary>Takes over a descriptor; a negative number makes an invalid handle.</summary>
    internal SafeFileDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The number, for texts such as /proc/self/fd/N; the handle must stay open meanwhile.</summary>
    internal int Number => (int)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    /// <summary>Linux frees the number even when close() reports an error, so it is never called again.</summary>
    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
