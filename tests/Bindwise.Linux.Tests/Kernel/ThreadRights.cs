using System.Runtime.InteropServices;

namespace Bindwise.Linux.Tests.Kernel;

/// <summary>Takes rights from the calling thread alone; it should end soon after.</summary>
public static partial class ThreadRights
{
    /// <summary>capset(2): no capability is left.</summary>
    public static unsafe void DropCapabilities()
    {
        var header = stackalloc uint[] { 0x20080522, 0 };
        var sets = stackalloc uint[6];
        if (CapSetCore(header, sets) != 0)
            throw new InvalidOperationException("capset failed");
    }

    [LibraryImport("libc", EntryPoint = "capset", SetLastError = true)]
    private static unsafe partial int CapSetCore(uint* header, uint* sets);
}
