using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>close(2) of a bare descriptor: the walk over /proc opens one a process and wraps none.</summary>
internal static partial class CloseDescriptor
{
    /// <summary>Closes it. Files of /proc have nothing to write back, so a failure tells nothing.</summary>
    internal static void Close(int descriptor) => _ = CloseCore(descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseCore(int descriptor);
}
